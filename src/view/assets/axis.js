// The time axis that all charts and lanes share, and the ticks of values.

const GUTTER = 176;
const TIME_STEPS = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 10e3, 15e3, 30e3, 60e3, 120e3, 300e3, 600e3, 900e3, 1800e3, 3600e3,
  7200e3, 10800e3, 21600e3, 43200e3, 86400e3,
];

// Between times and pixels, for a canvas of this width.
function scaleOf(state, width) {
  const { from, to } = state;
  const factor = width / (to - from);
  return { from, to, width, x: (time) => (time - from) * factor, time: (x) => from + x / factor, factor };
}

// Times at round numbers of the chosen mode, at least `room` pixels apart: {step, times}.
function timeTicks(app, scale, room = 90) {
  const least = room / scale.factor;
  const step = TIME_STEPS.find((one) => one >= least) || Math.ceil(least / 86400e3) * 86400e3;
  const { mode, mark: at } = app.state;
  let zero = 0;
  if (mode === 'start') zero = app.data.start;
  else if (mode === 'mark' && at !== null) zero = at;
  else if (mode === 'local') zero = new Date(app.data.start).getTimezoneOffset() * 60e3;
  const times = [];
  for (let n = Math.ceil((scale.from - zero) / step); zero + n * step <= scale.to; n += 1) times.push(zero + n * step);
  return { step, times };
}

function tickLabel(app, time, step) {
  return app.time(time, step >= 1000 ? 0 : step >= 100 ? 1 : step >= 10 ? 2 : 3);
}

// The axis with its labels; the bubble of the cursor is drawn by `drawCursor`.
function drawAxis(pen, app, scale, height) {
  const { step, times } = timeTicks(app, scale);
  pen.font = `11px ${COLORS.sans}`;
  pen.textAlign = 'center';
  pen.strokeStyle = COLORS['line-strong'];
  pen.fillStyle = COLORS.muted;
  pen.beginPath();
  for (const time of times) {
    const x = Math.round(scale.x(time)) + 0.5;
    pen.moveTo(x, height - 5);
    pen.lineTo(x, height);
    const label = tickLabel(app, time, step);
    const half = textWidth(pen, label) / 2;
    if (x - half > 0 && x + half < scale.width) pen.fillText(label, x, height / 2 - 2);
  }
  pen.stroke();
  pen.textAlign = 'left';
}

function drawGrid(pen, app, scale, top, height) {
  pen.strokeStyle = COLORS.line;
  pen.beginPath();
  for (const time of timeTicks(app, scale).times) {
    const x = Math.round(scale.x(time)) + 0.5;
    pen.moveTo(x, top);
    pen.lineTo(x, top + height);
  }
  pen.stroke();
}

// What lies over lanes and charts: interval, mark, where the pointer is, cursor, each only if it is in sight.
function drawCursor(pen, app, scale, height, hover = null) {
  const { cursor, mark: at, interval } = app.state;
  if (interval) {
    const x = scale.x(interval[0]);
    const width = Math.max(1, scale.x(interval[1]) - x);
    pen.fillStyle = COLORS.selection;
    pen.fillRect(x, 0, width, height);
    upright(pen, x, height, COLORS.accent);
    upright(pen, x + width, height, COLORS.accent);
  }
  if (hover !== null) upright(pen, scale.x(hover), height, COLORS['line-strong']);
  if (at !== null) upright(pen, scale.x(at), height, COLORS.s1, [4, 3]);
  if (cursor !== null) upright(pen, scale.x(cursor), height, COLORS.cursor);
}

// A label in a box on the axis, kept inside of it.
function bubble(pen, text, x, width, height, ground, color) {
  pen.font = `600 11px ${COLORS.sans}`;
  const wide = textWidth(pen, text) + 10;
  const left = Math.min(Math.max(0, x - wide / 2), width - wide);
  pen.fillStyle = ground;
  pen.fillRect(left, 3, wide, height - 8);
  pen.fillStyle = color;
  pen.fillText(text, left + 5, height / 2 - 0.5);
}

// Round values for an axis from 0 or below to `max`: at most `count` + 1 of them.
function valueTicks(min, max, count = 4) {
  if (!(max > min)) return [min];
  const raw = (max - min) / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].map((one) => one * power).find((one) => one >= raw * 0.999);
  const ticks = [];
  for (let n = Math.ceil(min / step - 1e-9); n * step <= max + step * 1e-9; n += 1) ticks.push(n * step);
  return ticks;
}

// The pointer on an axis: a click calls `click(time, event)`, a drag marks an interval, two fingers and the wheel zoom,
// one finger pans. `hover(time or null, event)` hears of every move. The axis begins
// `left` pixels inside the element. Where the wheel `scrolls` the page, it zooms with Ctrl only.
function listenToPointer(app, element, { width, left = 0, click, hover, scrolls = false }) {
  const touches = new Map();
  let begin = null;
  const xOf = (event) => event.clientX - element.getBoundingClientRect().left - left;
  const timeOf = (event) => scaleOf(app.state, width()).time(xOf(event));
  element.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    if (event.pointerType === 'touch') touches.set(event.pointerId, xOf(event));
    begin = { x: xOf(event), time: timeOf(event), from: app.state.from, to: app.state.to, hasMoved: touches.size > 1 };
    if (touches.size > 1) begin.spread = spreadOf(touches);
    element.setPointerCapture(event.pointerId);
  });
  element.addEventListener('pointermove', (event) => {
    hover(timeOf(event), event);
    if (!begin) return;
    if (touches.has(event.pointerId)) touches.set(event.pointerId, xOf(event));
    if (!begin.hasMoved && Math.abs(xOf(event) - begin.x) < 5) return;
    begin.hasMoved = true;
    const wide = begin.to - begin.from;
    if (touches.size > 1) {
      const { center, size } = spreadOf(touches);
      const share = begin.spread.size / Math.max(20, size);
      const time = begin.from + (begin.spread.center / width()) * wide;
      app.show(time - (center / width()) * wide * share, time + (1 - center / width()) * wide * share);
    } else if (event.pointerType === 'touch') {
      const by = ((begin.x - xOf(event)) / width()) * wide;
      app.show(begin.from + by, begin.to + by);
    } else {
      const time = timeOf(event);
      app.set({ interval: [Math.min(begin.time, time), Math.max(begin.time, time)] });
    }
  });
  const end = (event) => {
    touches.delete(event.pointerId);
    if (begin && !begin.hasMoved && event.type === 'pointerup') click(timeOf(event), event);
    if (touches.size === 0) begin = null;
  };
  element.addEventListener('pointerup', end);
  element.addEventListener('pointercancel', end);
  element.addEventListener('pointerleave', (event) => hover(null, event));
  element.addEventListener('wheel', (event) => wheel(app, event, timeOf(event), scrolls), { passive: false });
}

function spreadOf(touches) {
  const [one, other] = [...touches.values()];
  return { center: (one + other) / 2, size: Math.abs(one - other) };
}

function wheel(app, event, time, scrolls) {
  const isAcross = event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY);
  if (event.altKey || (scrolls ? !isAcross && !event.ctrlKey && !event.metaKey : event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  const unit = event.deltaMode === 1 ? 16 : event.deltaMode === 2 ? 400 : 1;
  const across = event.shiftKey ? event.deltaX || event.deltaY : event.deltaX;
  if (isAcross) app.pan((across * unit) / 1000);
  else app.zoom(Math.exp(Math.max(-300, Math.min(300, event.deltaY * unit)) * 0.002), time);
}
