// How times and values are written. Times are ms since 1970 by the client's clock; every one is shown to the ms.

const MODES = ['utc', 'local', 'start', 'mark'];
const MODE_TITLES = { utc: 'UTC', local: 'local time', start: 'since start', mark: 'since mark' };

const two = (number) => String(number).padStart(2, '0');
const three = (number) => String(number).padStart(3, '0');

// A length of time in the unit that reads well: 340 ms, 12.5 s, 3:05 min, 1:02:03 h.
function span(ms) {
  if (ms === null || ms === undefined || Number.isNaN(ms)) return '–';
  const size = Math.abs(ms);
  const sign = ms < 0 ? '−' : '';
  if (size < 1000) return `${sign}${Math.round(size)} ms`;
  if (size < 60_000) return `${sign}${trim(size / 1000, size < 10_000 ? 2 : 1)} s`;
  const seconds = Math.round(size / 1000);
  if (seconds < 3600) return `${sign}${Math.floor(seconds / 60)}:${two(seconds % 60)} min`;
  return `${sign}${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)} h`;
}

function trim(number, digits) {
  return String(Number(number.toFixed(digits)));
}

// `time` as a time of day: 12:03:04.123, with `digits` of the second's fraction.
function ofDay(time, isLocal, digits = 3) {
  if (!Number.isFinite(time)) return '–';
  const date = new Date(time);
  const part = (name) => date[`get${isLocal ? '' : 'UTC'}${name}`]();
  const fraction = digits === 0 ? '' : `.${three(part('Milliseconds')).slice(0, digits)}`;
  return `${two(part('Hours'))}:${two(part('Minutes'))}:${two(part('Seconds'))}${fraction}`;
}

function dayOf(time, isLocal) {
  const date = new Date(time);
  const part = (name) => date[`get${isLocal ? '' : 'UTC'}${name}`]();
  return `${part('FullYear')}-${two(part('Month') + 1)}-${two(part('Date'))}`;
}

// `offset` ms from a zero: +12.345 s, −1:02.345.
function relative(offset, digits = 3) {
  if (!Number.isFinite(offset)) return '–';
  const size = Math.abs(offset);
  const sign = offset < 0 ? '−' : '+';
  if (size < 60_000) return `${sign}${(size / 1000).toFixed(digits)} s`;
  const minutes = Math.floor(size / 60_000);
  const seconds = ((size % 60_000) / 1000).toFixed(digits).padStart(digits === 0 ? 2 : digits + 3, '0');
  if (minutes < 60) return `${sign}${minutes}:${seconds}`;
  return `${sign}${Math.floor(minutes / 60)}:${two(minutes % 60)}:${seconds}`;
}

function zone(isLocal, time) {
  if (!isLocal) return 'UTC';
  const minutes = -new Date(time).getTimezoneOffset();
  const size = Math.abs(minutes);
  return `UTC${minutes < 0 ? '−' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}

const UNITS = {
  'bits/s': 'bit/s', bps: 'bit/s', 'bytes/s': 'B/s', bytes: 'B', seconds: 's', milliseconds: 'ms', percent: '%',
  pixels: 'px', hertz: 'Hz', fps: 'fps', frames: 'frames', packets: 'packets', count: '',
};
const LARGE = ['', 'k', 'M', 'G', 'T'];

const unitOf = (unit) => (unit in UNITS ? UNITS[unit] : unit || '');

// A number to about four digits, with its unit: 1.25 Mbit/s, 34 ms, 0.5 %.
function amount(value, unit) {
  if (value === null || value === undefined || Number.isNaN(value)) return '–';
  if (typeof value !== 'number') return String(value);
  const name = unitOf(unit);
  if (name === 'ms since 1970') return `${ofDay(value, false)} UTC`;
  if (name === 's' && Math.abs(value) < 1) return `${digits(value * 1000)} ms`;
  if (/^(bit|B|Hz)/.test(name)) {
    const power = Math.min(4, Math.max(0, Math.floor(Math.log10(Math.max(1, Math.abs(value))) / 3)));
    return `${digits(value / 1000 ** power)} ${LARGE[power]}${name}`;
  }
  return name === '' ? digits(value) : `${digits(value)} ${name}`;
}

function digits(value) {
  const size = Math.abs(value);
  if (size >= 1e15) return value.toExponential(3);
  if (size >= 10_000) return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, '\u202f');
  if (Number.isInteger(value)) return String(value);
  if (size >= 100) return trim(value, 1);
  if (size >= 1) return trim(value, 2);
  return size < 0.0005 && size > 0 ? value.toExponential(1) : trim(value, 4);
}
