// The lanes of the time line: which there are, in which order, how high. Nothing is drawn here.
//
// With few connections all lie open in the order of the call. With many, those that failed come first, then the others
// by duration, and each is one row until it is opened.

const LANE_HEIGHTS = { group: 28, head: 28, states: 52, path: 22, rounds: 22, track: 44, client: 40 };
const OPEN_AT_FIRST = 4;
const GROUPED_BEYOND = 12;

const FAILED = 'Failed';
const NEVER = 'Never connected';
const CONNECTED = 'Connected';

// What became of a connection.
function fateOf(connection) {
  const words = [...(connection.states.connection || []), ...(connection.states.ice || [])].map(([, word]) => word);
  if (words.includes('failed')) return FAILED;
  return words.includes('connected') || words.includes('completed') ? CONNECTED : NEVER;
}

// Indexes of connections in the order of the lanes, in groups {title, members}.
function groupsOf(data) {
  const all = data.connections.map((_, index) => index);
  if (all.length <= GROUPED_BEYOND) return [{ title: null, members: all }];
  const length = (index) => data.connections[index].end - data.connections[index].start;
  const groups = new Map([[FAILED, []], [NEVER, []], [CONNECTED, []]]);
  for (const index of all) groups.get(fateOf(data.connections[index])).push(index);
  return [...groups].filter(([, members]) => members.length > 0).map(([title, members]) => ({
    title, members: members.sort((one, other) => length(other) - length(one) || one - other),
  }));
}

class Lanes {
  constructor(app) {
    this.app = app;
    const { connections } = app.data;
    this.groups = groupsOf(app.data);
    const first = this.groups.flatMap(({ members }) => members).slice(0, connections.length > OPEN_AT_FIRST ? 1 : OPEN_AT_FIRST);
    this.open = new Set(connections.length > GROUPED_BEYOND ? [] : first);
    this.build();
  }

  build() {
    this.rows = [];
    this.height = 0;
    this.push('client', { pc: -1 });
    for (const { title, members } of this.groups) {
      if (title !== null) this.push('group', { pc: -1, title, count: members.length });
      for (const pc of members) this.pushConnection(pc);
    }
    this.tops = Float64Array.from(this.rows, ({ top }) => top);
  }

  push(kind, row) {
    const height = LANE_HEIGHTS[kind];
    this.rows.push({ kind, top: this.height, height, ...row });
    this.height += height;
  }

  pushConnection(pc) {
    const connection = this.app.data.connections[pc];
    this.push('head', { pc, isOpen: this.open.has(pc) });
    if (!this.open.has(pc)) return;
    this.push('states', { pc });
    if ((connection.path || []).length > 0) this.push('path', { pc });
    if ((connection.rounds || []).length > 0) this.push('rounds', { pc });
    const order = (track) => (track.direction === 'out' ? 0 : 2) + (track.kind === 'audio' ? 0 : 1);
    const tracks = [...(connection.tracks || [])].sort((one, other) => order(one) - order(other));
    tracks.forEach((track, index) => this.push('track', { pc, track, lines: linesOf(this.app.data, track), isFirst: index === 0 }));
  }

  toggle(pc, isOpen = !this.open.has(pc)) {
    if (isOpen) this.open.add(pc);
    else this.open.delete(pc);
    this.build();
  }

  // Opens or closes all, at most as many as somebody can look at.
  all(isOpen) {
    this.open = new Set(isOpen ? this.groups.flatMap(({ members }) => members).slice(0, 200) : []);
    this.build();
  }

  // The rows between two heights: [first, end).
  within(top, bottom) {
    const first = Math.max(0, lastAt(this.tops, top));
    let end = first;
    while (end < this.rows.length && this.rows[end].top < bottom) end += 1;
    return [first, end];
  }

  rowAt(y) {
    const row = this.rows[Math.max(0, lastAt(this.tops, y))];
    return row && y < row.top + row.height ? row : null;
  }
}

// What a track's lane draws: the first of these that it has, filled, and the second as a line.
const LANE_PROPERTIES = {
  audio: [/^audioLevel$/, /^(totalAudioEnergy|packetsReceived|bytesSent)$/],
  video: [/^framesPerSecond$/, /^(framesDecoded|framesSent|framesEncoded)$/, /^frameHeight$/],
};

function linesOf(data, track) {
  const meta = (index) => data.head.series[index];
  const layers = new Set((track.layers || []).map(({ report }) => report));
  for (const pattern of LANE_PROPERTIES[track.kind] || []) {
    const found = (track.series || []).filter((index) => pattern.test(meta(index).property) && meta(index).kind !== 'state');
    const own = found.filter((index) => layers.has(meta(index).report));
    if (own.length > 0) return own;
    if (found.length > 0) return found;
  }
  return [];
}

const DIRECTION_SIGNS = { out: '↑', in: '↓' };

// The words of a lane's label: [main, beside].
function laneWords(app, row) {
  const { data } = app;
  if (row.kind === 'client') return ['Client', 'page and devices'];
  if (row.kind === 'group') return [row.title, `${row.count}`];
  const connection = data.connections[row.pc];
  if (row.kind === 'head') return [app.nameOf(row.pc), span(connection.end - connection.start)];
  if (row.kind === 'path') return ['Path', ''];
  if (row.kind === 'rounds') return ['Negotiation', ''];
  const { track } = row;
  const unit = row.lines.length > 0 ? data.head.series[row.lines[0]] : null;
  const about = [track.codec, unit && (unit.property === 'audioLevel' ? 'level' : unitOf(unit.unit))].filter(Boolean).join(' · ');
  return [`${DIRECTION_SIGNS[track.direction] || ''} ${track.kind} ${track.mid === null || track.mid === undefined ? '' : `mid ${track.mid}`}`, about];
}
