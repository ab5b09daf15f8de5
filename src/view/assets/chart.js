// One chart: lines over time with a scale for each unit (two at most), states as strips, bands, gaps, and the values at
// the cursor in words. Where more than two points fall on a pixel, a line is the field between the lowest and the
// highest of each bucket. It is drawn while it is in sight.

// Lines that share a colour differ in their strokes.
const STROKES_OF_LINES = [[], [6, 3], [2, 2], [9, 3, 2, 3]];
const CHART = { height: 112, left: 46, right: 42, top: 6, bottom: 17, strip: 15 };

class Chart {
  // {title, lines: [{index, label}], bands: [{kind, start, end}], pc, onremove, hover}
  constructor(app, options) {
    this.app = app;
    this.options = options;
    this.hover = null;
    this.isInSight = false;
    const lines = options.lines.map((line) => {
      const { meta, unit, kind } = lineOf(app.data, line.index);
      return { ...line, meta, unit, kind };
    });
    this.lines = lines.filter(({ kind }) => kind !== 'state').map((line, at) => ({
      ...line,
      color: `s${(line.tone === undefined ? at : line.tone) % 8}`,
      dashes: STROKES_OF_LINES[line.stroke === undefined ? Math.floor(at / 4) : line.stroke] || [2, 2],
    }));
    this.strips = lines.filter(({ kind }) => kind === 'state');
    this.units = [...new Set(this.lines.map((line) => unitOf(line.unit)))].slice(0, 2);
    this.height = CHART.height + this.strips.length * (CHART.strip + 3) - (this.lines.length === 0 ? 66 : 0);
    this.build();
  }

  build() {
    const { app, options } = this;
    this.canvas = el('canvas', { 'aria-hidden': 'true' });
    this.over = el('canvas', { class: 'over', 'aria-hidden': 'true' });
    this.field = el('div', { class: 'chart-field', style: { height: `${this.height}px` } }, this.canvas, this.over);
    const values = [...this.lines, ...this.strips].map((line) => {
      line.value = el('b', {});
      const sample = line.color ? sampleOf(line) : null;
      return el('span', { class: 'legend', title: `${line.meta.report} ${line.meta.property}` }, sample, `${line.label} `, line.value);
    });
    this.element = el('figure', { class: 'chart' },
      el('figcaption', {}, el('h4', {}, options.title), el('span', { class: 'legends' }, values, this.coarse()),
        (this.tools = el('span', { class: 'chart-tools no-print' },
          button('As table', () => this.asTable(), { icon: 'table', class: 'quiet', title: `${options.title} as table` }),
          options.onremove && button('Remove', options.onremove, { icon: 'close', class: 'quiet', title: `Remove ${options.title}` })))),
      this.field);
    const { index } = options.lines[0];
    this.tools.prepend(printMark(app, `${options.pc} ${index} ${options.title}`, this.element));
    const width = () => this.plotWidth();
    listenToPointer(app, this.field, {
      width, left: CHART.left, scrolls: true, click: (time) => this.click(time), hover: (time) => options.hover(time),
    });
  }

  // Says where less than each poll is in sight.
  coarse() {
    this.tag = el('span', { class: 'tag', hidden: true });
    return this.tag;
  }

  tellCoarse({ from, to }) {
    const parts = this.lines.map(({ index }) => lineOf(this.app.data, index)).filter((line) => line.step > 1 && isCoarse(line, from, to));
    this.tag.hidden = parts.length === 0;
    this.tag.textContent = `downsampled to ${Math.max(1, ...parts.map(({ step }) => step))} polls here`;
  }

  click(time) {
    this.app.point(time);
  }

  plotWidth() {
    return Math.max(10, this.field.clientWidth - CHART.left - CHART.right);
  }

  scale() {
    return scaleOf(this.app.state, this.plotWidth());
  }

  draw() {
    const { app } = this;
    const pen = penOf(this.canvas, this.field.clientWidth, this.height);
    if (!pen) return;
    const scale = this.scale();
    const low = this.height - CHART.bottom - this.strips.length * (CHART.strip + 3);
    const on = { pen, app, data: app.data, scale };
    this.tellCoarse(scale);
    pen.translate(CHART.left, 0);
    this.drawTimes(pen, scale);
    pen.save();
    pen.beginPath();
    pen.rect(0, 0, scale.width, this.height);
    pen.clip();
    this.drawBands(on, low);
    if (this.options.pc >= 0) drawGaps(on, { pc: this.options.pc, height: this.height - CHART.bottom + 1, kind: 'chart' }, 0);
    pen.restore();
    this.units.forEach((unit, side) => this.drawUnit(on, unit, side, low));
    this.strips.forEach((strip, at) => drawStateSeries(on, strip.index, low + 3 + at * (CHART.strip + 3), CHART.strip));
    pen.strokeStyle = COLORS['line-strong'];
    pen.beginPath();
    pen.moveTo(0, Math.round(low) + 0.5);
    pen.lineTo(scale.width, Math.round(low) + 0.5);
    pen.stroke();
    this.drawOver();
  }

  drawTimes(pen, scale) {
    const { app } = this;
    const { step, times } = timeTicks(app, scale, 96);
    pen.font = `10px ${COLORS.sans}`;
    pen.textAlign = 'center';
    for (const time of times) {
      const x = Math.round(scale.x(time)) + 0.5;
      pen.fillStyle = COLORS.line;
      pen.fillRect(x - 0.5, CHART.top, 1, this.height - CHART.bottom - CHART.top + 3);
      const label = tickLabel(app, time, step);
      const half = textWidth(pen, label) / 2;
      pen.fillStyle = COLORS.muted;
      if (x - half > -CHART.left && x + half < scale.width + CHART.right) pen.fillText(label, x, this.height - CHART.bottom / 2 + 1);
    }
    pen.textAlign = 'left';
  }

  // The lines of one unit, with their scale on the left (side 0) or the right.
  drawUnit(on, unit, side, low) {
    const { pen, scale, data } = on;
    const lines = this.lines.filter((line) => unitOf(line.unit) === unit);
    const { min, max } = boundsOf(data, lines, on.app.state, unit);
    const y = (value) => low - ((value - min) / (max - min)) * (low - CHART.top - 4);
    pen.font = `10px ${COLORS.sans}`;
    pen.textAlign = side === 0 ? 'right' : 'left';
    for (const tick of valueTicks(min, max)) {
      const at = Math.round(y(tick)) + 0.5;
      if (side === 0) {
        pen.fillStyle = COLORS.line;
        pen.fillRect(0, at - 0.5, scale.width, 1);
      }
      pen.fillStyle = COLORS.muted;
      pen.fillText(shortAmount(tick, unit, max), side === 0 ? -6 : scale.width + 6, Math.min(low - 3, at));
    }
    pen.textAlign = 'left';
    pen.save();
    pen.beginPath();
    pen.rect(0, 0, scale.width, low + 1);
    pen.clip();
    for (const line of [...lines].reverse()) drawLine(on, line, y);
    pen.restore();
  }

  drawBands(on, low) {
    const { pen, scale } = on;
    for (const one of this.options.bands || []) {
      if (one.end < scale.from || one.start > scale.to) continue;
      const look = BAND_LOOK[one.kind] || { color: 'muted', hatch: 'wide', word: one.kind };
      const x = scale.x(one.start);
      const width = Math.max(1, scale.x(one.end) - x);
      pen.globalAlpha = 0.1;
      pen.fillStyle = COLORS[look.color];
      pen.fillRect(x, CHART.top, width, low - CHART.top);
      pen.globalAlpha = 1;
      band(pen, x, low - 5, width, 5, look);
      pen.font = `600 10px ${COLORS.sans}`;
      pen.fillStyle = COLORS.muted;
      fitted(pen, look.word, Math.max(0, x) + 4, CHART.top + 7, scale.x(one.end) - Math.max(0, x) - 6);
    }
  }

  drawOver() {
    const pen = penOf(this.over, this.field.clientWidth, this.height);
    if (!pen) return;
    const scale = this.scale();
    pen.translate(CHART.left, 0);
    pen.beginPath();
    pen.rect(0, 0, scale.width, this.height - CHART.bottom);
    pen.clip();
    drawCursor(pen, this.app, scale, this.height - CHART.bottom, this.hover);
    this.write();
  }

  // The values where the pointer is, else at the cursor, else at the end.
  write() {
    const time = this.hover === null ? this.app.now() : this.hover;
    for (const line of [...this.lines, ...this.strips]) {
      const value = this.app.data.drawnAt(line.index, time);
      line.value.textContent = value === null ? '–' : amount(value, line.unit);
    }
  }

  asTable() {
    const { app } = this;
    const lines = [...this.lines, ...this.strips];
    const rows = rowsOf(app, lines);
    const shown = decimated(rows, 500);
    const columns = [{ title: `Time (${app.zone()})`, class: 'mono', text: (row) => app.time(row.time) },
      ...lines.map((line, at) => ({
        title: `${line.label}${unitOf(line.unit) ? ` (${unitOf(line.unit)})` : ''}`, class: 'number',
        text: (row) => cellText(row.values[at]),
      }))];
    const head = ['time_ms', ...lines.map((line) => `${line.meta.report} ${line.meta.property} ${unitOf(line.unit)}`.trim())];
    const text = () => csv(head, rows.map((row) => [row.time, ...row.values]));
    showDialog(this.options.title, [
      shown.length < rows.length && el('p', { class: 'faint' }, `Each ${Math.ceil(rows.length / 500)}th of ${rows.length} polls; the CSV has all.`),
      table(this.options.title, columns, shown),
    ], { buttons: [button('Save as CSV', () => save('series.csv', 'text/csv', text())), button('Copy as CSV', () => copy(text(), 'CSV'))] });
  }
}

const cellText = (value) => (value === null ? '–' : typeof value === 'number' ? digits(value) : value);

// The polls in sight, of all lines together: [{time, values}].
function rowsOf(app, lines) {
  const { from, to } = app.state;
  const times = new Set();
  for (const { index } of lines) {
    for (const time of lineOf(app.data, index).times) if (time >= from && time <= to) times.add(time);
  }
  const sorted = [...times].sort((one, other) => one - other);
  return sorted.map((time) => ({ time, values: lines.map(({ index }) => app.data.drawnAt(index, time)) }));
}

function decimated(rows, most) {
  const step = Math.ceil(rows.length / most);
  return step <= 1 ? rows : rows.filter((_, index) => index % step === 0);
}

function sampleOf({ color, dashes }) {
  const sample = document.createElementNS(SVG, 'svg');
  sample.setAttribute('viewBox', '0 0 16 4');
  sample.setAttribute('class', `sample ${color}`);
  sample.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', 'M0 2h16');
  if (dashes.length > 0) path.setAttribute('stroke-dasharray', dashes.join(' '));
  sample.append(path);
  return sample;
}

// What a scale spans: from 0, or from what is below it, to a little above the highest in sight.
function boundsOf(data, lines, { from, to }, unit) {
  let [min, max] = [0, 0];
  for (const { index } of lines) {
    const part = stretchOf(data, index, from, to, 300);
    if (!part) continue;
    for (let at = 0; at < part.times.length; at += 1) {
      if (part.low[at] < min) min = part.low[at];
      if (part.high[at] > max) max = part.high[at];
    }
  }
  if (max <= min) max = min + (unit === '%' ? 5 : 1);
  return { min, max: max + (max - min) * 0.06 };
}

// Like `amount`, in the unit of the scale's upper end.
function shortAmount(value, unit, max) {
  if (value === 0) return '0';
  if (unit === '%') return `${digits(value)} %`;
  if (unit === 's' && max < 1) return `${digits(value * 1000)} ms`;
  if (/^(bit|B|Hz)/.test(unit)) {
    const power = Math.min(4, Math.max(0, Math.floor(Math.log10(Math.max(1, Math.abs(max))) / 3)));
    return `${digits(value / 1000 ** power)} ${LARGE[power] || ''}`.trim();
  }
  return digits(value);
}

function drawLine({ pen, data, scale }, line, y) {
  const part = stretchOf(data, line.index, scale.from, scale.to, scale.width);
  if (!part) return;
  const gap = gapOf(data, line.meta.connection) * Math.max(1, part.step / 2);
  const { times, low, high, last } = part;
  const isJoined = (at) => at > 0 && !Number.isNaN(last[at - 1]) && times[at] - times[at - 1] <= gap;
  if (part.step > 1) {
    pen.fillStyle = COLORS[line.color];
    pen.globalAlpha = 0.35;
    for (let at = 0; at < times.length; at += 1) {
      // Where a point is one poll, its line is enough.
      if (!(high[at] > low[at])) continue;
      const x = scale.x(times[at]);
      const top = y(high[at]);
      pen.fillRect(x, top, Math.max(1, ((times[at + 1] || times[at]) - times[at]) * scale.factor), Math.max(1, y(low[at]) - top));
    }
    pen.globalAlpha = 1;
  }
  pen.strokeStyle = COLORS[line.color];
  pen.fillStyle = COLORS[line.color];
  pen.lineWidth = 1.5;
  pen.lineJoin = 'round';
  pen.setLineDash(line.dashes);
  const isSparse = times.length < scale.width / 12;
  pen.beginPath();
  for (let at = 0; at < times.length; at += 1) {
    if (Number.isNaN(last[at])) continue;
    const [px, py] = [scale.x(times[at]), y(last[at])];
    if (isJoined(at)) pen.lineTo(px, py);
    else pen.moveTo(px, py);
    if (isSparse || (!isJoined(at) && !isJoined(at + 1))) pen.fillRect(px - 1.5, py - 1.5, 3, 3);
  }
  pen.stroke();
  pen.setLineDash([]);
  pen.lineWidth = 1;
}

// A series of states as a strip with words.
function drawStateSeries(on, index, y, height) {
  const series = on.data.series(index);
  series.parts ||= partsOf(series);
  drawStretches(on, series.parts, y, height, ({ value }) => looksOfState(value), ({ value }) => value);
}

function partsOf(series) {
  const parts = [];
  for (let at = 0; at < series.times.length; at += 1) {
    const value = Number.isNaN(series.values[at]) ? null : String(series.names ? series.names[series.values[at]] : series.meta.value);
    const before = parts[parts.length - 1];
    if (before) before.end = series.times[at];
    if (value !== null && (!before || before.value !== value)) parts.push({ start: series.times[at], end: series.times[at], value });
  }
  return parts;
}

const QUIET_STATES = /^(none|true|succeeded|connected|stable)$/;
const looksOfState = (value) => STATE_LOOK[value] || (QUIET_STATES.test(value) ? 'good' : value === 'false' ? 'off' : 'wait');
