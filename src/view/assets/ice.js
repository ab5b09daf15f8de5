// View 6: ICE. The story in words on top, then servers, the history of the path, pairs at the cursor and candidates.

const CANDIDATES_SHOWN = 200;
const PAIRS_SHOWN = 50;
const SPARK_POINTS = 120;
const SPARK = { width: 132, height: 22 };

view({
  key: '6',
  id: 'ice',
  title: 'ICE',
  render(root, app) {
    const story_ = el('div', {});
    const pairs = el('div', {});
    const rest = el('div', {});
    add(root, [story_, pairs, rest]);
    return redrawing([
      [['pc', 'mode'], () => icePage(app, story_, rest)],
      [['pc', 'mode', 'cursor'], () => clear(pairs, app.connection() && pairsPart(app, app.connection()))],
    ], { markdown: () => iceMarkdown(app) });
  },
});

function icePage(app, top, rest) {
  const connection = app.connection();
  if (!connection) {
    clear(rest);
    return clear(top, absent('The page made no peer connection, so ICE never ran.'));
  }
  clear(top, storyPart(app, connection));
  return clear(rest,
    el('div', { class: 'columns' }, serversPart(app, connection), pathPart(app, connection)),
    el('div', { class: 'columns' }, candidatesPart(app, connection, 'local', 'Own candidates'),
      candidatesPart(app, connection, 'remote', 'Candidates of the far side')));
}

const STORY_ICONS = { good: 'good', bad: 'warning', unknown: 'unknown' };

function storyPart(app, connection) {
  const lines = iceStory(app, connection);
  return section('What happened', 'story', el('ol', { class: 'story' }, lines.map(({ tone, text }) =>
    el('li', { class: tone ? `tone-${tone}` : 'tone-plain' }, tone === '' ? el('span', { class: 'dot', 'aria-hidden': 'true' }, '•') : icon(STORY_ICONS[tone]), el('span', {}, text)))));
}

function serversPart(app, { ice = {} }) {
  const servers = ice.servers || [];
  if (servers.length === 0) return section('Servers', 'servers', absent('No STUN or TURN server was configured.'));
  const columns = [
    { title: 'URL', class: 'code breaks', text: ({ url }) => shortened(String(url), 200) },
    { title: 'First candidate', class: 'number', text: ({ first }) => (Number.isFinite(first) ? span(first) : el('span', { class: 'faint' }, 'none')) },
    { title: 'Error', text: ({ error }) => (error ? el('span', { class: 'bad' }, shortened(error, 160)) : el('span', { class: 'faint' }, 'none')) },
  ];
  return section('Servers', 'servers', table('ICE servers', columns, servers.slice(0, 100), { heads: true }));
}

function pathPart(app, { path = [] }) {
  if (path.length === 0) {
    return section('Path', 'path', absent(`No pair was selected in the dump. ${whyNoStatistics(app.head)}`));
  }
  const columns = [
    { title: 'Since', class: 'time', text: ({ time }) => timeButton(app, time) },
    { title: 'Local ↔ remote', text: ({ local, remote }) => `${brief(local)} ↔ ${brief(remote)}` },
    { title: 'Protocol', text: ({ protocol, relay }) => [brief(protocol), relay && ` relay ${brief(relay)}`] },
    { title: 'Network', text: ({ network }) => brief(network) },
    { title: 'Pair', class: 'code', text: ({ pair }) => shortened(String(pair ?? '–'), 30) },
  ];
  return section('Path', 'path', table('History of the path', columns, path.slice(0, 200)));
}

function pairsPart(app, connection) {
  const pairs = connection.ice?.pairs || [];
  if (pairs.length === 0) return section('Pairs', 'pairs', absent(`No pair of candidates is in the dump. ${whyNoStatistics(app.head)}`));
  const byReport = new Map((connection.ice.candidates || []).filter(({ report }) => report).map((one) => [one.report, one]));
  const polls = app.data.polls(app.state.pc);
  const now = app.state.cursor ?? (polls.length > 0 ? polls[polls.length - 1] : app.now());
  const reports = new Map((connection.reports || []).map((one) => [one.id, one]));
  const at = (pair, property) => pairValue(app, pair, reports.get(pair.id), property, now);
  const rank = ({ selected, state }) => (selected ? 0 : state === 'succeeded' ? 1 : state === 'failed' ? 3 : 2);
  const shown = [...pairs].sort((a, b) => rank(a) - rank(b)).slice(0, PAIRS_SHOWN);
  const columns = [
    { title: 'Local', text: ({ local }) => candidateName(byReport.get(local), local) },
    { title: 'Remote', text: ({ remote }) => candidateName(byReport.get(remote), remote) },
    { title: 'State', text: (pair) => pairState(at(pair, 'state') ?? pair.state, pair) },
    { title: 'Checks sent', class: 'number', text: (pair) => valueIn(at(pair, 'requestsSent')) },
    { title: 'Answered', class: 'number', text: (pair) => answeredText(at(pair, 'requestsSent'), at(pair, 'responsesReceived')) },
    { title: 'Round trip', class: 'number', text: (pair) => valueIn(at(pair, 'currentRoundTripTime'), 's') },
    { title: 'Over the call', class: 'spark', text: (pair) => sparkline(app, pair, now) },
  ];
  const more = pairs.length - shown.length;
  return section(app.state.cursor === null ? `Pairs at the last statistics, ${app.time(now)}` : `Pairs at ${app.time(now)}`, 'pairs',
    table('Pairs of candidates at the cursor', columns, shown, { row: (line, pair) => pair.selected && line.classList.add('selected') }),
    more > 0 && el('p', { class: 'faint' }, `and ${digits(more)} more, in the values at the cursor`));
}

// What a pair's report says at a time: from its series, or what it always said while there was one.
function pairValue(app, pair, report, property, time) {
  const index = seriesOf(app, pair, property);
  if (index !== null) return app.data.valueAt(index, time);
  return report && isThere(app, report, time) ? report.constants?.[property] ?? null : null;
}

function pairState(state, { selected, nominated }) {
  const words = [brief(state ?? 'unknown'), selected ? 'selected' : nominated ? 'nominated' : null].filter(Boolean);
  return selected ? el('b', {}, words.join(', ')) : words.join(', ');
}

function answeredText(sent, received) {
  if (received === null || received === undefined) return '–';
  return received === 0 && sent > 0 ? el('span', { class: 'bad' }, '0') : valueIn(received);
}

function candidateName(candidate, id) {
  if (!candidate) return el('code', {}, shortened(String(id ?? '–'), 30));
  const { type, protocol, address, port, relay } = candidate;
  return [el('b', {}, brief(type)), ` ${relay ? `${brief(relay)} → ` : ''}${brief(protocol)} `, el('code', {}, addressText(address, port))];
}

// The round trip over the call, with the cursor.
function sparkline(app, pair, now) {
  const index = seriesOf(app, pair, 'currentRoundTripTime');
  if (index === null) return el('span', { class: 'faint' }, 'always the same, or none');
  const { times, values } = app.data.series(index);
  const points = [];
  const step = Math.max(1, Math.ceil(values.length / SPARK_POINTS));
  for (let at = 0; at < values.length; at += step) {
    const highest = highestOf(values.subarray(at, at + step));
    if (!Number.isNaN(highest)) points.push([times[at], highest]);
  }
  if (points.length < 2) return el('span', { class: 'faint' }, 'too few polls');
  const top = Math.max(...points.map(([, value]) => value), 1e-9);
  const { start, end } = app.data;
  const x = (time) => (2 + ((time - start) / (end - start)) * (SPARK.width - 4)).toFixed(1);
  const y = (value) => (SPARK.height - 2 - (value / top) * (SPARK.height - 5)).toFixed(1);
  const line = points.map(([time, value], at) => `${at === 0 ? 'M' : 'L'}${x(time)} ${y(value)}`).join('');
  const cursor = `M${x(Math.min(end, Math.max(start, now)))} 0V${SPARK.height}`;
  return el('span', { class: 'spark-box' }, drawing(SPARK.width, SPARK.height, [
    ['path', { d: `M2 ${SPARK.height - 2}H${SPARK.width - 2}`, class: 'spark-base' }],
    ['path', { d: line, class: 'spark-line' }], ['path', { d: cursor, class: 'spark-cursor' }],
  ]), el('span', { class: 'faint' }, `to ${span(top * 1000)}`));
}

// The highest of numbers of which some may be missing.
function highestOf(values) {
  return values.reduce((highest, value) => (Number.isNaN(value) || value <= highest ? highest : value), NaN);
}

function candidatesPart(app, { ice = {}, states = {}, start }, side, title) {
  const own = (ice.candidates || []).filter((one) => one.side === side);
  if (own.length === 0) {
    const why = side === 'local' ? 'The browser gathered none: no local description was set, or no address was allowed.'
      : 'The far side gave none, neither one by one nor in a description.';
    return section(title, side, absent(why));
  }
  const zero = (states.gathering || [])[0]?.[0] ?? start;
  const columns = [
    { title: 'Type', text: ({ type }) => el('b', {}, brief(type)) },
    { title: 'Protocol', text: ({ protocol, relay }) => [brief(protocol).toLowerCase(), relay && `, relay ${brief(relay)}`] },
    { title: 'Address', class: 'code breaks', text: ({ address, port }) => addressText(address, port) },
    { title: 'After', class: 'number', text: ({ time }) => (Number.isFinite(time) ? span(time - zero) : '–') },
    ...(side === 'local' ? [{ title: 'Server', class: 'code breaks', text: ({ url }) => (url ? shortened(url, 80) : '–') }] : []),
  ];
  const masked = app.head.source.masked && el('p', { class: 'faint' }, 'Addresses are masked: equal ones need not be one host.');
  const more = own.length - CANDIDATES_SHOWN;
  return section(`${title} (${digits(own.length)})`, side, table(title, columns, own.slice(0, CANDIDATES_SHOWN)), masked,
    more > 0 && el('p', { class: 'faint' }, `and ${digits(more)} more, in the events`));
}
