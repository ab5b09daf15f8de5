// What is drawn of a series (`docs/view-format.md` tells how), and stretches of it with at most two points a pixel.

// {meta, unit, kind, times, values, names, step, low, high}: what is drawn, made once. A state is drawn as it is. Points
// that stand for several polls have their least and greatest in `low` and `high`; where these are absent, none does.
function lineOf(data, index) {
  const { lines } = data.kept;
  if (!lines.has(index)) lines.set(index, withDetail(data, index, drawnOf(data, data.sent(index)), lineOf));
  return lines.get(index);
}

const DRAWN = {
  rate: (grown, seconds) => grown / seconds,
  ratio: (grown, _, other) => grown / other,
  share: (grown, _, other) => grown / (grown + other),
};

function drawnOf(data, series) {
  const { meta, times, values } = series;
  const formula = DRAWN[series.kind];
  // The browser gives this one as a share of 1, which nobody reads.
  if (meta.property === 'fractionLost' && meta.unit === '') {
    return withBuckets(data, series, { ...series, unit: '%', values: values.map((value) => value * 100), levels: [] }, 100);
  }
  if (!formula) return withBuckets(data, series, series);
  const other = meta.per === undefined ? null : data.sent(meta.per);
  // The other one may have other polls: of a long dump, not all are left.
  const valueAt = (time) => {
    const place = lastAt(other.times, time);
    return place >= 0 && other.times[place] === time ? other.values[place] : NaN;
  };
  const beside = other && times.map((time) => valueAt(time));
  const growth = (list, at) => (at > 0 && at < list.length ? list[at] - list[at - 1] : NaN);
  const drawn = values.map((_, at) => {
    const grown = growth(values, at);
    const below = other ? growth(beside, at) : 0;
    const value = formula(grown, (times[at] - times[at - 1]) / 1000, below) * (meta.factor || 1);
    return grown >= 0 && below >= 0 && Number.isFinite(value) ? value : NaN;
  });
  return withBuckets(data, series, { meta, unit: meta.unit, kind: series.kind, times, values: drawn, names: null, levels: [], step: series.step });
}

// {times, low, high, last, step} of what lies between two times, with one point beyond each edge. Values that are
// missing are NaN.
function stretchOf(data, index, from, to, pixels) {
  const series = lineOf(data, index);
  const { times } = series;
  const first = Math.max(0, lastAt(times, from));
  const last = Math.min(times.length - 1, lastAt(times, to) + 1);
  const count = last - first + 1;
  if (count <= 0) return null;
  if (count <= pixels * 2) {
    const [low, high, end] = [series.low || series.values, series.high || series.values, series.values].map((one) => one.subarray(first, last + 1));
    return { times: times.subarray(first, last + 1), low, high, last: end, step: series.step || 1 };
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
  return { times, low: low.subarray(begin, stop), high: high.subarray(begin, stop), last: end.subarray(begin, stop), step: step * (series.step || 1) };
}

function levelOf(series, level) {
  if (level === 0) return { low: series.low || series.values, high: series.high || series.values, end: series.values };
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

// Whether a point in sight stands for several polls.
function isCoarse(line, from, to) {
  if (!line.low) return false;
  const first = Math.max(0, lastAt(line.times, from));
  const last = lastAt(line.times, to);
  for (let at = first; at <= last; at += 1) if (line.high[at] > line.low[at]) return true;
  return false;
}

// Lowest and highest value of the whole series, {min, max}, or null without values.
function rangeOf(data, index) {
  const series = lineOf(data, index);
  if (series.range !== undefined) return series.range;
  let [min, max] = [Infinity, -Infinity];
  for (const value of series.low || series.values) if (value < min) min = value;
  for (const value of series.high || series.values) if (value > max) max = value;
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
    data.kept.gaps[connection] = Math.max(5000, 3 * (steps[steps.length >> 1] || 0));
  }
  return data.kept.gaps[connection];
}
