// Of a long dump a page has some polls only, and of numbers the least, the greatest and the last of each bucket of polls
// (`docs/view-format.md`). Here both become one line, whose points are polls where all of them are there, and buckets
// elsewhere, so that no peak is hidden. A page that is served gets whole parts of such a dump when they are looked at
// (`detail.js`); these take the place of what the page has.

// `line` is what is drawn at the polls that are there, `places` their numbers. Values of buckets are times `factor`.
function withBuckets(data, series, line, factor = 1) {
  const { meta, places } = series;
  const [level] = meta.levels || [];
  if (!level || meta.step === 1) return line;
  const buckets = floats(data.bytes(level));
  const count = buckets.length / 3;
  const polls = data.polls(meta.connection);
  const isGrowth = DRAWN[meta.kind] !== undefined;
  const out = { times: [], low: [], high: [], values: [] };
  let at = 0;
  for (let bucket = 0; bucket < count; bucket += 1) {
    const first = meta.first + bucket * level.step;
    const end = Math.min(first + level.step, meta.first + meta.count);
    const begin = at;
    while (at < places.length && places[at] < end) at += 1;
    // A rate needs the poll before as well.
    const isWhole = at - begin === end - first && (!isGrowth || begin === 0 || places[begin - 1] === first - 1);
    if (isWhole) {
      for (let own = begin; own < at; own += 1) {
        out.times.push(line.times[own]);
        for (const name of ['low', 'high', 'values']) out[name].push(line.values[own]);
      }
    } else {
      out.times.push(polls[first]);
      ['low', 'high', 'values'].forEach((name, part) => out[name].push(buckets[part * count + bucket] * factor));
    }
  }
  const [times, low, high, values] = ['times', 'low', 'high', 'values'].map((name) => Float64Array.from(out[name]));
  return { ...line, times, low, high, values, step: level.step };
}

// A line, or a series as it was sent, with the part that was fetched in the place of its own.
function withDetail(data, index, own, other) {
  const { detail } = data;
  if (!detail || own.meta.step === 1) return own;
  const found = detail.places.get(keyOf(own.meta));
  if (found === undefined) return own;
  const finer = other(detail.data, found);
  const inside = finer.times.length > 0 ? [finer.times[0], finer.times[finer.times.length - 1]] : [Infinity, -Infinity];
  const first = own.times.findIndex((time) => time >= inside[0]);
  if (first < 0 || inside[0] > inside[1]) return own;
  const behind = lastAt(own.times, inside[1]) + 1;
  const numbers = own.names && finer.names ? finer.values.map((value) => numberOf(own.names, finer.names[value])) : finer.values;
  const joined = (list, part) => Float64Array.from([...list.subarray(0, first), ...part, ...list.subarray(behind)]);
  const line = { ...own, times: joined(own.times, finer.times), values: joined(own.values, numbers), levels: [], range: undefined, parts: undefined };
  if (own.low || finer.low) {
    for (const name of ['low', 'high']) line[name] = joined(own[name] || own.values, finer[name] || finer.values);
  }
  return line;
}

// The place of a word among others, to which it is added if it is new.
function numberOf(names, word) {
  if (word === undefined) return NaN;
  const at = names.indexOf(word);
  return at < 0 ? names.push(word) - 1 : at;
}

// What a series is called in any part of the same dump.
function keyOf(meta) {
  return JSON.stringify([meta.connection, meta.report, meta.property]);
}
