// The rows of the signalling ladder: calls joined with how they ended, runs of candidates joined to one, and a heading
// per round of negotiation. Statistics are left out.

const CANDIDATE_METHODS = new Set(['onicecandidate', 'addIceCandidate']);
const CONTACT_STATES = new Set(['connected', 'completed', 'disconnected', 'failed']);

// Where an entry begins and ends: 0 page, 1 browser, 2 far side.
const RUNGS = {
  call: { from: 0, to: 1, words: 'page to browser' },
  told: { from: 1, to: 0, words: 'browser to page' },
  outward: { from: 1, to: 2, words: 'browser by way of the page to the far side' },
  inward: { from: 2, to: 1, words: 'far side by way of the page to the browser' },
  contact: { from: 1, to: 2, words: 'browser and far side' },
};

function arrowOf(method, value) {
  if (method === 'setRemoteDescription' || method === 'addIceCandidate') return 'inward';
  if (method === 'setLocalDescription' || method === 'onicecandidate') return 'outward';
  if (/^on(iceconnection|connection)statechange$/.test(method)) return CONTACT_STATES.has(value) ? 'contact' : 'told';
  return /^(on|transceiver)/.test(method) ? 'told' : 'call';
}

// Rows {arrow, method, value, time, end, failed, events: [indexes]}, in the order in which they began.
function ladderRows(app, pc) {
  const events = app.data.events();
  const rows = [];
  const open = new Map();
  let run = null;
  for (let index = 0; index < events.count; index += 1) {
    if (events.connections[index] !== pc) continue;
    const { method, value, time } = events.at(index);
    if (method === 'getStats') continue;
    const ended = /^(.+)On(Success|Failure)$/.exec(method);
    const call = ended && open.get(ended[1])?.shift();
    if (call) {
      finish(call, index, time, ended[2] === 'Failure' ? value : null);
      continue;
    }
    if (run && run.method === method && CANDIDATE_METHODS.has(method)) {
      run.events.push(index);
      run.last = time;
      await_(open, method, run);
      continue;
    }
    const row = { arrow: arrowOf(method, value), method, value, time, end: null, failed: null, events: [index], last: time };
    rows.push(row);
    run = CANDIDATE_METHODS.has(method) ? row : null;
    if (row.arrow !== 'told' && row.arrow !== 'contact') await_(open, method, row);
  }
  return rows;
}

function await_(open, method, row) {
  if (!open.has(method)) open.set(method, []);
  open.get(method).push(row);
}

function finish(call, index, time, failure) {
  call.end = time;
  if (failure !== null) call.failed = failure || 'failed';
  if (call.method !== 'addIceCandidate' || failure !== null) call.events.push(index);
}

// The rows with a heading before the first of each round. Gives {round} or {row, before, isIn}; `before` is the ms since
// the row before.
function withRounds(rows, rounds) {
  const starts = roundStarts(rows, rounds);
  const out = [];
  let at = 0;
  let before = null;
  rows.forEach((row, index) => {
    while (at < rounds.length && starts[at] <= index) {
      out.push({ round: rounds[at] });
      at += 1;
    }
    const round = rounds[at - 1];
    out.push({ row, before: before === null ? null : row.time - before, isIn: Boolean(round) && row.time <= (round.end ?? Infinity) });
    before = row.last;
  });
  for (; at < rounds.length; at += 1) out.push({ round: rounds[at] });
  return out;
}

// The row with which each round begins. The offer is known once it is set; the round began when the page asked for it.
function roundStarts(rows, rounds) {
  const starts = [];
  let next = 0;
  for (const { start, by } of rounds) {
    const floor = starts.length > 0 ? starts[starts.length - 1] + 1 : 0;
    while (next < rows.length && rows[next].time < start) next += 1;
    const methods = by === 'remote' ? ['setRemoteDescription'] : ['createOffer', 'setLocalDescription'];
    const found = methods.map((method) => lastRow(rows, method, floor, Math.min(next, rows.length - 1))).find((row) => row >= 0);
    starts.push(found ?? Math.max(floor, next));
  }
  return starts;
}

function lastRow(rows, method, from, to) {
  for (let at = to; at >= from; at -= 1) if (rows[at].method === method) return at;
  return -1;
}

function roundTitle({ number, start, end, trigger, by, answer }, isRestarted = false) {
  const who = by === 'remote' ? 'offered by the far side' : 'offered by this side';
  const why = trigger && trigger !== 'remote offer' ? `, ${trigger === 'the page alone' ? 'by the page alone' : `because of ${trigger}`}` : '';
  const how = answer === null || answer === undefined ? ', never answered' : Number.isFinite(end) ? `, took ${span(end - start)}` : '';
  return `Round ${number}: ${who}${why}${isRestarted ? ', an ICE restart' : ''}${how}`;
}

const LANE_X = [14, 90, 206];
const LADDER_WIDTH = 220;

// One rung. The far side is never seen itself, only what the page brings or takes: those arrows are dashed.
function rung({ arrow, failed, end, method }) {
  const { from, to } = RUNGS[arrow];
  const [x1, x2] = [LANE_X[from], LANE_X[to]];
  const sign = x2 > x1 ? 1 : -1;
  const y = 13;
  const head = (x, by) => `M${x - 5 * by} ${y - 4}L${x} ${y}l${-5 * by} 4`;
  const isContact = arrow === 'contact';
  const line = `M${x1} ${y}H${x2}`;
  const heads = isContact ? head(x2, sign) + head(x1, -sign) : head(x2, sign);
  const isBack = end !== null && arrow === 'call' && !/^set|^add/.test(method);
  return drawing(LADDER_WIDTH, 26, [
    ...LANE_X.map((x) => ['path', { d: `M${x} 0V26`, class: 'lane' }]),
    ['path', { d: line, class: `rung rung-${arrow} ${failed ? 'rung-failed' : ''}` }],
    ['path', { d: heads + (isBack ? head(x1, -sign) : ''), class: `rung ${failed ? 'rung-failed' : ''}` }],
    ...(failed ? [['path', { d: `M${(x1 + x2) / 2 - 4} ${y - 4}l8 8m0 -8l-8 8`, class: 'rung rung-failed' }]] : []),
  ]);
}

// A small decoration of shapes; what it says stands in words beside it.
function drawing(width, height, shapes, name = 'drawing') {
  const image = document.createElementNS(SVG, 'svg');
  image.setAttribute('viewBox', `0 0 ${width} ${height}`);
  image.setAttribute('width', String(width));
  image.setAttribute('height', String(height));
  image.setAttribute('preserveAspectRatio', 'none');
  image.setAttribute('class', name);
  image.setAttribute('aria-hidden', 'true');
  for (const [tag, attributes] of shapes) {
    const shape = document.createElementNS(SVG, tag);
    for (const [key_, value] of Object.entries(attributes)) shape.setAttribute(key_, String(value));
    image.append(shape);
  }
  return image;
}
