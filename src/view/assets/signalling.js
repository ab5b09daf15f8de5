// View 4: the ladder of signalling between page, browser and far side, with delays, rounds and what set them off, and
// the difference of any two entries.

const LADDER_COLUMNS = [
  { title: 'Time', kind: 'time' }, { title: 'After', kind: 'number' },
  { kind: 'rungs', head: () => el('span', { class: 'lane-names' }, ['Page', 'Browser', 'Far side'].map((name) => [el('span', {}, name), ' '])) }, { title: 'What' }, { title: 'Took', kind: 'number' },
];

view({
  key: '4',
  id: 'signalling',
  title: 'Signalling',
  render(root, app) {
    root.classList.add('fill');
    const body = el('div', { class: 'filled' });
    root.append(body);
    let ladder = null;
    app.compareMarked = () => ladder?.compare();
    return redrawing([[['pc', 'mode'], () => {
      ladder = signallingPage(app, body);
    }]], { markdown: () => ladder && ladderMarkdown(app, ladder.entries) });
  },
});

command({ key: 'd', id: 'diff', title: 'compare the two marked entries of the ladder', group: 'Signalling',
  run: (app) => (app.state.view === 'signalling' ? app.compareMarked?.() : app.go('signalling')) });

function signallingPage(app, root) {
  const { connections } = app.data;
  if (connections.length === 0) {
    clear(root, absent('The page made no peer connection, so there was nothing to negotiate.'));
    return null;
  }
  const connection = app.connection();
  const entries = withRounds(ladderRows(app, app.state.pc), connection.rounds || []);
  if (entries.length === 0) {
    clear(root, absent(`Nothing but statistics was recorded of ${named(app, app.state.pc)}.`));
    return null;
  }
  const marks = [];
  const compareButton = button('Compare the marked two', () => compare(), { key: 'd' });
  const told = el('span', { class: 'faint', role: 'status' });
  const tellMarks = () => {
    compareButton.disabled = marks.length < 2;
    clear(told, marks.length === 0 ? 'Open an entry and mark it to compare it with another.' : `${plural(marks.length, 'entry', 'entries')} marked`);
  };
  const compare = () => (marks.length === 2 ? showDifference(app, ...[...marks].sort((a, b) => a - b).map((at) => entries[at].row))
    : say('Mark two entries first'));
  const toggle = (at) => {
    const known = marks.indexOf(at);
    if (known >= 0) marks.splice(known, 1);
    else marks.push(at);
    if (marks.length > 2) marks.shift();
    tellMarks();
    long.redraw();
  };
  const long = new LongTable({
    name: 'ladder',
    caption: `Signalling of ${named(app, app.state.pc)}`,
    columns: LADDER_COLUMNS,
    heading: (at) => entries[at].round && roundHeading(app, connection.rounds, entries[at].round),
    cells: (at) => ladderCells(app, entries[at]),
    mark: (at) => [entries[at].isIn && 'in-round', entries[at].row?.failed && 'failed', marks.includes(at) && 'to-compare'].filter(Boolean).join(' '),
    detail: (at) => ladderDetail(app, entries[at].row, marks.includes(at), () => toggle(at)),
    chosen: (at) => entries[at].row && app.point(entries[at].row.time),
  });
  tellMarks();
  const rounds = connection.rounds || [];
  clear(root,
    el('div', { class: 'toolbar' },
      el('span', {}, rounds.length === 0 ? 'No round of negotiation' : plural(rounds.length, 'round'), rounds.length > 1 && roundJumps(entries, long)),
      compareButton, told),
    el('p', { class: 'notes' }, 'The far side is seen through the page only: times are those at which the page handed something over or in.'),
    long.root);
  long.setCount(entries.length);
  return { compare, entries };
}

function roundJumps(entries, long) {
  const starts = entries.flatMap((entry, at) => (entry.round ? [[entry.round.number, at]] : []));
  const few = starts.slice(0, 12);
  return [', go to ', ...few.flatMap(([number, at]) => [button(String(number), () => long.lead(at), { class: 'link', title: `Go to round ${number}` }), ' '])];
}

function roundHeading(app, rounds, round) {
  return el('span', { class: 'heading-line' }, el('span', { class: 'round' }, roundTitle(round, isRestart(app, rounds, round))),
    Number.isInteger(round.offer) && Number.isInteger(round.answer) && button('offer ↔ answer',
      () => app.go('sdp', { pick: `sdp-offer-answer-${round.offer}-${round.answer}` }), { class: 'link', title: 'Show the descriptions of this round' }));
}

function ladderCells(app, { row, before }) {
  return [
    app.time(row.time),
    before === null ? '' : before < 1 ? '0' : `+${span(before)}`,
    [rung(row), el('span', { class: 'hidden-visually' }, RUNGS[row.arrow].words)],
    whatCell(app, row),
    row.failed ? el('span', { class: 'bad' }, 'failed') : row.end === null ? '' : span(row.end - row.time),
  ];
}

function whatCell(app, row) {
  const { method, value, events, failed } = row;
  if (CANDIDATE_METHODS.has(method) && events.length > 1) {
    return [el('code', {}, brief(method)), ` ${candidatesText(app, row)}`];
  }
  const short = failed ? `${shortened(value, 60)} ${failed}` : descriptionText(app, row) ?? valueText(method, value);
  return [el('code', {}, shortened(method, 80)), ' ', el('span', { class: failed ? 'bad' : 'faint' }, shortened(short, 160))];
}

// A description is told by its kind and its sections, not by its first bytes.
function descriptionText(app, row) {
  const found = descriptionAt(app, row.events);
  if (!found) return null;
  const sections = sectionsOf(app.head.sdp.texts[found.text] || '').slice(1).map(({ title }) => title);
  const counts = new Map();
  for (const title of sections) counts.set(title, (counts.get(title) || 0) + 1);
  const kinds = [...counts].map(([title, count]) => (count > 1 ? `${count} ${title}` : title));
  return `${brief(found.type)}${kinds.length > 0 ? `: ${listed(kinds)}` : ''}`;
}

function descriptionAt(app, events) {
  app.descriptionsByEvent ??= new Map((app.head.sdp?.descriptions || []).map((one) => [one.event, one]));
  return events.map((index) => app.descriptionsByEvent.get(index)).findLast(Boolean);
}

function candidatesText(app, { events, method }) {
  const counts = new Map();
  const all = app.data.events();
  for (const index of events) {
    const { method: name, value } = all.at(index);
    if (name !== method) continue;
    const kind = / typ (\S+?)["\s]/.exec(`${value} `)?.[1] ?? 'end of candidates';
    counts.set(kind, (counts.get(kind) || 0) + 1);
  }
  return listed([...counts].map(([kind, count]) => (count > 1 ? `${count} × ${kind}` : kind)));
}

function ladderDetail(app, row, isMarked, toggle) {
  const all = app.data.events();
  const found = descriptionAt(app, row.events);
  const buttons = el('div', { class: 'detail-buttons' },
    button(isMarked ? 'Marked' : 'Mark to compare', toggle, { pressed: isMarked, icon: 'flag', withLabel: true }),
    button('Time line', () => showTime(app, row.time)),
    button('Events', () => showTime(app, row.time, 'events')),
    button('Copy', () => copy(entryText(app, row), 'Entry')));
  if (found) return [buttons, el('pre', {}, shortened(app.head.sdp.texts[found.text] || '', DETAIL_CHARS))];
  const lines = row.events.slice(0, 200).map((index) => {
    const { time, method, value } = all.at(index);
    return [el('b', {}, `${app.time(time)} ${method}`), ` ${pretty(value)}\n`];
  });
  return [buttons, el('pre', {}, lines)];
}

function entryText(app, row) {
  const found = descriptionAt(app, row.events);
  if (found) return app.head.sdp.texts[found.text] || '';
  const all = app.data.events();
  return row.events.map((index) => `${all.at(index).method}\n${pretty(all.at(index).value)}`).join('\n');
}

// JSON on several lines; what is none stays as it is.
function pretty(value) {
  if (!/^[[{]/.test(value)) return shortened(value, DETAIL_CHARS);
  try {
    return shortened(JSON.stringify(JSON.parse(value), null, 2), DETAIL_CHARS);
  } catch {
    return shortened(value, DETAIL_CHARS);
  }
}

function showDifference(app, one, other) {
  const [left, right] = [one, other].map((row) => entryText(app, row).split(/\r\n|\r|\n/).filter((line) => line !== ''));
  const operations = operationsOf(left, right);
  const rows = diffRows(right, operations);
  const isEqual = rows.every(({ kind }) => kind === 'same');
  const title = (row) => `${row.method} ${app.time(row.time)}`;
  const table_ = diffTable(rows, { caption: 'Difference of two entries', left: title(one), right: title(other) });
  showDialog('Difference', [isEqual && el('p', {}, icon('good'), ' The two are equal.'), table_]);
}
