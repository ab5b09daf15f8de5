// How far the clock of a second dump is from that of the first, and which connections belong together.
//
// The two ends of one connection know the same credentials: what one has set as its own description, the other has set
// as the remote one. Both directions together give the offset of the clocks, since a description takes about as long
// either way. Without such a pair (a server between them has its own), the clocks are taken as they are if the calls
// overlap, else both begin at once.

// {offset, words, pc, other}: `offset` is added to times of the second dump; `pc` and `other` are connections, or -1.
function matchDumps(data, other) {
  const own = credentialsOf(data);
  const theirs = credentialsOf(other);
  const pairs = new Map();
  for (const [side, far] of [['local', 'remote'], ['remote', 'local']]) {
    for (const [ufrag, one] of own[side]) {
      const two = theirs[far].get(ufrag);
      if (!two) continue;
      const name = `${one.connection} ${two.connection}`;
      const found = pairs.get(name) || { pc: one.connection, other: two.connection, local: null, remote: null };
      if (found[side] === null) found[side] = one.time - two.time;
      pairs.set(name, found);
    }
  }
  const best = [...pairs.values()].sort((one, two) => (two.local !== null) + (two.remote !== null) - (one.local !== null) - (one.remote !== null))[0];
  if (best) {
    const known = [best.local, best.remote].filter((value) => value !== null);
    const offset = Math.round(known.reduce((sum, value) => sum + value, 0) / known.length);
    return { offset, words: 'matched by the ICE credentials of both ends', pc: best.pc, other: best.other };
  }
  const overlap = Math.min(data.end, other.end) - Math.max(data.start, other.start);
  if (overlap > 0) return { offset: 0, words: 'both clocks as they are', pc: -1, other: -1 };
  return { offset: data.start - other.start, words: 'both begin at once: the calls do not overlap', pc: -1, other: -1 };
}

// The descriptions that were set, by side and user name fragment: the first of each.
function credentialsOf(data) {
  const found = { local: new Map(), remote: new Map() };
  const { descriptions = [], texts = [] } = data.head.sdp || {};
  for (const one of descriptions) {
    if (one.role !== 'set' || !found[one.side]) continue;
    for (const [, ufrag] of String(texts[one.text] || '').matchAll(/^a=ice-ufrag:(\S+)/gm)) {
      if (!found[one.side].has(ufrag)) found[one.side].set(ufrag, one);
    }
  }
  return found;
}
