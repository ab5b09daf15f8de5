// The strip with the whole call: where the findings lie, the states of the chosen connection, and what the axis shows.

const STRIP_HEIGHT = 34;

function buildStrip(app) {
  const canvas = el('canvas', { 'aria-hidden': 'true' });
  const element = el('div', { class: 'strip' }, canvas);
  let waiting = false;
  const draw = () => {
    waiting = false;
    const pen = penOf(canvas, element.clientWidth, STRIP_HEIGHT);
    if (pen) drawStrip(pen, app, element.clientWidth);
  };
  const later = () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(draw);
  };
  new ResizeObserver(later).observe(element);
  app.listen((changed) => {
    if (['from', 'to', 'cursor', 'pc', 'finding', 'mark', 'interval'].some((name) => changed.has(name))) draw();
  });
  dragStrip(app, element);
  return { element, draw };
}

const stripScale = (app, width) => {
  const { from, to } = app.whole();
  return { x: (time) => ((time - from) / (to - from)) * width, time: (x) => from + (x / width) * (to - from) };
};

function drawStrip(pen, app, width) {
  const { x } = stripScale(app, width);
  pen.fillStyle = COLORS.surface;
  pen.fillRect(0, 0, width, STRIP_HEIGHT);
  const connection = app.connection();
  if (connection) {
    const strip = stretches(connection.states.connection || connection.states.ice || [], connection.end);
    for (const { start: begin, end, value } of strip) {
      band(pen, x(begin), STRIP_HEIGHT - 7, x(end) - x(begin), 5, STATE_LOOK[value] || 'off');
    }
  }
  drawDensity(pen, app, x, width);
  const { from, to, cursor, mark: at, interval } = app.state;
  if (interval) {
    pen.fillStyle = COLORS.selection;
    pen.fillRect(x(interval[0]), 0, x(interval[1]) - x(interval[0]), STRIP_HEIGHT);
  }
  pen.globalAlpha = 0.55;
  pen.fillStyle = COLORS.ground;
  pen.fillRect(0, 0, x(from), STRIP_HEIGHT);
  pen.fillRect(x(to), 0, width - x(to), STRIP_HEIGHT);
  pen.globalAlpha = 1;
  pen.strokeStyle = COLORS.accent;
  pen.strokeRect(Math.max(0.5, x(from)), 0.5, Math.min(width - 1, x(to) - Math.max(0, x(from))), STRIP_HEIGHT - 1);
  if (at !== null) upright(pen, x(at), STRIP_HEIGHT, COLORS.s1, [3, 2]);
  if (cursor !== null) upright(pen, x(cursor), STRIP_HEIGHT, COLORS.cursor);
}

// Findings as columns: the more severe and the more at that time, the higher.
function drawDensity(pen, app, x, width) {
  const column = 6;
  const counts = new Uint16Array(Math.ceil(width / column) + 1);
  const worst = new Uint8Array(counts.length);
  const rank = { info: 1, warning: 2, critical: 3 };
  app.data.findings.forEach((found) => {
    const first = Math.max(0, Math.floor(x(found.start) / column));
    const last = Math.min(counts.length - 1, Math.floor(x(found.end || found.start) / column));
    for (let at = first; at <= last; at += 1) {
      counts[at] += 1;
      worst[at] = Math.max(worst[at], rank[found.severity] || 1);
    }
  });
  for (let at = 0; at < counts.length; at += 1) {
    if (counts[at] === 0) continue;
    const height = Math.min(20, [0, 2, 7, 12][worst[at]] + Math.min(counts[at], 4) * 2);
    pen.fillStyle = [COLORS.info, COLORS.info, COLORS.warning, COLORS.critical][worst[at]];
    pen.fillRect(at * column, STRIP_HEIGHT - 9 - height, column - 1, height);
  }
}

// A click moves what is shown, a drag inside moves it on; a drag outside chooses anew.
function dragStrip(app, element) {
  let begin = null;
  const timeAt = (event) => {
    const box = element.getBoundingClientRect();
    return stripScale(app, box.width).time(event.clientX - box.left);
  };
  element.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    const { from, to } = app.state;
    const time = timeAt(event);
    const all = app.whole();
    const isPart = to - from < (all.to - all.from) * 0.98;
    begin = { time, offset: isPart && time >= from && time <= to ? time - from : null, width: to - from, hasMoved: false, x: event.clientX };
    element.setPointerCapture(event.pointerId);
  });
  element.addEventListener('pointermove', (event) => {
    if (!begin || (!begin.hasMoved && Math.abs(event.clientX - begin.x) < 4)) return;
    begin.hasMoved = true;
    const time = timeAt(event);
    if (begin.offset !== null) app.show(time - begin.offset, time - begin.offset + begin.width);
    else app.show(Math.min(begin.time, time), Math.max(begin.time, time));
  });
  const end = (event) => {
    if (begin && !begin.hasMoved && event.type === 'pointerup') {
      app.point(begin.time);
      app.reveal(app.state.cursor);
    }
    begin = null;
  };
  element.addEventListener('pointerup', end);
  element.addEventListener('pointercancel', end);
}
