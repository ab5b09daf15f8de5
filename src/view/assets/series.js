// What is drawn: a value as it is, the rate of a counter, or one sum by another; and stretches of it with at most two
// points a pixel.
//
// A line is told by the index of a series, or by {ratio: [one, other], factor, unit}: what the first grows by for each one
// by which the second grows, or by {share: [one, other]}: what the first grows by, in a hundred of what both grow by.
// Where a counter falls it has begun anew, and there is no value. Rust does the same (`src/view/series`).

// {meta, unit, kind, times, values, names}, made once.
function lineOf(data, spec) {
  const { lines } = data.kept;
  const name = typeof spec === 'number' ? spec : JSON.stringify(spec);
  if (!lines.has(name)) lines.set(name, typeof spec === 'number' ? drawnOf(data.series(spec)) : quotientOf(data, spec));
  return lines.get(name);
}

function drawnOf(series) {
  const { meta } = series;
  if (series.kind !== 'rate') return series;
  const { times } = series;
  const values = series.values.map((value, at) => {
    const by = at === 0 ? NaN : value - series.values[at - 1];
    const seconds = (times[at] - times[at - 1]) / 1000;
    return by >= 0 && seconds > 0 ? (by / seconds) * (meta.factor || 1) : NaN;
  });
  return { meta, unit: meta.unit, kind: 'rate', times, values, names: null, levels: [] };
}

function quotientOf(data, { ratio, share, factor = 1, unit }) {
  const [one, other] = (ratio || share).map((index) => data.series(index));
  const offset = one.meta.first - other.meta.first;
  const grown = (values, at) => (at > 0 && at < values.length && values[at] - values[at - 1] >= 0 ? values[at] - values[at - 1] : NaN);
  const values = one.values.map((_, at) => {
    const above = grown(one.values, at);
    const below = grown(other.values, at + offset);
    if (ratio) return below > 0 ? (above / below) * factor : NaN;
    return above + below > 0 ? (above / (above + below)) * 100 : NaN;
  });
  const property = `${one.meta.property} ${ratio ? 'by' : 'beside'} ${other.meta.property}`;
  const meta = { connection: one.meta.connection, report: one.meta.report, property };
  return { meta, unit: ratio ? unit : '%', kind: 'gauge', times: one.times, values, names: null, levels: [] };
}

// {times, low, high, last, step} of what lies between two times, with one point beyond each edge. Values that are missing
// are NaN.
function stretchOf(data, spec, from, to, pixels) {
  const series = lineOf(data, spec);
  const { times } = series;
  const first = Math.max(0, lastAt(times, from));
  const last = Math.min(times.length - 1, lastAt(times, to) + 1);
  const count = last - first + 1;
  if (count <= 0) return null;
  if (count <= pixels * 2) {
    const values = series.values.subarray(first, last + 1);
    return { times: times.subarray(first, last + 1), low: values, high: values, last: values, step: 1 };
  }
  return folded(series, first, last, Math.ceil(count / pixels));
}

// Each `step` values as their lowest, highest and last. The pyramid of the series is built level by level when it is
// first needed, so that the cost of drawing does not depend on how much lies in sight.
function folded(series, first, last, wanted) {
  let level = 0;
  while (2 ** level < wanted) level += 1;
  const { low, high, end } = levelOf(series, level);
  const step = 2 ** level;
  const begin = Math.floor(first / step);
  const stop = Math.min(low.length, Math.floor(last / step) + 1);
  const times = new Float64Array(stop - begin);
  for (let index = begin; index < stop; index += 1) times[index - begin] = series.times[index * step];
  return { times, low: low.subarray(begin, stop), high: high.subarray(begin, stop), last: end.subarray(begin, stop), step };
}

function levelOf(series, level) {
  if (level === 0) return { low: series.values, high: series.values, end: series.values };
  if (series.levels[level]) return series.levels[level];
  const below = levelOf(series, level - 1);
  const count = Math.ceil(below.low.length / 2);
  const made = { low: new Float64Array(count), high: new Float64Array(count), end: new Float64Array(count) };
  for (let index = 0; index < count; index += 1) {
    const one = index * 2;
    const other = Math.min(one + 1, below.low.length - 1);
    made.low[index] = least(below.low[one], below.low[other]);
    made.high[index] = -least(-below.high[one], -below.high[other]);
    made.end[index] = Number.isNaN(below.end[other]) ? below.end[one] : below.end[other];
  }
  series.levels[level] = made;
  return made;
}

// The lesser of two, of which one may be missing.
function least(one, other) {
  if (Number.isNaN(one)) return other;
  return Number.isNaN(other) || one < other ? one : other;
}

// Lowest and highest value of the whole series, {min, max}, or null without values.
function rangeOf(data, spec) {
  const series = lineOf(data, spec);
  if (series.range !== undefined) return series.range;
  let [min, max] = [Infinity, -Infinity];
  for (const value of series.values) {
    if (value < min) min = value;
    if (value > max) max = value;
  }
  series.range = min > max ? null : { min, max };
  return series.range;
}

// The distance beyond which two polls are not joined by a line: a gap.
function gapOf(data, connection) {
  const polls = data.polls(connection);
  data.kept.gaps ||= [];
  if (data.kept.gaps[connection] === undefined) {
    const steps = [];
    const stride = Math.max(1, Math.floor(polls.length / 500));
    for (let index = 1; index < polls.length; index += stride) steps.push(polls[index] - polls[index - 1]);
    steps.sort((one, other) => one - other);
    data.kept.gaps[connection] = Math.max(5000, 2 * (steps[steps.length >> 1] || 0));
  }
  return data.kept.gaps[connection];
}
