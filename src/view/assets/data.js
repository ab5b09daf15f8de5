// The data of one dump: a head (JSON) and a binary part, decoded when asked for. The format is described in
// `docs/view-format.md`; everything in it that came from the dump is text or a number and is only ever shown as such.

async function inflate(stream) {
  const unpacked = stream.pipeThrough(new DecompressionStream('gzip'));
  return new Uint8Array(await new Response(unpacked).arrayBuffer());
}

// Chunks, so that a page of 20 MB needs no second copy of its text in one piece.
function base64Stream(text) {
  const step = 1 << 18;
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= text.length) return controller.close();
      const piece = atob(text.slice(at, at + step));
      const bytes = new Uint8Array(piece.length);
      for (let index = 0; index < piece.length; index += 1) bytes[index] = piece.charCodeAt(index);
      at += step;
      return controller.enqueue(bytes);
    },
  });
}

// The data in an element.
async function load(element) {
  return unpack(await inflate(base64Stream(element.textContent.trim())));
}

function unpack(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getUint32(0, true);
  const head = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
  return new Data(head, bytes.subarray(4 + length));
}

// Zig-zag varints of differences: `count` numbers, or as many as there are.
function varints(bytes, count) {
  const out = new Float64Array(count === undefined ? bytes.length : count);
  const given = unsigned(bytes);
  const n = Math.min(given.length, out.length);
  let value = 0;
  for (let index = 0; index < n; index += 1) {
    const number = given[index];
    value += number % 2 === 0 ? number / 2 : -(number + 1) / 2;
    out[index] = value;
  }
  return n === out.length ? out : out.slice(0, n);
}

// Varints: seven bits a byte, the lowest first. Bits are not shifted, since numbers have up to 53 of them.
function unsigned(bytes) {
  const out = new Float64Array(bytes.length);
  let n = 0;
  let number = 0;
  let factor = 1;
  for (let at = 0; at < bytes.length; at += 1) {
    number += (bytes[at] & 127) * factor;
    factor *= 128;
    if (bytes[at] & 128) continue;
    out[n] = number;
    n += 1;
    number = 0;
    factor = 1;
  }
  return out.subarray(0, n);
}

// Varints without sign: how often, and what.
function runs(bytes, count) {
  const pairs = unsigned(bytes);
  const out = new Float64Array(count).fill(NaN);
  let at = 0;
  for (let index = 0; index + 1 < pairs.length; index += 2) {
    out.fill(pairs[index + 1], at, at + pairs[index]);
    at += pairs[index];
  }
  return out;
}

function floats(bytes) {
  const out = new Float64Array(bytes.length >> 2);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let index = 0; index < out.length; index += 1) out[index] = view.getFloat32(index * 4, true);
  return out;
}

// The index of the last entry that is not after `wanted`, or -1.
function lastAt(times, wanted) {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle] <= wanted) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

class Data {
  constructor(head, binary) {
    this.head = head;
    this.binary = binary;
    this.connections = head.connections || [];
    this.findings = head.findings || [];
    this.start = head.clock.start;
    this.end = Math.max(head.clock.end, head.clock.start + 1);
    this.kept = { polls: [], sent: [], series: new Map(), lines: new Map(), events: null, calls: null };
    // A part of the same dump with more polls (`detail.js`), or null.
    this.detail = null;
  }

  setDetail(detail) {
    this.detail = detail;
    this.kept.series.clear();
    this.kept.lines.clear();
  }

  bytes(part) {
    return this.binary.subarray(part.offset, part.offset + part.bytes);
  }

  // The times of a connection's polls, in ms since 1970.
  polls(connection) {
    const kept = this.kept.polls;
    if (!kept[connection]) {
      const part = this.connections[connection].polls;
      kept[connection] = part ? varints(this.bytes(part), part.count) : new Float64Array(0);
    }
    return kept[connection];
  }

  // What a browser sent: {meta, unit, kind, times, values, names}, one value per poll, NaN where there is none. States
  // are indexes of `names`. What is drawn of it (the rate of a counter) gives `lineOf`.
  series(index) {
    const kept = this.kept.series;
    if (!kept.has(index)) kept.set(index, withDetail(this, index, this.sent(index), (data, other) => data.series(other)));
    return kept.get(index);
  }

  // The same, of the polls that the page itself has.
  sent(index) {
    const kept = this.kept.sent;
    if (!kept[index]) kept[index] = this.decode(this.head.series[index]);
    return kept[index];
  }

  decode(meta) {
    const polls = this.polls(meta.connection);
    const places = this.places(meta);
    const values = this.values(meta, places.length);
    const times = Float64Array.from(places, (place) => polls[Math.min(place, polls.length - 1)]);
    const unit = meta.sent === undefined ? meta.unit : meta.sent;
    return { meta, unit, kind: meta.kind, times, places, values, names: meta.dictionary || null, levels: [], step: meta.step || 1 };
  }

  // The polls of a series: all from its first to its last, or those of them that are left of a long dump.
  places(meta) {
    const end = meta.first + meta.count;
    const { sampled } = this.connections[meta.connection].polls || {};
    if (meta.step > 1 && sampled) return varints(this.bytes(sampled), sampled.count).filter((place) => place >= meta.first && place < end);
    return Float64Array.from({ length: meta.count }, (_, at) => meta.first + at);
  }

  values(meta, count) {
    const bytes = this.bytes(meta);
    let values;
    if (meta.encoding === 'f32') values = floats(bytes);
    else if (meta.encoding === 'dictionary') values = runs(bytes, count);
    else values = varints(bytes, count);
    const scale = meta.scale || 1;
    if (scale !== 1) for (let index = 0; index < values.length; index += 1) values[index] /= scale;
    for (const [from, to] of meta.absent || []) values.fill(NaN, from, to);
    return values;
  }

  // What was sent at the last poll that is not after `time`: a number, a text (states), or null.
  valueAt(index, time) {
    return this.isOver(index, time) ? null : lineValue(this.series(index), time);
  }

  // What is drawn at that time: a number, a text, or null.
  drawnAt(index, time) {
    return this.isOver(index, time) ? null : lineValue(lineOf(this, index), time);
  }

  // Whether the report of a series had gone for good.
  isOver(index, time) {
    const { connection, first, count } = this.head.series[index];
    return lastAt(this.polls(connection), time) >= first + count;
  }

  // {count, times, at(i) → {index, time, connection (index or -1), method, value, duration}, last(time) → index or -1}.
  events() {
    if (!this.kept.events) this.kept.events = new Events(this);
    return this.kept.events;
  }
}

function lineValue(line, time) {
  const at = lastAt(line.times, time);
  if (at < 0 || Number.isNaN(line.values[at])) return null;
  return line.kind === 'state' ? line.names[line.values[at]] : line.values[at];
}

class Events {
  constructor(data) {
    const { columns, shown, methods, values } = data.head.events;
    const column = (name) => (columns[name] ? varints(data.bytes(columns[name]), shown) : new Float64Array(shown));
    this.count = shown;
    this.times = column('time').map((time) => time + data.start);
    // In this column 0 is the client, and all others are one more than their place.
    this.connections = column('connection').map((number) => number - 1);
    this.durations = column('duration');
    this.methodOf = column('method');
    this.valueOf = column('value');
    this.methods = methods;
    this.texts = values;
  }

  at(index) {
    return {
      index,
      time: this.times[index],
      connection: this.connections[index],
      method: this.methods[this.methodOf[index]],
      value: this.texts[this.valueOf[index]] || '',
      duration: this.durations[index] < 0 ? null : this.durations[index],
    };
  }

  last(time) {
    return lastAt(this.times, time);
  }
}
