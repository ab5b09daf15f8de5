// View 7: every event as a row. Choosing a row moves the cursor; the row of the cursor is marked.

const EVENT_COLUMNS = [
  { title: 'Time', kind: 'time' }, { title: 'Connection', kind: 'connection' }, { title: 'Method', kind: 'code' },
  { title: 'Took', kind: 'number' }, { title: 'Value', kind: 'value' },
];
const FILTER_DELAY_MS = 120;

view({
  key: '7',
  id: 'events',
  title: 'Events',
  render(root, app) {
    const events = app.data.events();
    if (events.count === 0) {
      const ended = closingText(app.head.source);
      root.append(absent('The dump holds no events.', ended && ` It is ${ended}.`));
      return {};
    }
    root.classList.add('fill');
    return eventsPage(app, root, events);
  },
});

function eventsPage(app, root, events) {
  let shown = new Int32Array(0);
  const told = el('span', { class: 'faint', role: 'status' });
  const trouble = el('p', { class: 'bad', role: 'alert', hidden: true });
  const long = new LongTable({
    name: 'events',
    caption: 'All events',
    columns: EVENT_COLUMNS,
    cells: (at) => eventCells(app, events, shown[at]),
    mark: (at) => eventMark(events.methods[events.methodOf[shown[at]]]),
    detail: (at) => eventDetail(app, events, shown[at]),
    chosen: (at) => chooseEvent(app, events, shown[at]),
  });
  const field = el('input', {
    type: 'search', class: 'filter', 'data-filter': true, 'aria-label': 'Filter of the events', spellcheck: 'false', autocomplete: 'off',
    placeholder: 'Filter, e.g. pc:PC_1 method:*Failure text:"typ relay" after:12:03',
  });
  field.value = app.state.query;
  let timer = 0;
  field.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(() => app.set({ query: field.value }), FILTER_DELAY_MS);
  });
  const apply = () => {
    if (field.value !== app.state.query && document.activeElement !== field) field.value = app.state.query;
    const { test, trouble: problems } = eventFilter(app, app.state.query);
    shown = Int32Array.from({ length: events.count }, (_, index) => index).filter(test);
    trouble.hidden = problems.length === 0;
    clear(trouble, problems.join('; '));
    clear(told, shown.length === events.count ? plural(events.count, 'event') : `${digits(shown.length)} of ${plural(events.count, 'event')}`);
    long.setCount(shown.length);
    follow();
  };
  const follow = () => app.state.cursor !== null && long.point(lastAt(shownTimes(events, shown), app.state.cursor));
  root.append(el('div', { class: 'filled' },
    el('div', { class: 'toolbar' }, field, quickFilters(app), told), trouble,
    omittedPart(app.head.events),
    long.root));
  return redrawing([[['query'], apply], [['mode'], () => long.redraw()], [['cursor'], follow]], { markdown: () => eventsMarkdown(app, events, shown) });
}

function omittedPart({ omitted = 0, calls_omitted: calls = 0 }) {
  if (omitted === 0) return null;
  const rest = calls > 0 ? `${plural(calls, 'call, failure or state', 'calls, failures and states')} of them` : 'calls, failures and states are all here';
  return el('p', { class: 'notes' }, `${plural(omitted, 'further event')} left out to keep the page small: ${rest}.`);
}

// The times of the rows, for the search of the cursor; made when asked for.
function shownTimes(events, shown) {
  if (shown.length === events.count) return events.times;
  return Float64Array.from(shown, (index) => events.times[index]);
}

const QUICK_FILTERS = [['Failures', 'method:*Failure'], ['States', 'method:*statechange'], ['No statistics', '-method:getStats']];

function quickFilters(app) {
  const tokens = () => app.state.query.trim();
  const toggle = (token) => {
    const has = ` ${tokens()} `.includes(` ${token} `);
    app.set({ query: has ? ` ${tokens()} `.replace(` ${token} `, ' ').trim() : `${tokens()} ${token}`.trim() });
  };
  return el('div', { class: 'quick' }, QUICK_FILTERS.map(([title, token]) => button(title, () => toggle(token), { class: 'quiet', title: token })));
}

function eventCells(app, events, index) {
  const { time, connection, method, value, duration } = events.at(index);
  return [
    app.time(time),
    connection < 0 ? el('span', { class: 'faint' }, 'client') : named(app, connection),
    methodCell(method),
    Number.isFinite(duration) ? span(duration) : '',
    value === '' ? el('span', { class: 'faint' }, '–') : shortened(valueText(method, value), 300),
  ];
}

// A failure is told by a sign besides its colour.
function methodCell(method) {
  return eventMark(method) === 'failed' ? [icon('warning'), ' ', shortened(method, 80)] : shortened(method, 80);
}

function eventMark(method) {
  if (/OnFailure$|error$/i.test(method)) return 'failed';
  if (/statechange$/.test(method)) return 'state';
  return method === 'getStats' ? 'statistics' : '';
}

function chooseEvent(app, events, index) {
  const connection = events.connections[index];
  app.set({ cursor: events.times[index], ...(connection >= 0 && { pc: connection }) });
}

function eventDetail(app, events, index) {
  const { time, connection, method, value } = events.at(index);
  app.descriptionsByEvent ??= new Map((app.head.sdp?.descriptions || []).map((one) => [one.event, one]));
  const found = app.descriptionsByEvent.get(index);
  const text = found ? app.head.sdp.texts[found.text] || '' : pretty(value);
  return [el('div', { class: 'detail-buttons' },
    button('Time line', () => showTime(app, time)),
    connection >= 0 && button('Values then', () => (app.set({ cursor: time, pc: connection }), app.go('values'))),
    found && button('SDP', () => app.go('sdp', { pc: connection })),
    button('Only this method', () => app.set({ query: `method:${method}` })),
    connection >= 0 && button('Only this connection', () => app.set({ query: `pc:${filterWord(app.nameOf(connection))}` })),
    button('Copy', () => copy(text, 'Value'))),
  el('pre', {}, text === '' ? 'no value' : text)];
}

const filterWord = (text) => (/\s/.test(text) ? `"${text}"` : text);
