// View 1: what was wrong with the call. The sentence, the findings with what they explain folded below them, how long
// each phase of the set-up took, what the call ran on, and what could not be judged.

const FINDINGS_AT_ONCE = 60;
// More entries than these do not fit beside the facts: then notes wait behind a button, so that what is wrong, how the
// connections went and what could not be judged are seen without scrolling.
const ENTRIES_SEEN = 5;
const SEVERITY_ORDER = ['critical', 'warning', 'info'];
const PHASES = [
  ['gum', 'Camera and microphone'], ['offer', 'Offer'], ['answer', 'Answer'], ['candidate', 'First candidate'],
  ['ice', 'ICE connects'], ['dtls', 'DTLS handshake'], ['packet', 'First packet'], ['frame', 'First frame'],
];

view({
  key: '1',
  id: 'verdict',
  title: 'Verdict',
  render(root, app) {
    const { head } = app;
    const setup = el('section', { class: 'part part-setup' });
    const calls = el('div', {});
    const main = el('div', { class: 'verdict-main' }, findingsPart(app), notEvaluablePart(head), calls);
    const side = el('div', { class: 'verdict-side' }, setup, factsPart(app));
    add(root, [sentence(app), el('div', { class: 'verdict' }, main, side)]);
    return redrawing([[['pc', 'mode'], () => setupPart(setup, app)], [['pc'], () => clear(calls, connectionsPart(app))], [['finding'], () => markChosen(root, app)]]);
  },
});

function sentence(app) {
  const { verdict } = app.head;
  // What only deserves a note is no fault of the call.
  const name = ['critical', 'warning'].includes(verdict.severity) ? verdict.severity : 'good';
  return el('div', { class: `sentence sentence-${name}` },
    el('h3', {}, severity(name, ''), el('span', {}, verdict.text)),
    notes(app.head));
}

// What must be known about the dump before anything in it is believed.
function notes({ source }) {
  const told = [...(source.notes || [])];
  if (source.masked) told.push('Addresses and labels are masked.');
  if (source.complete === false) told.push(`The dump is not complete${source.closing ? `: ${source.closing}` : ''}.`);
  return told.length > 0 && el('p', { class: 'notes' }, told.join(' '));
}

// The findings as a reader wants them: worst first, each with the chain of what it explains. Gives rows of
// {index, level}; a finding that two others explain stands below the first.
function orderedFindings(findings) {
  const rank = ({ severity: name }) => SEVERITY_ORDER.indexOf(name);
  const isFolded = (found) => (found.because_of || []).length > 0;
  const order = findings.map((_, index) => index).sort((a, b) =>
    rank(findings[a]) - rank(findings[b]) || findings[a].start - findings[b].start);
  const below = new Map();
  for (const index of order) {
    const cause = isFolded(findings[index]) ? findings[index].because_of[0] : -1;
    if (!below.has(cause)) below.set(cause, []);
    below.get(cause).push(index);
  }
  const rows = [];
  const seen = new Set();
  const walk = (index, level) => {
    if (seen.has(index)) return;
    seen.add(index);
    rows.push({ index, level });
    for (const next of below.get(index) || []) walk(next, level + 1);
  };
  for (const index of below.get(-1) || []) walk(index, 0);
  // A circle of causes, or a cause that is not there: nothing is lost.
  for (const index of order) walk(index, 0);
  return rows;
}

// One entry per top finding; findings of one rule on many connections are one entry.
function findingGroups(findings) {
  const groups = [];
  const byRule = new Map();
  let last = null;
  for (const { index, level } of orderedFindings(findings)) {
    const found = findings[index];
    if (level > 0) {
      last.folded.push({ index, level });
      continue;
    }
    const name = `${found.severity} ${found.id}`;
    last = byRule.get(name);
    if (last) {
      last.same.push(index);
      continue;
    }
    last = { index, same: [], folded: [] };
    byRule.set(name, last);
    groups.push(last);
  }
  return groups;
}

function findingsPart(app) {
  const { findings } = app.data;
  if (findings.length === 0) {
    return section('Findings', 'findings', absent('No rule found anything.'));
  }
  const all = findingGroups(findings);
  const isNote = ({ index }) => findings[index].severity === 'info';
  const notes = all.length > ENTRIES_SEEN && !all.every(isNote) ? all.filter(isNote) : [];
  const groups = notes.length > 0 ? all.filter((group) => !isNote(group)) : all;
  const items = el('ol', { class: 'findings' });
  const more = (from) => {
    const to = Math.min(groups.length, from + FINDINGS_AT_ONCE);
    add(items, groups.slice(from, to).map((group) => findingItem(app, group)));
    if (to < groups.length) {
      const rest = el('li', {}, button(`Show ${digits(groups.length - to)} more`, () => (rest.remove(), more(to))));
      add(items, rest);
    }
  };
  more(0);
  return el('section', { class: 'part part-findings' }, findingsHead(findings), items, notes.length > 0 && noticesPart(app, notes));
}

function noticesPart(app, groups) {
  const [head, panel] = disclosure(`${plural(groups.length, 'kind')} of findings for information`,
    () => el('ol', { class: 'findings' }, groups.map((group) => findingItem(app, group))));
  head.classList.add('notices-button');
  return [el('p', { class: 'notices' }, head), panel];
}

function findingsHead(findings) {
  const counts = SEVERITY_ORDER.map((name) => [name, findings.filter((one) => one.severity === name).length]);
  const told = counts.filter(([, count]) => count > 0).map(([name, count]) =>
    severity(name, name === 'warning' ? plural(count, 'warning') : `${digits(count)} ${name}`));
  return el('div', { class: 'part-head' }, el('h3', {}, 'Findings'), el('div', { class: 'counts' }, told));
}

function findingItem(app, { index, same, folded }) {
  const found = app.data.findings[index];
  const more = [
    folded.length > 0 && [`explains ${plural(folded.length, 'other')}`, () => foldedList(app, folded)],
    same.length > 0 && [`${digits(same.length)} more of this kind`, () => foldedList(app, same.map((one) => ({ index: one, level: 1 })))],
  ];
  return el('li', { class: `finding finding-${found.severity}`, 'data-finding': index }, findingLine(app, index, more));
}

// Severity, what happened, where and when, the value against its limit, and the way to the time line. `more` is a list
// of [title, make] that open below it.
function findingLine(app, index, more = []) {
  const found = app.data.findings[index];
  const opened = [...more, ['advice, evidence', () => whyPart(app, found)]].filter(Boolean).map(([title, make]) => disclosure(title, make));
  return el('div', { class: 'finding-line' },
    severity(found.severity),
    el('div', { class: 'finding-what' },
      el('h4', {}, shortened(found.text, 600)),
      el('div', { class: 'finding-where' }, el('time', {}, findingSpan(app, found)),
        found.connection && el('span', {}, brief(found.connection)),
        found.track && el('span', { title: found.track }, trackName(app, found)),
        el('code', {}, found.id), opened.map(([head]) => head))),
    limitOf(found),
    button('Show', () => app.select(index, { view: 'timeline' }),
      { title: `Show “${shortened(found.text, 60)}” in the time line`, class: 'button show' }),
    opened.map(([, panel]) => panel));
}

let disclosures = 0;

// A button and what it opens, which is made when it is first asked for: [button, panel].
function disclosure(title, make) {
  disclosures += 1;
  const panel = el('div', { class: 'finding-panel', id: `panel-${disclosures}`, hidden: true });
  const head = el('button', { type: 'button', class: 'disclosure', 'aria-expanded': 'false', 'aria-controls': panel.id }, title);
  head.addEventListener('click', () => {
    panel.hidden = !panel.hidden;
    head.setAttribute('aria-expanded', String(!panel.hidden));
    if (panel.childElementCount === 0) add(panel, make());
  });
  return [head, panel];
}

// "↑ audio mid 0" says more than an id, where the connection knows the track.
function trackName(app, found) {
  const at = app.connectionOf(found);
  const among = at >= 0 ? [app.data.connections[at]] : app.data.connections.slice(0, 20);
  const track = among.flatMap(({ tracks = [] }) => tracks).find(({ id }) => id === found.track);
  if (!track) return brief(found.track);
  const place = at >= 0 && track.mid !== null && track.mid !== undefined ? ` mid ${track.mid}` : '';
  return `${DIRECTION_SIGNS[track.direction] || ''} ${track.kind}${brief(place)}`;
}

function findingSpan(app, found) {
  const end = found.end === null || found.end === undefined ? null : found.end - found.start;
  return end === null || end <= 0 ? app.time(found.start) : `${app.time(found.start)} for ${span(end)}`;
}

function limitOf(found) {
  if (found.value === null || found.value === undefined) return el('div', { class: 'finding-value' });
  const hasLimit = found.threshold !== null && found.threshold !== undefined;
  return el('div', { class: 'finding-value' },
    el('b', {}, valueIn(found.value, found.unit)),
    hasLimit && el('span', {}, ` limit ${valueIn(found.threshold, found.unit)}`),
    Number.isFinite(found.share) && found.share !== found.value && el('span', {}, `${trim(found.share * 100, 1)} % of the time`));
}

function foldedList(app, rows) {
  const shown = rows.slice(0, FINDINGS_AT_ONCE * 5);
  const rest = rows.length - shown.length;
  return el('ul', { class: 'folded' }, shown.map(({ index, level }) =>
    el('li', { class: `finding level-${Math.min(level, 3)}`, 'data-finding': index }, findingLine(app, index))),
  rest > 0 && el('li', { class: 'faint' }, `and ${digits(rest)} more, in the time line with n and p`));
}

function whyPart(app, found) {
  const rule = app.head.rules?.[found.id];
  const hint = found.hint && el('p', { class: 'hint' }, found.hint);
  const evidence = found.evidence || [];
  const columns = [
    { title: 'Time', class: 'time', text: (one) => (Number.isFinite(one.time) ? timeButton(app, one.time) : '–') },
    { title: 'Seen in', class: 'code', text: (one) => shortened(String(one.report ?? eventName(app, one.event)), 60) },
    { title: 'Property', class: 'code', text: (one) => one.property ?? '–' },
    { title: 'Value', text: (one) => valueIn(one.value, one.unit) },
  ];
  return el('div', { class: 'why' }, hint,
    rule && el('p', { class: 'rule' }, rule.about || rule.title, rule.source && el('cite', {}, ` Source: ${rule.source}`)),
    !rule && found.source && el('p', { class: 'rule' }, el('cite', {}, `Source: ${found.source}`)),
    evidence.length > 0 && table('Evidence', columns, evidence.slice(0, 50), { class: 'table evidence' }),
    button('Copy as Markdown', () => copy(findingMarkdown(app, found), 'Markdown'), { key: 'x', class: 'quiet' }));
}

function eventName(app, event) {
  if (typeof event !== 'number') return event ?? '–';
  const events = app.data.events();
  return event < events.count ? events.at(event).method : `event ${event}`;
}

function markChosen(root, app) {
  const chosen = app.finding();
  const closed = root.querySelector('.notices-button[aria-expanded="false"]');
  if (chosen && closed && !root.querySelector(`[data-finding="${app.state.finding}"]`) && chosen.severity === 'info') closed.click();
  for (const item of root.querySelectorAll('[data-finding]')) {
    const isChosen = Number(item.dataset.finding) === app.state.finding;
    if (isChosen) item.setAttribute('aria-current', 'true');
    else item.removeAttribute('aria-current');
  }
  root.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest' });
}
