// Around the findings: the set-up as a waterfall, the facts of the call, its connections, and what could not be judged.

const CONNECTIONS_SHOWN = 8;

function setupPart(root, app) {
  const connection = app.connection();
  const { connections } = app.data;
  const title = connections.length > 1 && connection ? `Set-up of ${named(app, app.state.pc)}` : 'Set-up';
  const steps = connections.length > 1 && el('div', { class: 'choice' },
    button('previous connection', () => stepConnection(app, -1), { icon: 'left', class: 'quiet' }),
    el('span', { class: 'faint' }, `${app.state.pc + 1} of ${digits(connections.length)}`),
    button('next connection', () => stepConnection(app, 1), { icon: 'right', class: 'quiet', key: 'c' }));
  clear(root, el('div', { class: 'part-head' }, el('h3', {}, title), steps), waterfall(app, connection));
}

function stepConnection(app, by) {
  const count = app.data.connections.length;
  app.set({ pc: (app.state.pc + by + count) % count });
}

function waterfall(app, connection) {
  if (!connection) return absent('The page made no peer connection while it was recorded.');
  const known = (connection.setup || []).filter((step) => Number.isFinite(step.start));
  if (known.length === 0) return absent('No step of its set-up was recorded: the dump begins after it, or nothing was begun.');
  const zero = Math.min(...known.map((step) => step.start));
  const last = Math.max(...known.map((step) => step.end ?? step.start), zero + 1);
  const rows = PHASES.map(([phase, title]) => ({ phase, title, step: known.find((one) => one.phase === phase) }));
  const columns = [
    { title: 'Step', text: ({ title }) => title },
    { title: 'When', class: 'phase-cell', text: ({ phase, step }) => step && phaseBar(phase, step, zero, last) },
    { title: 'Took', class: 'number', text: ({ step }) => tookText(step) },
  ];
  const total = el('p', { class: 'faint total' }, `From ${app.time(zero)}, ${span(last - zero)} in all`);
  return el('div', { class: 'waterfall' }, table('Steps of the set-up', columns, rows, { heads: true, class: 'table setup' }), total);
}

function tookText(step) {
  if (!step) return el('span', { class: 'faint' }, 'not seen');
  if (!Number.isFinite(step.end)) return el('span', { class: 'open-end' }, 'not reached');
  return span(step.end - step.start);
}

function phaseBar(phase, step, zero, last) {
  const share = (time) => ((time - zero) / (last - zero)) * 100;
  const from = share(step.start);
  const to = share(step.end ?? last);
  return el('div', { class: 'phase-bar' }, el('div', {
    class: `phase-fill phase-${phase} ${Number.isFinite(step.end) ? '' : 'phase-open'}`,
    style: { 'margin-left': `min(${from.toFixed(2)}%, calc(100% - 3px))`, width: `max(3px, ${Math.max(0, to - from).toFixed(2)}%)` },
  }));
}

function factsPart(app) {
  const { facts, source, clock, connections = [] } = app.head;
  const isLate = !clock.start;
  const rows = [
    ['Began', isLate ? null : `${dayOf(clock.start, app.state.mode === 'local')} ${ofDay(clock.start, app.state.mode === 'local', 0)} ${zone(app.state.mode === 'local', clock.start)}`],
    ['Lasted', span(facts.duration)],
    ['Browser', facts.browser || facts.userAgent],
    ['Machine', [facts.system, facts.machine, facts.screen].filter(Boolean).join(', ')],
    ['Page', facts.origin],
    ['Path', facts.path || pathMissing(connections)],
    ['Codecs', (facts.codecs || []).join(', ') || 'none seen in statistics'],
    ['Connections', connectionsText(connections)],
    ['Dump', [source.format, closingText(source)].filter(Boolean).join(', ')],
  ];
  return section('Facts', 'facts', el('dl', { class: 'facts' }, rows.map(([name, text]) =>
    [el('dt', {}, name), el('dd', { class: text ? '' : 'faint' }, text ? shortened(String(text), 200) : 'not recorded')])));
}

function pathMissing(connections) {
  if (connections.length === 0) return 'no peer connection';
  return connections.some(({ states }) => reached(states, 'connected')) ? 'not told by statistics' : 'none: never connected';
}

function closingText({ complete, closing }) {
  if (complete === false) return 'not complete';
  return closing ? `closed with ${closing}` : null;
}

// How a connection ended: {rank (what failed comes first), sign, word}.
function outcomeOf({ states, closed: isClosed }) {
  const last = (states?.connection || []).at(-1)?.[1] ?? (states?.ice || []).at(-1)?.[1];
  if (reached(states, 'failed')) return { rank: 0, sign: 'critical', word: reached(states, 'connected') ? 'connected, then failed' : 'failed' };
  if (last === 'disconnected') return { rank: 1, sign: 'warning', word: 'disconnected at the end' };
  if (reached(states, 'connected')) return { rank: 3, sign: 'good', word: isClosed ? 'connected, closed' : 'connected' };
  return { rank: 2, sign: 'unknown', word: 'never connected' };
}

// The connections, failed ones first, then those that lasted longest.
function connectionsPart(app) {
  const { connections } = app.data;
  if (connections.length === 0) return null;
  app.connectionsByOutcome ??= connections.map((one, index) => ({ one, index, outcome: outcomeOf(one) })).sort((a, b) =>
    a.outcome.rank - b.outcome.rank || (b.one.end - b.one.start) - (a.one.end - a.one.start));
  const shown = app.connectionsByOutcome.slice(0, CONNECTIONS_SHOWN);
  const step = (one, phase) => (one.setup || []).find((found) => found.phase === phase);
  const took = (one, phase) => {
    const found = step(one, phase);
    return found && Number.isFinite(found.end) ? span(found.end - found.start) : '–';
  };
  const columns = [
    { title: 'Connection', text: ({ index }) => button(named(app, index), () => app.go('connection', { pc: index }), { class: 'link', title: 'Show its charts' }) },
    { title: 'How it went', text: ({ outcome }) => el('span', { class: `outcome severity ${outcome.sign}` }, icon(outcome.sign), outcome.word) },
    { title: 'Path', text: ({ one }) => ((one.path || []).length > 0 ? pathText(one.path.at(-1)) : '–') },
    { title: 'ICE', class: 'number', text: ({ one }) => took(one, 'ice') },
    { title: 'DTLS', class: 'number', text: ({ one }) => took(one, 'dtls') },
    { title: 'Lasted', class: 'number', text: ({ one }) => span(one.end - one.start) },
  ];
  const rest = connections.length - shown.length;
  return section('Connections', 'connections',
    table('Connections', columns, shown, { heads: true, row: (line, { index }) => index === app.state.pc && line.classList.add('selected') }),
    rest > 0 && el('p', { class: 'faint' }, `and ${digits(rest)} more, in the menu above`));
}

function connectionsText(connections) {
  if (connections.length === 0) return 'none';
  const connected = connections.filter(({ states }) => reached(states, 'connected')).length;
  const failed = connections.filter(({ states }) => reached(states, 'failed')).length;
  const parts = [`${digits(connections.length)}`, `${digits(connected)} connected`];
  if (failed > 0) parts.push(`${digits(failed)} failed`);
  return parts.join(', ');
}

function reached(states, wanted) {
  const of = (name) => (states?.[name] || []).some(([, state]) => state === wanted || (wanted === 'connected' && state === 'completed'));
  return of('connection') || of('ice');
}

// Rules that could not be judged, folded by the reason.
function notEvaluablePart({ not_evaluable: all = [] }) {
  if (all.length === 0) return null;
  const byReason = new Map();
  for (const { id, connection, reason } of all) {
    if (!byReason.has(reason)) byReason.set(reason, new Map());
    const rules = byReason.get(reason);
    if (!rules.has(id)) rules.set(id, []);
    if (connection) rules.get(id).push(connection);
  }
  const rules = new Set(all.map(({ id }) => id)).size;
  const reasons = [...byReason].sort((a, b) => b[1].size - a[1].size);
  return el('details', { class: 'part unjudged' },
    el('summary', {}, icon('unknown'), `${plural(rules, 'rule')} could not be judged, for ${plural(reasons.length, 'reason')}`),
    el('dl', {}, reasons.map(([reason, ids]) => [
      el('dt', {}, reason, ' ', el('span', { class: 'faint' }, plural(ids.size, 'rule'))),
      el('dd', {}, [...ids].map(([id, on]) => [el('code', {}, id),
        on.length > 0 && el('span', { class: 'faint' }, ` ${listed([...new Set(on)], 3)}`), ' '])),
    ])));
}
