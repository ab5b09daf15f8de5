// Words that the text views share: values with their limits, lists, reasons why a thing is absent.

const CELL_CHARS = 400;
const DETAIL_CHARS = 200_000;

// What features have in place of a unit.
const NO_UNITS = ['bool', 'number', 'object', 'sum', 'text', 'tier', 'true', '0…1', 'count'];

// A value in the unit of its rule or feature, as people of the field say it.
function valueIn(value, unit) {
  if (value === null || value === undefined) return '–';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'object') return shortened(JSON.stringify(value));
  if (typeof value !== 'number') return shortened(String(value));
  if (unit === 'ms') return span(value);
  if (unit === 's' || unit === 'seconds') return span(value * 1000);
  if (unit === 'ratio' || unit === 'share') return `${trim(value * 100, 1)} %`;
  return amount(value, NO_UNITS.includes(unit) ? '' : unit);
}

// A word of a dump that is short in every honest one.
function brief(text) {
  return text === null || text === undefined ? '–' : shortened(String(text), 40);
}

function plural(count, one, many = `${one}s`) {
  return `${digits(count)} ${count === 1 ? one : many}`;
}

function shortened(text, chars = CELL_CHARS) {
  return text.length > chars ? `${text.slice(0, chars)} …` : text;
}

// "a, b and c"; of many the first few and how many more.
function listed(words, most = 6) {
  const shown = words.length > most ? [...words.slice(0, most), `${words.length - most} more`] : words;
  if (shown.length < 2) return shown.join('');
  return `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`;
}

// The value of an event in a few words: a track by its kind and label, a candidate by its type and address. What is
// neither stays as it is.
function valueText(method, value) {
  if (method === 'onicecandidate' || method === 'addIceCandidate') return candidateText(value);
  if (/^(addTrack|ontrack|addTransceiver|removeTrack|replaceTrack)$/.test(method)) return trackText(value) ?? value;
  if (/^transceiver/.test(method)) return transceiverText(value) ?? value;
  return value;
}

// Of a browser's own export: {"mid", "kind", "sender", …, "direction", "currentDirection"}.
function transceiverText(value) {
  const of = (name) => new RegExp(`"${name}":"([^"]{1,40})"`).exec(value)?.[1];
  const kind = of('kind');
  const parts = [of('mid') && `mid ${of('mid')}`, of('direction'), of('currentDirection') && `negotiated ${of('currentDirection')}`];
  return kind ? [kind, ...parts].filter(Boolean).join(', ') : null;
}

function candidateText(value) {
  const parts = /candidate:\S+ \d+ (\S+) \d+ (\S+) (\d+) typ (\w+)/.exec(value);
  if (parts) return `${parts[4]} ${parts[1].toLowerCase()} ${addressText(parts[2], parts[3])}`;
  return /"candidate":\s*""|^$|^null$/.test(value) ? 'end of candidates' : value;
}

// Tracks are written [kind, id, label, stream…], maybe as the first of a list of arguments.
function trackText(value) {
  const parts = /^\[+"(audio|video)","([^"]*)"(?:,"([^"]*)")?/.exec(value);
  return parts && `${parts[1]} ${parts[3] || parts[2]}`;
}

function addressText(address, port) {
  if (!address) return port ? `:${port}` : '–';
  const host = address.includes(':') ? `[${shortened(address, 60)}]` : shortened(address, 60);
  return port === null || port === undefined ? host : `${host}:${port}`;
}

// In place of what is absent: a sentence that says why, never an empty box.
function absent(...text) {
  return el('p', { class: 'absent' }, text);
}

// A connection's name, which a hostile dump can make as long as it likes.
function named(app, index) {
  return shortened(app.nameOf(index), 60);
}

function section(title, name, ...children) {
  return el('section', { class: `part part-${name}` }, el('h3', {}, title), children);
}

// Why there are no statistics, in the words of the dump's form.
function whyNoStatistics(head) {
  if (head.source.form === 'library') return 'No statistics: the client polls from the moment a connection is connected.';
  return 'The browser’s export holds no statistics of it.';
}

// A view of parts that are drawn again when one of the names of the state has changed that they depend on. Each part is
// [names, draw]; gives what `render` must give.
function redrawing(parts, more = {}) {
  for (const [, draw] of parts) draw();
  const update = (changed) => {
    for (const [names, draw] of parts) if (names.some((name) => changed.has(name))) draw();
  };
  return { update, ...more };
}

// A time as a button that shows it in the time line.
function timeButton(app, time) {
  return button(app.time(time), () => showTime(app, time), { class: 'link', title: 'Show in the time line' });
}

function showTime(app, time, id = 'timeline') {
  app.point(time);
  app.reveal(time);
  app.go(id);
}
