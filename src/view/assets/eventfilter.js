// The filter of the events: words and tokens, all of which must hold.
//
//   pc:PC_1  method:*Failure  text:"two words"  after:12:03  before:+90  -method:getStats  word

const FILTER_NAMES = ['pc', 'method', 'text', 'after', 'before'];

// Tokens {name, value, isNot}; a name that is none is part of a word.
function filterTokens(query) {
  const tokens = [];
  const pattern = /(-?)(?:([a-z]+):)?(?:"([^"]*)"?|(\S+))/g;
  for (const [whole, minus, name, quoted, bare] of query.matchAll(pattern)) {
    const isNot = minus === '-';
    if (name && FILTER_NAMES.includes(name)) tokens.push({ name, value: quoted ?? bare, isNot });
    else if (name) tokens.push({ name: 'text', value: `${name}:${quoted ?? bare}`, isNot });
    else if ((quoted ?? bare) !== '') tokens.push({ name: 'text', value: quoted ?? bare ?? whole, isNot });
  }
  return tokens;
}

// `*` is anything; without one the text may stand anywhere.
function globTest(pattern) {
  const wanted = pattern.toLowerCase();
  if (!wanted.includes('*')) return (text) => text.toLowerCase().includes(wanted);
  const parts = wanted.split('*');
  return (text) => matchesParts(text.toLowerCase(), parts);
}

// No regular expression: a hostile pattern must not take more than one pass over a text.
function matchesParts(text, parts) {
  const last = parts.length - 1;
  if (!text.startsWith(parts[0])) return false;
  let at = parts[0].length;
  for (let index = 1; index < last; index += 1) {
    const found = text.indexOf(parts[index], at);
    if (found < 0) return false;
    at = found + parts[index].length;
  }
  return text.length - parts[last].length >= at && text.endsWith(parts[last]);
}

// A time of the filter in ms since 1970: 12:03, 12:03:04.5 (in the zone that is shown) or +12.5 (s since the start).
// null is no time.
function filterTime(app, text) {
  const since = /^\+?(\d+(?:\.\d+)?)s?$/.exec(text);
  if (since) return app.data.start + Number(since[1]) * 1000;
  const clock = /^(\d{1,2}):(\d{2})(?::(\d{2}(?:\.\d+)?))?$/.exec(text);
  if (!clock) return null;
  const isLocal = app.state.mode === 'local';
  const day = new Date(app.data.start);
  const [hours, minutes, seconds_] = [Number(clock[1]), Number(clock[2]), Number(clock[3] || 0)];
  const midnight = isLocal ? new Date(day.getFullYear(), day.getMonth(), day.getDate()).getTime()
    : Date.UTC(day.getUTCFullYear(), day.getUTCMonth(), day.getUTCDate());
  const time = midnight + (hours * 60 + minutes) * 60_000 + seconds_ * 1000;
  // A call over midnight: a time long before its start is one of the next day.
  return time < app.data.start - 12 * 3_600_000 ? time + 86_400_000 : time;
}

// Gives {test(index), trouble}: whether an event stays, and what of the query is not understood.
function eventFilter(app, query) {
  const events = app.data.events();
  const trouble = [];
  const tests = filterTokens(query).map(({ name, value, isNot }) => {
    const test = tokenTest(app, events, name, value, trouble);
    return test && isNot ? (index) => !test(index) : test;
  }).filter(Boolean);
  return { test: (index) => tests.every((one) => one(index)), trouble };
}

function tokenTest(app, events, name, value, trouble) {
  if (name === 'after' || name === 'before') {
    const time = filterTime(app, value);
    if (time === null) trouble.push(`${name}:${value} is no time; write 12:03, 12:03:04.5 or +90 (seconds)`);
    else return name === 'after' ? (index) => events.times[index] >= time : (index) => events.times[index] <= time;
    return null;
  }
  if (name === 'pc') {
    const wanted = value.toLowerCase();
    const chosen = app.data.connections.map((_, index) => app.nameOf(index).toLowerCase() === wanted);
    if (wanted !== 'client' && !chosen.includes(true)) trouble.push(`no connection is called ${value}`);
    return (index) => (wanted === 'client' ? events.connections[index] < 0 : chosen[events.connections[index]] === true);
  }
  const glob = globTest(value);
  const ofMethod = events.methods.map((method) => glob(method));
  if (name === 'method') return (index) => ofMethod[events.methodOf[index]];
  // Values are kept once each, and looked at once each.
  const ofText = new Int8Array(events.texts.length).fill(-1);
  return (index) => {
    if (ofMethod[events.methodOf[index]]) return true;
    const text = events.valueOf[index];
    if (ofText[text] < 0) ofText[text] = glob(events.texts[text] || '') ? 1 : 0;
    return ofText[text] === 1;
  };
}
