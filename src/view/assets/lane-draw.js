// Draws lanes. Each function gets {pen, app, data, scale} and a row whose `y` is where it begins on the canvas.

const LANE_PAD = 3;

const DRAW_LANE = {
  client: drawClient,
  group() {},
  head: drawHead,
  states: drawStates,
  path: drawPath,
  rounds: drawRounds,
  track: drawTrack,
};

function drawLane(on, row, y) {
  const { pen, scale } = on;
  if (row.kind === 'head' || row.kind === 'group') {
    pen.fillStyle = COLORS.surface;
    pen.fillRect(0, y, scale.width, row.height);
  }
  if (row.pc >= 0 && row.kind !== 'head') drawGaps(on, row, y);
  DRAW_LANE[row.kind](on, row, y);
  pen.strokeStyle = COLORS.line;
  pen.beginPath();
  pen.moveTo(0, y + row.height - 0.5);
  pen.lineTo(scale.width, y + row.height - 0.5);
  pen.stroke();
}

// Stretches that have a word, those in sight only. Neighbours on one pixel become one.
function drawStretches(on, parts, y, height, look, word) {
  const { pen, scale } = on;
  pen.font = `11px ${COLORS.sans}`;
  let lastX = -1;
  for (const part of parts) {
    if (part.end < scale.from || part.start > scale.to) continue;
    const x = Math.max(-2, scale.x(part.start));
    const end = Math.min(scale.width + 2, scale.x(part.end));
    if (end <= lastX) continue;
    lastX = Math.max(end, x + 1);
    band(pen, x, y, end - x - 1, height, look(part));
    pen.fillStyle = COLORS.text;
    fitted(pen, word(part), Math.max(0, x) + 5, y + height / 2 + 0.5, end - Math.max(0, x) - 8);
  }
}

const stateLook = ({ value }) => STATE_LOOK[value] || 'off';
const stateWord = ({ value }) => value;

// Strips of states do not change, so they are made once.
const STRETCHES = new WeakMap();
function stretchesOf(connection, name) {
  let kept = STRETCHES.get(connection);
  if (!kept) STRETCHES.set(connection, (kept = {}));
  kept[name] ||= stretches(connection.states[name] || [], connection.end);
  return kept[name];
}

// A closed connection is one strip; an open one shows how long it was there.
function drawHead(on, row, y) {
  const { pen, scale, data } = on;
  const connection = data.connections[row.pc];
  if (row.isOpen) {
    const x = scale.x(connection.start);
    pen.fillStyle = COLORS['line-strong'];
    pen.fillRect(x, y + row.height / 2 - 1, scale.x(connection.end) - x, 2);
    pen.fillRect(x, y + row.height / 2 - 5, 2, 10);
    pen.fillRect(scale.x(connection.end) - 2, y + row.height / 2 - 5, 2, 10);
    return;
  }
  const name = (connection.states.connection || []).length > 0 ? 'connection' : 'ice';
  drawStretches(on, stretchesOf(connection, name), y + 5, row.height - 10, stateLook, stateWord);
}

function drawStates(on, row, y) {
  const connection = on.data.connections[row.pc];
  ['signaling', 'ice', 'connection'].forEach((name, index) => {
    drawStretches(on, stretchesOf(connection, name), y + LANE_PAD + index * 16, 14, stateLook, stateWord);
  });
}

// "relay/tls → srflx · udp · wifi"
function pathWords({ local, remote, protocol, relay, network }) {
  const own = relay ? `${local}/${relay}` : local;
  return [`${own} → ${remote}`, protocol, network].filter(Boolean).join(' · ');
}

function drawPath(on, row, y) {
  const connection = on.data.connections[row.pc];
  const parts = stretches(connection.path.map((one) => [one.time, one]), connection.end);
  const look = ({ value }) => (value.local === 'relay' || value.remote === 'relay' ? { color: 'band-wait', hatch: 'wide' } : 'good');
  drawStretches(on, parts, y + LANE_PAD, row.height - 2 * LANE_PAD, look, ({ value }) => pathWords(value));
}

function drawRounds(on, row, y) {
  const { pen, scale, data } = on;
  const rounds = data.connections[row.pc].rounds;
  pen.font = `11px ${COLORS.sans}`;
  let free = -1;
  rounds.forEach((round, index) => {
    const x = scale.x(round.start);
    const end = scale.x(round.end === null || round.end === undefined ? round.start : round.end);
    if (end < -200 || x > scale.width) return;
    const next = index + 1 < rounds.length ? scale.x(rounds[index + 1].start) : scale.width;
    if (end < free - 1) return;
    free = Math.max(end, x + 3);
    band(pen, x, y + LANE_PAD, Math.max(3, end - x), row.height - 2 * LANE_PAD,
      { color: round.by === 'remote' ? 's1' : 's0', hatch: round.by === 'remote' ? 'left' : null });
    pen.fillStyle = COLORS.text;
    const left = Math.max(0, Math.max(x + 3, end)) + 4;
    fitted(pen, `${round.number} ${round.by === 'remote' ? 'by the far side' : 'by us'}${round.trigger ? `: ${round.trigger}` : ''}`,
      left, y + row.height / 2 + 0.5, Math.min(next, scale.width) - left - 6);
  });
}

// Filled under the highest of each pixel, with a line on top; bands with their words lie at the lower edge.
function drawTrack(on, row, y) {
  const { pen, scale, data } = on;
  const top = y + LANE_PAD + 1;
  const low = y + row.height - LANE_PAD - 1;
  row.lines.slice(0, 4).forEach((index, at) => {
    const range = rangeOf(data, index);
    if (!range || range.max <= 0) return;
    const color = COLORS[row.track.kind === 'audio' ? 's2' : ['s0', 's4', 's3', 's6'][at]];
    drawArea(pen, data, index, scale, { top, low, max: range.max, color, isFilled: at === 0 });
  });
  const bands = row.track.bands || [];
  drawStretches(on, bands, low - 13, 14, ({ kind }) => BAND_LOOK[kind] || { color: 'muted', hatch: 'wide' }, () => '');
  // The words stand on a ground of their own: hatching would make them hard to read.
  pen.font = `600 10px ${COLORS.sans}`;
  for (const one of bands) {
    if (one.end < scale.from || one.start > scale.to) continue;
    const word = (BAND_LOOK[one.kind] || { word: one.kind }).word;
    const x = Math.max(2, scale.x(one.start) + 2);
    const wide = textWidth(pen, word) + 8;
    if (scale.x(one.end) - x < wide + 2) continue;
    pen.fillStyle = COLORS.ground;
    pen.fillRect(x, low - 12, wide, 12);
    pen.fillStyle = COLORS.text;
    pen.fillText(word, x + 4, low - 5.5);
  }
}

function drawArea(pen, data, index, scale, { top, low, max, color, isFilled }) {
  const part = stretchOf(data, index, scale.from, scale.to, scale.width);
  if (!part) return;
  const gap = gapOf(data, lineOf(data, index).meta.connection) * Math.max(1, part.step / 2);
  const y = (value) => low - (Math.max(0, value) / max) * (low - top);
  const area = new Path2D();
  const line = new Path2D();
  let begin = NaN;
  const close = (x) => {
    if (Number.isNaN(begin)) return;
    area.lineTo(x, low);
    area.lineTo(begin, low);
    begin = NaN;
  };
  let before = NaN;
  for (let at = 0; at < part.times.length; at += 1) {
    const value = part.high[at];
    const x = scale.x(part.times[at]);
    if (Number.isNaN(value) || part.times[at] - part.times[at - 1] > gap) close(before);
    if (Number.isNaN(value)) continue;
    if (Number.isNaN(begin)) {
      begin = x;
      area.moveTo(x, low);
      line.moveTo(x, y(value));
    }
    area.lineTo(x, y(value));
    line.lineTo(x, y(value));
    before = x;
  }
  close(before);
  pen.globalAlpha = isFilled ? 0.28 : 0.14;
  pen.fillStyle = color;
  pen.fill(area);
  pen.globalAlpha = 1;
  pen.strokeStyle = color;
  pen.stroke(line);
}

function drawGaps(on, row, y) {
  const { pen, scale, data } = on;
  for (const [begin, end] of data.connections[row.pc].gaps || []) {
    if (end < scale.from || begin > scale.to) continue;
    const x = scale.x(begin);
    const width = scale.x(end) - x;
    if (width < 2) continue;
    pen.fillStyle = hatching(pen, 'right', COLORS['line-strong']);
    pen.fillRect(x, y, width, row.height - 1);
    if (!row.isFirst) continue;
    pen.font = `10px ${COLORS.sans}`;
    const word = [`no statistics for ${span(end - begin)}`, `gap ${span(end - begin)}`].find((one) => textWidth(pen, one) + 8 <= width);
    if (!word) continue;
    const wide = textWidth(pen, word) + 8;
    pen.fillStyle = COLORS.ground;
    pen.fillRect(x + (width - wide) / 2, y + 15, wide, 14);
    pen.fillStyle = COLORS.muted;
    pen.fillText(word, x + (width - wide) / 2 + 4, y + 22.5);
  }
}

const CLIENT_LOOK = {
  gum: { color: 's0', hatch: null, word: 'devices asked for' },
  device: { color: 's3', hatch: null, word: 'devices' },
  pressure: { color: 's1', hatch: 'right', word: 'pressure' },
  hidden: { color: 'muted', hatch: 'wide', word: 'hidden' },
  custom: { color: 's7', hatch: null, word: 'of the page' },
  screen: { color: 's4', hatch: null, word: 'screen' },
  reload: { color: 's5', hatch: 'cross', word: 'reload' },
};

// The client's calls in order of time, those that last apart: {lasting, points}, each with the longest of them.
function callsOf(data) {
  if (data.kept.calls) return data.kept.calls;
  const all = [...((data.head.client && data.head.client.calls) || [])].sort((one, other) => one.time - other.time);
  const lasts = (call) => Number.isFinite(call.end) && call.end > call.time;
  const lasting = all.filter(lasts);
  data.kept.calls = { lasting, points: all.filter((call) => !lasts(call)), longest: Math.max(0, ...lasting.slice(0, 5000).map((call) => call.end - call.time)) };
  return data.kept.calls;
}

// What lasts stands in the upper row, what happened at one time in the lower one, with words where there is room.
function drawClient(on, row, y) {
  const { pen, scale, data } = on;
  const { lasting, points, longest } = callsOf(data);
  pen.font = `11px ${COLORS.sans}`;
  drawCalls(on, lasting, { top: y + 4, from: scale.from - longest, lasts: true });
  drawCalls(on, points, { top: y + 21, from: scale.from - 300 / scale.factor, lasts: false });
}

function drawCalls({ pen, scale }, calls, { top, from, lasts }) {
  let free = -1e9;
  for (let at = Math.max(0, firstAfter(calls, from)); at < calls.length && calls[at].time <= scale.to; at += 1) {
    const call = calls[at];
    const x = scale.x(call.time);
    const right = lasts ? Math.max(scale.x(call.end), x + 3) : x + 5;
    if (right < free) continue;
    drawCall(pen, { call, lasts, x, right }, top);
    free = x + 2;
    const next = at + 1 < calls.length ? scale.x(calls[at + 1].time) - 8 : scale.width;
    const left = Math.max(0, right) + 4;
    pen.fillStyle = COLORS.text;
    fitted(pen, `${call.text}${call.failed ? ' (failed)' : ''}`, left, top + 7.5, Math.min(260, next - left));
  }
}

// The index of the first call after a time.
function firstAfter(calls, time) {
  let low = 0;
  let high = calls.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (calls[middle].time < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

function drawCall(pen, { call, lasts, x, right }, top) {
  const look = call.failed ? { color: 'critical', hatch: 'cross' } : CLIENT_LOOK[call.kind] || CLIENT_LOOK.custom;
  if (lasts) return band(pen, x, top + 2, right - x, 10, look);
  pen.fillStyle = COLORS[look.color];
  pen.beginPath();
  for (const [dx, dy] of [[0, 2], [5, 7], [0, 12], [-5, 7]]) pen.lineTo(x + dx, top + dy);
  return pen.fill();
}
