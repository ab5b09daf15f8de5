// What all views share: the data, one clock, one cursor, what is selected, and the hash that holds it.
//
// State is changed by `app.set` only. Whoever listens is told once per drawn frame, with the names that have changed.

const VIEWS = [];

// How a view joins in: view({key: '1', id: 'verdict', title: 'Verdict', render(root, app)}). See README.md.
function view(definition) {
  VIEWS.push(definition);
}

const EMPTY = {
  view: 'verdict',
  // The index of the chosen connection, or -1 when there is none.
  pc: 0,
  // A time, or null while nobody has pointed anywhere.
  cursor: null,
  // What the time axis shows.
  from: 0,
  to: 1,
  // A marked interval [from, to], or null.
  interval: null,
  // The mark of `m`, or null.
  mark: null,
  // The index of the selected finding, or -1.
  finding: -1,
  // The filter's text and what else a view wants to keep in the hash, one text each.
  query: '',
  pick: '',
  mode: 'utc',
  theme: 'auto',
  // Whether single keys are shortcuts.
  keys: true,
  // How far the second dump's clock is moved, in ms; null: as found out by the program.
  shift: null,
};

class App {
  constructor(data, other) {
    this.data = data;
    this.other = other || null;
    this.head = data.head;
    this.state = { ...EMPTY, ...this.whole() };
    this.listeners = new Set();
    this.changed = new Set();
    this.commands = [];
    this.isWaiting = false;
  }

  whole() {
    const edge = Math.max(50, (this.data.end - this.data.start) * 0.01);
    return { from: this.data.start - edge, to: this.data.end + edge, pc: this.data.connections.length > 0 ? 0 : -1 };
  }

  set(changes) {
    for (const [name, value] of Object.entries(changes)) {
      if (this.state[name] === value) continue;
      this.state[name] = value;
      this.changed.add(name);
    }
    if (this.changed.size === 0 || this.isWaiting) return;
    this.isWaiting = true;
    requestAnimationFrame(() => this.flush());
  }

  // The data have become finer: whatever is drawn of them is drawn again.
  refresh() {
    this.changed.add('theme').add('cursor');
    this.set({});
  }

  // Tells the listeners at once what has changed so far.
  flush() {
    this.isWaiting = false;
    if (this.changed.size === 0) return;
    const changed = this.changed;
    this.changed = new Set();
    for (const listener of [...this.listeners]) listener(changed, this.state);
  }

  // `listener(changed, state)`, where `changed` is a Set of names of the state. Gives what ends it.
  listen(listener) {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  go(id, changes = {}) {
    this.set({ view: id, ...changes });
  }

  // A time as text, in the chosen mode. The unit and the zone stand in the footer and the axis.
  time(time, digits = 3) {
    const { mode, mark } = this.state;
    if (mode === 'start') return relative(time - this.data.start, digits);
    if (mode === 'mark' && mark !== null) return relative(time - mark, digits);
    return ofDay(time, mode === 'local', digits);
  }

  // "UTC", "UTC+02:00", "since start" or "since mark".
  zone() {
    const { mode, mark } = this.state;
    if (mode === 'start') return MODE_TITLES.start;
    if (mode === 'mark' && mark !== null) return MODE_TITLES.mark;
    return zone(mode === 'local', this.data.start);
  }

  // The time that "at the cursor" means, also before anybody has pointed anywhere.
  now() {
    return this.state.cursor === null ? this.data.end : this.state.cursor;
  }

  point(time) {
    this.set({ cursor: Math.min(this.data.end, Math.max(this.data.start, time)) });
  }

  // Shows `from` to `to`, at least 10 ms and at most a little more than the whole.
  show(from, to) {
    const whole = this.whole();
    const width = Math.min(Math.max(10, to - from), whole.to - whole.from);
    const begin = Math.min(Math.max(whole.from, from), whole.to - width);
    this.set({ from: begin, to: begin + width });
  }

  zoom(factor, at) {
    const { from, to, cursor } = this.state;
    const isIn = cursor !== null && cursor >= from && cursor <= to;
    const center = at === undefined ? (isIn ? cursor : (from + to) / 2) : at;
    this.show(center - (center - from) * factor, center + (to - center) * factor);
  }

  pan(share) {
    const { from, to } = this.state;
    this.show(from + (to - from) * share, to + (to - from) * share);
  }

  // Brings `time` into what the axis shows.
  reveal(time) {
    const { from, to } = this.state;
    if (time < from || time > to) this.show(time - (to - from) / 2, time + (to - from) / 2);
  }

  finding() {
    return this.data.findings[this.state.finding] || null;
  }

  // Selects a finding, puts the cursor at its begin and shows some time around it.
  select(index, changes = {}) {
    const found = this.data.findings[index];
    if (!found) return this.set({ finding: -1 });
    const end = found.end === null || found.end === undefined ? found.start : found.end;
    const edge = Math.max(5000, (end - found.start) * 0.25);
    this.show(found.start - edge, end + edge);
    this.point(found.start);
    const pc = this.connectionOf(found);
    return this.set({ finding: index, ...(pc >= 0 && { pc }), ...changes });
  }

  // The index of the connection that a finding is about, or -1.
  connectionOf(found) {
    if (Number.isInteger(found.connection_index)) return found.connection_index;
    return this.data.connections.findIndex((connection) => connection.name === found.connection);
  }

  connection() {
    return this.data.connections[this.state.pc] || null;
  }

  // A connection is named by its number where several have one name.
  nameOf(index) {
    const connection = this.data.connections[index];
    if (!connection) return 'client';
    this.names ||= this.data.connections.reduce((map, { name }) => map.set(name, (map.get(name) || 0) + 1), new Map());
    return this.names.get(connection.name) > 1 ? `${connection.name} #${index + 1}` : connection.name;
  }
}

// command({key: 'x', id: 'markdown', title: 'copy as Markdown', run(app), group: 'Findings'}): a shortcut of one key
// and the line about it in the help. Every command also has a button somewhere.
const COMMANDS = [];
function command(definition) {
  COMMANDS.push(definition);
}
