// The frame around all views: header, navigation, the strip with the whole call, the view itself, the status line.

function buildFrame(app) {
  const main = el('main', { id: 'main', tabindex: '-1' });
  const toMain = button('Skip to the view', () => main.focus(), { class: 'skip' });
  const strip = buildStrip(app);
  add(document.body, [
    toMain, buildHeader(app), buildNavigation(app), strip.element, main, buildStatus(app),
    el('div', { id: 'toast', role: 'status', 'aria-live': 'polite' }),
  ]);
  app.redraw = () => {
    strip.draw();
    if (app.current && app.current.update) app.current.update(new Set(['theme']), app.state);
  };
  keepPrint(app);
  keepTheme(app, app.redraw);
  const show = () => showView(app, main);
  app.listen((changed, state) => {
    if (changed.has('view')) show();
    else if (app.current && app.current.update) app.current.update(changed, state);
  });
  show();
}

// Leaves the view that is shown and draws the other. A view that throws says so in its place; the others go on.
function showView(app, main) {
  if (app.current && app.current.close) app.current.close();
  const wanted = VIEWS.find(({ id }) => id === app.state.view) || VIEWS[0];
  const heading = el('h2', { id: 'view-title', class: 'hidden-visually' }, wanted.title);
  const root = el('section', { class: `view view-${wanted.id}`, 'aria-labelledby': 'view-title' }, heading);
  clear(main, root);
  main.scrollTop = 0;
  document.title = `${wanted.title} · ${app.head.source.name}`;
  try {
    app.current = wanted.render(root, app) || {};
  } catch (error) {
    app.current = {};
    console.error(error);
    add(root, el('p', { class: 'failure' }, `This view could not be drawn: ${error.message}`));
  }
}

function buildHeader(app) {
  const { source, verdict } = app.head;
  const bad = source.complete === false ? el('span', { class: 'tag warn', title: source.closing || '' }, 'incomplete') : null;
  const flags = (source.flags || []).map((flag) => el('span', { class: 'tag' }, flag));
  const title = el('div', { class: 'title' },
    el('h1', { title: source.name }, source.name.split(/[\\/]/).pop() || source.name),
    el('span', { class: 'tag' }, source.format || source.form),
    source.masked && el('span', { class: 'tag' }, 'masked'), bad, flags);
  return el('header', { class: 'top' },
    el('div', { class: `mark ${verdict.severity || 'good'}`, title: verdict.text }, severity(verdict.severity, '')),
    title, buildTools(app));
}

function buildTools(app) {
  const mode = button('', () => nextMode(app), { class: 'button mode', title: 'Times: UTC, local, since start, since mark', key: 't' });
  const previous = button('Previous finding', () => step(app, -1), { icon: 'left', key: 'p' });
  const next = button('Next finding', () => step(app, 1), { icon: 'right', key: 'n' });
  const place = el('button', { type: 'button', class: 'button count', title: 'List of findings (f)', onclick: () => app.go('verdict') });
  const write = () => {
    clear(mode, icon('clock'), el('span', { class: 'word' }, app.zone()));
    const { finding } = app.state;
    const count = app.data.findings.length;
    clear(place, finding < 0 ? [String(count), el('span', { class: 'word' }, count === 1 ? ' finding' : ' findings')] : `${finding + 1} / ${count}`);
  };
  write();
  app.listen((changed) => (changed.has('mode') || changed.has('mark') || changed.has('finding')) && write());
  return el('div', { class: 'tools', role: 'group', 'aria-label': 'Tools' },
    connectionPicker(app),
    el('span', { class: 'joined' }, previous, place, next),
    mode,
    el('span', { class: 'joined' },
      button('Copy as Markdown', () => copy(markdown(app), 'Markdown'), { icon: 'text', key: 'x' }),
      button('Copy a link', () => COMMANDS.find(({ id }) => id === 'link').run(app), { icon: 'link', key: 'y' }),
      button('Light or dark', () => nextTheme(app), { icon: 'theme', key: 'l' }),
      button('Keyboard', () => showHelp(app), { icon: 'keys', key: '?' })));
}

const PICKED_FROM_A_MENU = 200;

// A menu of the connections, or a list with a filter when there are very many.
function connectionPicker(app) {
  const { connections } = app.data;
  if (connections.length === 0) return null;
  if (connections.length <= PICKED_FROM_A_MENU) {
    const options = connections.map((_, index) => el('option', { value: String(index) }, app.nameOf(index)));
    const select = el('select', {
      'aria-label': 'Connection', title: 'Connection (c: next)', onchange: () => app.set({ pc: Number(select.value) }),
    }, options);
    select.value = String(app.state.pc);
    app.listen((changed) => changed.has('pc') && (select.value = String(app.state.pc)));
    return el('span', { class: 'select' }, select);
  }
  const shown = button(app.nameOf(app.state.pc), () => pickConnection(app), { title: 'Choose a connection' });
  app.listen((changed) => changed.has('pc') && clear(shown, app.nameOf(app.state.pc)));
  return shown;
}

function pickConnection(app) {
  const all = app.data.connections.map((_, index) => index);
  let shown = all;
  const rows = list({
    height: 32, count: shown.length, label: 'Connections',
    row: (at) => el('div', {}, button(app.nameOf(shown[at]), () => {
      app.set({ pc: shown[at] });
      dialog.close();
    }, { class: 'quiet wide' })),
  });
  const field = el('input', {
    type: 'search', 'aria-label': 'Filter by name', placeholder: 'Name', autofocus: true,
    oninput: () => {
      const wanted = field.value.toLowerCase();
      shown = all.filter((index) => app.nameOf(index).toLowerCase().includes(wanted));
      rows.refresh(shown.length);
    },
  });
  const dialog = showDialog('Connections', [field, el('div', { class: 'picker' }, rows.element)]);
}

function buildNavigation(app) {
  const tabs = VIEWS.map(({ key: name, id, title }) => el('button', {
    type: 'button', class: 'tab', 'data-view': id, title: `${title} (${name})`, onclick: () => app.go(id),
  }, el('span', { class: 'digit', 'aria-hidden': 'true' }, name), title));
  const write = () => tabs.forEach((tab) => {
    const isShown = tab.dataset.view === app.state.view;
    if (isShown) tab.setAttribute('aria-current', 'page');
    else tab.removeAttribute('aria-current');
    if (isShown && tab.scrollIntoView) tab.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  });
  write();
  app.listen((changed) => changed.has('view') && write());
  return el('nav', { 'aria-label': 'Views' }, tabs);
}

// The status line: cursor, states there, mark and interval, each with the button that undoes it.
function buildStatus(app) {
  const values = el('span', { class: 'values' });
  const marked = el('span', { class: 'marked' });
  const live = el('span', { class: 'hidden-visually', 'aria-live': 'polite' });
  let timer = 0;
  const write = () => {
    const { cursor, mark: at, interval, pc } = app.state;
    const time = cursor === null ? el('span', { class: 'faint' }, 'Click on the time axis to place the cursor')
      : el('span', {}, el('b', {}, app.time(cursor)), ' ',
        el('span', { class: 'faint' }, app.state.mode === 'start' ? ofDay(cursor) : relative(cursor - app.data.start)));
    clear(values, time, pc >= 0 && cursor !== null && statesAt(app, pc, cursor));
    clear(marked,
      at !== null && el('span', { class: 'chip' }, `mark ${app.time(at)}`,
        button('Remove the mark', () => app.set({ mark: null }), { icon: 'close', class: 'quiet' })),
      interval && el('span', { class: 'chip' }, `interval ${span(interval[1] - interval[0])}`,
        button('Zoom to the interval', () => toInterval(app), { icon: 'fit', class: 'quiet', key: 'z' }),
        button('Remove the interval', () => app.set({ interval: null }), { icon: 'close', class: 'quiet' })));
  };
  write();
  app.listen((changed) => {
    if (['cursor', 'mark', 'interval', 'pc', 'mode'].some((name) => changed.has(name))) write();
    if (!changed.has('cursor') || timer !== 0) return;
    timer = setTimeout(() => {
      timer = 0;
      live.textContent = [...[...values.children].map((one) => one.textContent), ...cursorWords(app)].join(', ');
    }, 500);
  });
  const buttons = [
    ['Cursor back by a poll', 'left', '←', () => stepCursor(app, -1)],
    ['Cursor on by a poll', 'right', '→', () => stepCursor(app, 1)],
    ['Set the mark', 'flag', 'm', () => mark(app)],
    ['Zoom out', 'minus', '−', () => app.zoom(1 / 0.6)],
    ['Zoom in', 'plus', '+', () => app.zoom(0.6)],
    ['Show all', 'fit', 'Home', () => whole(app)],
  ].map(([title, sign, name, run]) => button(title, run, { icon: sign, key: name, class: 'quiet' }));
  return el('footer', { class: 'status' }, values, marked, live, el('span', { class: 'axis-tools' }, buttons));
}

// What the lanes of the chosen connection say at the cursor, for those who cannot see them.
function cursorWords(app) {
  const connection = app.connection();
  if (!connection) return [];
  const time = app.now();
  const words = [];
  const at = lastAt((connection.path || []).map((one) => one.time), time);
  if (at >= 0) words.push(`path ${pathWords(connection.path[at])}`);
  for (const track of (connection.tracks || []).slice(0, TRACKS_SAID)) {
    const name = `${track.kind} ${track.direction === 'out' ? 'sent' : 'received'}`;
    const [index] = linesOf(app.data, track);
    const value = index === undefined ? null : app.data.drawnAt(index, time);
    if (value !== null) words.push(`${name} ${amount(value, lineOf(app.data, index).unit)}`);
    for (const one of (track.bands || []).filter(withinSpan(time))) words.push(`${name} ${(BAND_LOOK[one.kind] || { word: one.kind }).word}`);
  }
  return words;
}

const TRACKS_SAID = 8;
const STATE_TITLES = { signaling: 'signalling', ice: 'ICE', connection: 'connection', gathering: 'gathering' };

// The states of a connection at a time, as chips with words.
function statesAt(app, pc, time) {
  const connection = app.data.connections[pc];
  const parts = [el('span', { class: 'faint' }, app.nameOf(pc))];
  for (const name of ['signaling', 'ice', 'connection']) {
    const changes = connection.states[name] || [];
    const at = lastAt(changes.map(([when]) => when), time);
    if (at >= 0) parts.push(el('span', {}, `${STATE_TITLES[name]} `, el('b', {}, changes[at][1])));
  }
  return parts.map((part) => el('span', { class: 'state' }, part));
}
