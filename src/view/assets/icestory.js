// ICE told in words: what was there to be tried, what was tried, what answered, and how it ended. It says only what the
// dump shows, and what it does not know it says too.

// Gives [{tone: '' | 'good' | 'bad' | 'unknown', text}] for a connection.
function iceStory(app, connection) {
  const { ice = {}, states = {} } = connection;
  const local = (ice.candidates || []).filter(({ side }) => side === 'local');
  const remote = (ice.candidates || []).filter(({ side }) => side === 'remote');
  return [
    serversSentence(ice),
    ...serverTrouble(ice, local),
    gatheredSentence(app, local, states),
    remoteSentence(remote),
    checksSentence(ice, app.head),
    ...outcome(app, connection),
    ...afterwards(app, connection),
  ].filter(Boolean);
}

const story = (text, tone = '') => ({ text, tone });

// RTCStatsIceCandidatePairState in words.
const PAIR_WORDS = { failed: 'failed', 'in-progress': 'asked without an answer', waiting: 'not tried', frozen: 'not tried', cancelled: 'given up' };

function serversSentence({ servers = [], policy }) {
  const only = policy === 'relay' ? ' Only relays were allowed (iceTransportPolicy relay).' : '';
  if (servers.length === 0) {
    return story(`No STUN or TURN server was configured: only addresses of the machine itself could be offered.${only}`);
  }
  const turn = servers.filter(({ url, type }) => isTurn(url, type)).length;
  const stun = servers.length - turn;
  const kinds = [stun > 0 && plural(stun, 'STUN URL'), turn > 0 && plural(turn, 'TURN URL')].filter(Boolean);
  return story(`${listed(kinds)} ${servers.length === 1 ? 'was' : 'were'} configured${turn === 0 ? ', no TURN: there was no relay to fall back to' : ''}.${only}`);
}

function isTurn(url, type) {
  return /^turns?:/.test(url || '') || /^turn/.test(type || '');
}

function serverTrouble({ servers = [] }, local) {
  return servers.filter(({ error }) => error).slice(0, 6).map(({ url, error, first }) => {
    const has = Number.isFinite(first) || local.some((one) => one.url === url);
    return story(`${shortened(url, 90)} reported an error${has ? ', and still gave a candidate' : ' and gave no candidate'}: ${shortened(error, 120)}.`, has ? '' : 'bad');
  });
}

function typesText(candidates) {
  const counts = new Map();
  for (const { type, relay, protocol } of candidates) {
    const name = !type ? 'unknown' : type === 'relay' && relay ? `relay over ${brief(relay)}` : protocol === 'tcp' ? `${brief(type)} tcp` : brief(type);
    counts.set(name, (counts.get(name) || 0) + 1);
  }
  return listed([...counts].map(([name, count]) => `${count} ${name}`));
}

function gatheredSentence(app, local, states) {
  if (local.length === 0) return story('The browser found no candidate of its own.', 'bad');
  const began = (states.gathering || []).find(([, state]) => state === 'gathering')?.[0];
  const done = (states.gathering || []).find(([time, state]) => state === 'complete' && time >= (began ?? 0))?.[0];
  const took = began !== undefined && done !== undefined ? ` within ${span(done - began)}` : '';
  const open = began !== undefined && done === undefined ? ' Gathering was never completed.' : '';
  return story(`The browser found ${plural(local.length, 'candidate')} of its own (${typesText(local)})${took}.${open}`);
}

function remoteSentence(remote) {
  if (remote.length === 0) return story('The far side gave no candidate: there was nowhere to send a check to.', 'bad');
  const hidden = remote.filter(({ address }) => /\.local$/.test(address || '')).length;
  return story(`The far side gave ${plural(remote.length, 'candidate')} (${typesText(remote)})${hidden > 0 ? `, ${hidden} behind an mDNS name` : ''}.`);
}

function seriesOf(app, pair, property) {
  const found = (pair.series || []).find((index) => app.head.series[index]?.property === property);
  return found ?? null;
}

function checksSentence({ pairs = [] }, head) {
  if (pairs.length === 0) return story(`No pair of candidates is in the dump. ${whyNoStatistics(head)}`, 'unknown');
  const worked = pairs.filter(({ state }) => state === 'succeeded').length;
  const counts = new Map([['answered', worked]]);
  for (const { state } of pairs) {
    if (state === 'succeeded') continue;
    const word = PAIR_WORDS[state] ?? 'in no known state';
    counts.set(word, (counts.get(word) || 0) + 1);
  }
  const parts = [...counts].map(([word, count]) => `${count} ${word}`);
  return story(`${plural(pairs.length, 'pair')} of candidates ${pairs.length === 1 ? 'was' : 'were'} seen: ${listed(parts)}.`, worked > 0 ? '' : 'bad');
}

const firstState = (list, wanted, after = -Infinity) => (list || []).find(([time, state]) => time >= after && wanted.includes(state));

// How it ended: with a path, or with what the findings say about why not.
function outcome(app, connection) {
  const { states = {}, path = [] } = connection;
  const checking = firstState(states.ice, ['checking']);
  const connected = firstState(states.ice, ['connected', 'completed']);
  const failed = firstState(states.ice, ['failed']) ?? firstState(states.connection, ['failed']);
  const out = [];
  if (connected) {
    const took = checking ? ` after ${span(connected[0] - checking[0])} of checks` : '';
    out.push(story(`ICE connected${took}${path.length > 0 ? ` by ${pathText(path[0])}` : ''}.`, 'good'));
  } else if (path.length > 0) {
    out.push(story(`The path was ${pathText(path[0])}; when ICE connected was not recorded.`, 'good'));
  }
  const reasons = iceFindings(app, connection);
  if (failed) out.push(story(`ICE failed at ${app.time(failed[0])}${connected ? ', after it had worked' : ''}.`, 'bad'));
  else if (!connected && path.length === 0) out.push(neverConnected(connection, checking));
  for (const { text, hint, severity: rank } of reasons) {
    out.push(story(closed(text) + (hint ? ` ${closed(hint)}` : ''), rank === 'info' ? '' : 'bad'));
  }
  return out;
}

const closed = (text) => (/[.!?…]$/.test(text) ? text : `${text}.`);

// Whether a round's offer has another user fragment than that side's description before it: an ICE restart (RFC 8839).
function isRestart(app, rounds, round) {
  const of = ({ offer, answer, by }, side) => {
    const found = by === side ? offer : answer;
    const text = Number.isInteger(found) ? app.head.sdp.texts[app.head.sdp.descriptions[found]?.text] : null;
    return /^a=ice-ufrag:(.*)$/m.exec(text || '')?.[1].trim();
  };
  const at = rounds.indexOf(round);
  const before = rounds.slice(0, at).map((one) => of(one, round.by)).findLast(Boolean);
  const own = of(round, round.by);
  return before !== undefined && own !== undefined && own !== before;
}

function iceFindings(app, connection) {
  const own = app.data.findings.filter((found) => /^(ice|turn)\./.test(found.id) && app.data.connections[app.connectionOf(found)] === connection);
  return own.filter(({ id }) => !/^ice\.(relay-used|path-changed|tcp-used)$/.test(id)).slice(0, 6);
}

function neverConnected({ states = {}, closed: isClosed }, checking) {
  const last = (states.ice || []).at(-1)?.[1];
  if (checking) return story(`Checks began, but no path was found before ${isClosed ? 'it was closed' : 'the dump ended'}; the last state is ${last}.`, 'bad');
  return story('ICE never began its checks: it needs a local and a remote description first.', 'unknown');
}

function pathText({ local, remote, protocol, relay, network }) {
  const over = local === 'relay' && relay ? ` (to the relay over ${brief(relay)})` : '';
  return `${brief(local)} ↔ ${brief(remote)}${protocol ? ` over ${brief(protocol)}` : ''}${over}${network && network !== 'unknown' ? `, ${brief(network)}` : ''}`;
}

function afterwards(app, { path = [], states = {}, rounds = [] }) {
  const out = [];
  if (path.length > 1) {
    out.push(story(`The path changed ${path.length === 2 ? 'once' : `${digits(path.length - 1)} times`}; the last is ${pathText(path.at(-1))}, since ${app.time(path.at(-1).time)}.`));
  }
  const restarts = rounds.filter((round) => isRestart(app, rounds, round)).length;
  if (restarts > 0) out.push(story(`ICE was restarted ${restarts === 1 ? 'once' : `${digits(restarts)} times`}.`));
  const lost = (states.ice || []).filter(([, state]) => state === 'disconnected').length;
  if (lost > 0) out.push(story(`It was disconnected ${lost === 1 ? 'once' : `${digits(lost)} times`}.`, 'bad'));
  return out;
}
