// The state in the address: #v=timeline&pc=PC_1&t=12.5-20&f=rcv.freeze@12.5. Times are seconds since the dump's start,
// so that a link reads well and means the same everywhere. It holds what somebody has changed and nothing else.

const seconds = (app, time) => trim((time - app.data.start) / 1000, 3);

function hashOf(app) {
  const { state, data } = app;
  const whole = app.whole();
  const parts = [['v', state.view]];
  if (state.pc > 0) parts.push(['pc', app.nameOf(state.pc)]);
  if (state.from !== whole.from || state.to !== whole.to) {
    parts.push(['t', `${seconds(app, state.from)}-${seconds(app, state.to)}`]);
  }
  if (state.cursor !== null) parts.push(['c', seconds(app, state.cursor)]);
  if (state.interval) parts.push(['i', state.interval.map((time) => seconds(app, time)).join('-')]);
  if (state.mark !== null) parts.push(['m', seconds(app, state.mark)]);
  const found = data.findings[state.finding];
  if (found) parts.push(['f', `${found.id}@${seconds(app, found.start)}`]);
  if (state.query) parts.push(['q', state.query]);
  if (state.pick) parts.push(['k', state.pick]);
  if (state.mode !== EMPTY.mode) parts.push(['z', state.mode]);
  if (state.theme !== EMPTY.theme) parts.push(['theme', state.theme]);
  if (!state.keys) parts.push(['keys', 'off']);
  if (state.shift !== null) parts.push(['shift', String(state.shift)]);
  return `#${parts.map(([name, value]) => `${name}=${plain(value)}`).join('&')}`;
}

// Readable where the address allows it.
function plain(value) {
  return encodeURIComponent(value).replace(/%3A/g, ':').replace(/%40/g, '@').replace(/%20/g, '+');
}

// What a hash says, as changes of the state. What makes no sense is left out: a link may be of another dump.
function fromHash(app, hash) {
  const given = new Map();
  for (const part of hash.replace(/^#/, '').split('&')) {
    const at = part.indexOf('=');
    try {
      if (at > 0) given.set(part.slice(0, at), decodeURIComponent(part.slice(at + 1).replace(/\+/g, ' ')));
    } catch {
      // A per cent sign that escapes nothing: this part is left out.
    }
  }
  const { data } = app;
  const time = (text) => (/^-?\d+(\.\d+)?$/.test(text) ? data.start + Number(text) * 1000 : null);
  const pair = (text) => {
    const match = /^(-?\d+(?:\.\d+)?)-(-?\d+(?:\.\d+)?)$/.exec(text || '');
    return match && Number(match[1]) < Number(match[2]) ? [time(match[1]), time(match[2])] : null;
  };
  const changes = { ...EMPTY, ...app.whole() };
  if (VIEWS.some(({ id }) => id === given.get('v'))) changes.view = given.get('v');
  const named = data.connections.findIndex((_, index) => app.nameOf(index) === given.get('pc'));
  if (named >= 0) changes.pc = named;
  const shown = pair(given.get('t'));
  if (shown) [changes.from, changes.to] = shown;
  changes.interval = pair(given.get('i'));
  changes.cursor = time(given.get('c') || '');
  changes.mark = time(given.get('m') || '');
  changes.query = given.get('q') || '';
  changes.pick = given.get('k') || '';
  if (MODES.includes(given.get('z'))) changes.mode = given.get('z');
  if (['light', 'dark'].includes(given.get('theme'))) changes.theme = given.get('theme');
  changes.keys = given.get('keys') !== 'off';
  if (/^-?\d+$/.test(given.get('shift') || '')) changes.shift = Number(given.get('shift'));
  const [id, start] = (given.get('f') || '').split('@');
  const found = data.findings.findIndex((one) => one.id === id && (!start || seconds(app, one.start) === start));
  if (found >= 0) {
    changes.finding = found;
    if (changes.cursor === null) changes.cursor = data.findings[found].start;
  }
  return changes;
}

// Keeps the address and the state equal. A new view is a step of the browser's history, the rest is not.
function keepHash(app) {
  let last = '';
  let timer = 0;
  const write = () => {
    timer = 0;
    const hash = hashOf(app);
    if (hash === last) return;
    last = hash;
    history.replaceState(null, '', hash);
  };
  app.listen((changed) => {
    if (changed.has('view') && !app.isFromHash) {
      last = hashOf(app);
      history.pushState(null, '', last);
    }
    app.isFromHash = false;
    // Browsers refuse more than about a hundred changes in ten seconds.
    if (timer === 0) timer = setTimeout(write, 250);
  });
  const read = () => {
    if (location.hash === last) return;
    last = location.hash;
    app.isFromHash = true;
    app.set(fromHash(app, location.hash));
  };
  addEventListener('hashchange', read);
  addEventListener('popstate', read);
  Object.assign(app.state, fromHash(app, location.hash));
}
