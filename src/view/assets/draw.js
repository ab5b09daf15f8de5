// Drawing on canvas: sizes in CSS pixels whatever the screen's density, bands with hatching, text that is cut to fit.

// The context of a canvas of this size, cleared, or null while it is not shown.
function penOf(canvas, width, height) {
  if (width <= 0 || height <= 0) return null;
  const density = Math.min(3, devicePixelRatio || 1);
  const [wide, high] = [Math.round(width * density), Math.round(height * density)];
  if (canvas.width !== wide || canvas.height !== high) {
    canvas.width = wide;
    canvas.height = high;
    canvas.style.setProperty('width', `${width}px`);
    canvas.style.setProperty('height', `${height}px`);
  }
  const pen = canvas.getContext('2d');
  pen.setTransform(density, 0, 0, density, 0, 0);
  pen.clearRect(0, 0, width, height);
  pen.textBaseline = 'middle';
  pen.lineWidth = 1;
  return pen;
}

// Looks of bands. Each has its own hatching, so that none is told by colour alone.
const STATE_LOOK = {
  stable: 'good', connected: 'good', completed: 'good', complete: 'good', open: 'good',
  new: 'off', closed: 'off', checking: 'wait', connecting: 'wait', gathering: 'wait',
  'have-local-offer': 'wait', 'have-remote-offer': 'wait', 'have-local-pranswer': 'wait', 'have-remote-pranswer': 'wait',
  disconnected: 'bad', failed: 'fail',
};
const LOOKS = {
  good: { color: 'band-good', hatch: null },
  wait: { color: 'band-wait', hatch: 'wide' },
  bad: { color: 'band-bad', hatch: 'left' },
  fail: { color: 'band-bad', hatch: 'cross' },
  off: { color: 'band-off', hatch: null },
  plain: { color: 's0', hatch: null },
};
const BAND_LOOK = {
  frozen: { color: 'critical', hatch: 'cross', word: 'frozen' },
  concealed: { color: 's1', hatch: 'dots', word: 'concealed' },
  'limited-cpu': { color: 's1', hatch: 'right', word: 'CPU-limited' },
  'limited-bandwidth': { color: 's4', hatch: 'left', word: 'bandwidth-limited' },
  'limited-other': { color: 's6', hatch: 'wide', word: 'limited' },
  inactive: { color: 'muted', hatch: 'wide', word: 'inactive' },
  muted: { color: 'muted', hatch: 'dots', word: 'muted' },
  disabled: { color: 'muted', hatch: 'right', word: 'disabled' },
  'null-track': { color: 'muted', hatch: 'cross', word: 'no track' },
};

// Patterns are made once per colour and hatching; a change of theme gives other colours and so other entries.
const PATTERNS = new Map();
function hatching(pen, kind, color) {
  const name = `${kind} ${color}`;
  if (PATTERNS.has(name)) return PATTERNS.get(name);
  const size = kind === 'wide' ? 12 : 6;
  const tile = document.createElement('canvas');
  tile.width = size;
  tile.height = size;
  const on = tile.getContext('2d');
  on.strokeStyle = color;
  on.fillStyle = color;
  on.lineWidth = 1;
  const line = (x0, y0, x1, y1) => {
    on.beginPath();
    on.moveTo(x0, y0);
    on.lineTo(x1, y1);
    on.stroke();
  };
  const rising = () => [-size, 0, size].forEach((by) => line(by - 1, size + 1, by + size + 1, -1));
  const falling = () => [-size, 0, size].forEach((by) => line(by - 1, -1, by + size + 1, size + 1));
  if (kind === 'dots') on.fillRect(1, 1, 2, 2), on.fillRect(4, 4, 2, 2);
  if (kind === 'left' || kind === 'cross') falling();
  if (kind === 'right' || kind === 'wide' || kind === 'cross') rising();
  const pattern = pen.createPattern(tile, 'repeat');
  PATTERNS.set(name, pattern);
  return pattern;
}

// A filled stretch, at least a pixel wide. `look` is a name of LOOKS or {color, hatch}.
function band(pen, x, y, width, height, look) {
  const { color, hatch } = LOOKS[look] || look;
  pen.fillStyle = COLORS[color];
  const wide = Math.max(1, width);
  pen.fillRect(x, y, wide, height);
  if (hatch === null || wide < 3) return;
  pen.fillStyle = hatching(pen, hatch, COLORS.ground);
  pen.globalAlpha = 0.55;
  pen.fillRect(x, y, wide, height);
  pen.globalAlpha = 1;
}

function upright(pen, x, height, color, dashes = []) {
  pen.strokeStyle = color;
  pen.setLineDash(dashes);
  pen.beginPath();
  const at = Math.round(x) + 0.5;
  pen.moveTo(at, 0);
  pen.lineTo(at, height);
  pen.stroke();
  pen.setLineDash([]);
}

// Text that ends with … when there is no room for it; nothing when not even that fits. What would turn the direction of
// writing is left out.
const WIDTHS = new Map();
function fitted(pen, text, x, y, room) {
  if (room < 12) return;
  const shown = String(text).slice(0, 200).replace(/[\u0000-\u001f\u202a-\u202e\u2066-\u2069]/g, ' ');
  if (textWidth(pen, shown) <= room) return pen.fillText(shown, x, y);
  let low = 0;
  let high = shown.length;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (pen.measureText(`${shown.slice(0, middle)}…`).width <= room) low = middle;
    else high = middle - 1;
  }
  if (low > 1) pen.fillText(`${shown.slice(0, low)}…`, x, y);
}

// Measuring is the dearest part of writing, and a page has few different texts.
function textWidth(pen, text) {
  const name = `${pen.font}|${text}`;
  let width = WIDTHS.get(name);
  if (width === undefined) {
    width = pen.measureText(text).width;
    if (WIDTHS.size > 5000) WIDTHS.clear();
    WIDTHS.set(name, width);
  }
  return width;
}

// [[time, value], …] as stretches {start, end, value}; the last one ends at `end`.
function stretches(changes, end) {
  return changes.map(([begin, value], index) => ({
    start: begin, end: index + 1 < changes.length ? changes[index + 1][0] : Math.max(begin, end || begin), value,
  }));
}
