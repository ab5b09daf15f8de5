// The commands that belong to no view. A view adds its own with `command`.

// Each view has its key; the digits are found here, so that a view only names its own.
function registerViews() {
  VIEWS.sort((one, other) => orderOf(one.key) - orderOf(other.key));
  for (const { key: name, id } of VIEWS) COMMANDS.push({ key: name, id: `view-${id}`, run: (app) => app.go(id), hidden: true });
}
const orderOf = (name) => (name === '0' ? 10 : Number(name));

function step(app, by) {
  const count = app.data.findings.length;
  if (count === 0) return say('No findings');
  const { finding } = app.state;
  const next = finding < 0 ? (by > 0 ? 0 : count - 1) : (finding + by + count) % count;
  const view = app.state.view === 'verdict' ? 'timeline' : app.state.view;
  app.select(next, { view });
  const found = app.data.findings[next];
  return say(`${next + 1} of ${count}: ${found.text}`);
}

// Moves the cursor to the next poll of the chosen connection; without polls, by a second.
function stepCursor(app, by) {
  const polls = app.state.pc < 0 ? [] : app.data.polls(app.state.pc);
  const now = app.now();
  const at = lastAt(polls, by > 0 ? now : now - 0.001);
  const time = polls.length === 0 ? now + by * 1000 : polls[by > 0 ? at + 1 : at];
  move(app, time === undefined ? (by > 0 ? app.data.end : app.data.start) : time);
}

function move(app, time) {
  app.point(time);
  app.reveal(app.state.cursor);
}

function stepEvent(app, by) {
  const events = app.data.events();
  const now = app.now();
  let at = by > 0 ? events.last(now) + 1 : lastAt(events.times, now - 0.001);
  while (at >= 0 && at < events.count && app.state.pc >= 0 && events.connections[at] !== app.state.pc) at += by;
  if (at < 0 || at >= events.count) return say('No further event of this connection');
  move(app, events.times[at]);
  return say(`${events.at(at).method}`);
}

function nextConnection(app) {
  const count = app.data.connections.length;
  if (count === 0) return say('No connections');
  app.set({ pc: (app.state.pc + 1) % count });
  return say(app.nameOf(app.state.pc));
}

function mark(app) {
  app.set({ mark: app.now() });
  say(`Marked ${app.time(app.now())}`);
}

function nextMode(app) {
  const at = MODES.indexOf(app.state.mode);
  let next = MODES[(at + 1) % MODES.length];
  if (next === 'mark' && app.state.mark === null) next = 'utc';
  app.set({ mode: next });
}

function back(app) {
  if (app.state.interval) app.set({ interval: null });
  else if (app.state.finding >= 0) app.set({ finding: -1 });
  else app.go('verdict');
}

const whole = (app) => {
  const { from, to } = app.whole();
  app.show(from, to);
};

function toInterval(app) {
  const { interval } = app.state;
  if (interval) app.show(...interval);
}

function nextTheme(app) {
  app.set({ theme: isDark(app) ? 'light' : 'dark' });
}

// The filter of the view that has one, else that of the events.
function filter(app) {
  if (!document.querySelector('[data-filter]')) {
    app.go('events');
    app.flush();
  }
  const field = document.querySelector('[data-filter]');
  if (field) field.focus();
}

for (const [keys, id, title, run, group] of [
  ['n', 'next-finding', 'next finding', (app) => step(app, 1), 'Findings'],
  ['p', 'previous-finding', 'previous finding', (app) => step(app, -1), 'Findings'],
  ['f', 'findings', 'the list of findings', (app) => app.go('verdict'), 'Findings'],
  ['x', 'markdown', 'copy as Markdown', (app) => copy(markdown(app), 'Markdown'), 'Findings'],
  ['ArrowLeft', 'cursor-back', 'cursor back by a poll', (app) => stepCursor(app, -1), 'Cursor'],
  ['ArrowRight', 'cursor-on', 'cursor on by a poll', (app) => stepCursor(app, 1), 'Cursor'],
  ['Shift+ArrowLeft', 'cursor-back-far', 'cursor back by 10 s', (app) => move(app, app.now() - 10_000), 'Cursor'],
  ['Shift+ArrowRight', 'cursor-on-far', 'cursor on by 10 s', (app) => move(app, app.now() + 10_000), 'Cursor'],
  ['[', 'previous-event', 'previous event of the connection', (app) => stepEvent(app, -1), 'Cursor'],
  [']', 'next-event', 'next event of the connection', (app) => stepEvent(app, 1), 'Cursor'],
  ['m', 'mark', 'set the mark at the cursor', mark, 'Cursor'],
  [['+', 'w', '='], 'zoom-in', 'zoom in', (app) => app.zoom(0.6), 'Time axis'],
  [['−', '-', 's'], 'zoom-out', 'zoom out', (app) => app.zoom(1 / 0.6), 'Time axis'],
  [',', 'pan-back', 'pan back', (app) => app.pan(-0.25), 'Time axis'],
  ['.', 'pan-on', 'pan on', (app) => app.pan(0.25), 'Time axis'],
  ['z', 'zoom-interval', 'zoom to the marked interval', toInterval, 'Time axis'],
  ['Home', 'whole', 'show all', whole, 'Time axis'],
  ['t', 'mode', 'times: UTC, local, since start, since mark', nextMode, 'Page'],
  ['c', 'next-connection', 'next connection', nextConnection, 'Page'],
  ['/', 'filter', 'filter', filter, 'Page'],
  ['y', 'link', 'copy a link to what is shown', (app) => copy(location.href.split('#')[0] + hashOf(app), 'Link'), 'Page'],
  ['l', 'theme', 'light or dark', nextTheme, 'Page'],
  ['?', 'help', 'this help', showHelp, 'Page'],
  ['Escape', 'back', 'back: interval, finding, verdict', back, 'Page'],
]) {
  command({ key: keys, id, title, run, group });
}
