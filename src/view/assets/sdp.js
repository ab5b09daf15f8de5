// View 5: session descriptions side by side, section by section: what was created against what was set, the offer
// against its answer, a round against the one before, or any two.

const OPEN_ROWS_MAX = 1200;
const COMPARISONS = [
  ['created-set', 'Created ↔ set', 'The page did not call createOffer or createAnswer, or set what it got without its text: there is nothing to compare.'],
  ['offer-answer', 'Offer ↔ answer', 'No offer of this connection was answered.'],
  ['round', 'Round ↔ round before', 'There was no second negotiation.'],
  ['any', 'Any two', 'There are fewer than two descriptions.'],
];

view({
  key: '5',
  id: 'sdp',
  title: 'SDP',
  render(root, app) {
    const body = el('div', {});
    root.append(body);
    return redrawing([[['pc', 'pick', 'mode'], () => clear(body, sdpPage(app))]], { markdown: () => sdpMarkdown(app) });
  },
});

function sdpPage(app) {
  const own = descriptionsOf(app);
  if (app.data.connections.length === 0) return absent('The page made no peer connection, so there are no descriptions.');
  if (own.length === 0) {
    return absent(`${named(app, app.state.pc)} has no session descriptions: nothing was offered, or the dump begins after it.`);
  }
  const { kind, from, to } = chosenPair(app, own);
  const explained = el('p', { class: 'explained', role: 'status' }, 'Point at a line, or go to it with Tab and the arrows: what it means stands here.');
  return [
    el('div', { class: 'toolbar' }, kindButtons(app, own, kind), pairChoice(app, own, kind, from, to)),
    from === null ? absent(COMPARISONS.find(([name]) => name === kind)[2]) : comparison(app, kind, from, to, explained),
    from !== null && explained,
  ];
}

// The descriptions of the chosen connection, as indexes.
function descriptionsOf(app) {
  const { descriptions = [] } = app.head.sdp || {};
  return descriptions.flatMap((one, index) => (one.connection === app.state.pc ? [index] : []));
}

function pairsOf(app, own, kind) {
  const mine = new Set(own);
  return (app.head.sdp.diffs || []).filter((one) => one.kind === kind && mine.has(one.from) && mine.has(one.to));
}

// What the hash says, else the first pair in which the page changed something, else the first there is.
function chosenPair(app, own) {
  const match = /^sdp-([a-z-]+)(?:-(\d+)-(\d+))?$/.exec(app.state.pick);
  const known = COMPARISONS.map(([kind]) => kind);
  if (match && known.includes(match[1])) {
    const [kind, from, to] = [match[1], Number(match[2]), Number(match[3])];
    if (own.includes(from) && own.includes(to)) return { kind, from, to };
    return { kind, ...firstPair(app, own, kind) };
  }
  const kind = pairsOf(app, own, 'created-set').some(isChanged) ? 'created-set'
    : known.slice(1).find((one) => pairsOf(app, own, one).length > 0) ?? 'any';
  return { kind, ...firstPair(app, own, kind) };
}

function firstPair(app, own, kind) {
  if (kind === 'any') return own.length < 2 ? { from: null, to: null } : { from: own[0], to: own[1] };
  const pairs = pairsOf(app, own, kind);
  const first = pairs.find(isChanged) ?? pairs[0];
  return first ? { from: first.from, to: first.to } : { from: null, to: null };
}

const isChanged = ({ sections }) => (sections || []).some(({ operations }) => operations.some(([sign]) => sign !== '='));

function kindButtons(app, own, chosen) {
  return el('div', { class: 'segments', role: 'group', 'aria-label': 'What is compared' }, COMPARISONS.map(([kind, title]) =>
    button(kindTitle(app, own, kind, title), () => app.set({ pick: `sdp-${kind}` }), { pressed: kind === chosen, class: 'segment' })));
}

// What the page changed between creating and setting is told before anybody looks.
function kindTitle(app, own, kind, title) {
  if (kind !== 'created-set') return title;
  const pairs = pairsOf(app, own, kind);
  const changed = pairs.filter(isChanged).length;
  return pairs.length === 0 ? title : `${title}: ${changed === 0 ? 'equal' : `${changed} changed`}`;
}

function pairChoice(app, own, kind, from, to) {
  const pick = (a, b) => app.set({ pick: `sdp-${kind}-${a}-${b}` });
  if (kind === 'any' && own.length > 1) {
    const choose = (label, value, changed) => el('label', {}, `${label} `, el('select', { onchange: ({ target }) => changed(Number(target.value)) },
      own.map((index) => el('option', { value: index, selected: index === value }, descriptionName(app, index)))));
    return el('div', { class: 'choice' }, choose('Left', from, (value) => pick(value, to)), choose('Right', to, (value) => pick(from, value)));
  }
  const pairs = pairsOf(app, own, kind);
  if (pairs.length < 2) return null;
  const at = pairs.findIndex((one) => one.from === from && one.to === to);
  return el('div', { class: 'choice' }, el('label', {}, 'Pair ', el('select', {
    onchange: ({ target }) => pick(pairs[target.value].from, pairs[target.value].to),
  }, pairs.map((one, index) => el('option', { value: index, selected: index === at },
    `${index + 1}: ${descriptionName(app, one.to)}${isChanged(one) ? ', differs' : ''}`)))));
}

function descriptionName(app, index) {
  const { time, side, role, type } = app.head.sdp.descriptions[index];
  return `${side} ${brief(type)}${side === 'local' ? `, ${role}` : ''} ${app.time(time)}`;
}

function textOf(app, index) {
  return app.head.sdp.texts[app.head.sdp.descriptions[index].text] || '';
}

// The lines of a description, as the program splits them.
function linesIn(text) {
  return text.split('\n').map((line) => line.trim()).filter((line) => line !== '');
}

// The sections of a description: the session, then each m-section, as {mid, title, lines}.
function sectionsOf(text) {
  const sections = [{ mid: null, title: 'session', lines: [] }];
  for (const line of linesIn(text)) {
    if (line.startsWith('m=')) sections.push({ mid: null, title: line.slice(2).split(' ', 1)[0], lines: [] });
    sections.at(-1).lines.push(line);
    if (line.startsWith('a=mid:')) sections.at(-1).mid = line.slice(6);
  }
  return sections;
}

// As the program compared them; two that it did not compare are compared here. Gives {mid, title, rows}.
function comparedSections(app, kind, from, to) {
  const after = sectionsOf(textOf(app, to));
  const given = (app.head.sdp.diffs || []).find((one) => one.kind === kind && one.from === from && one.to === to);
  if (!given) return pairedSections(sectionsOf(textOf(app, from)), after);
  return given.sections.map(({ mid, title, to: place, operations }) => {
    const lines = after[place ?? -1]?.lines ?? [];
    return { mid, title: title.startsWith('m=') ? title.slice(2).split(' ', 1)[0] : title, rows: diffRows(lines, operations) };
  });
}

// Sections belong together by their mid, else by their place.
function pairedSections(before, after) {
  const rest = new Set(before);
  const pairs = after.map((one, at) => {
    const found = at === 0 ? before[0] : before.find(({ mid }, place) => place > 0 && mid === one.mid && mid !== null) ?? (one.mid === null ? before[at] : null);
    const partner = rest.delete(found) ? found : null;
    return { mid: one.mid, title: one.title, rows: diffRows(one.lines, operationsOf(partner?.lines ?? [], one.lines)) };
  });
  const gone = [...rest].map(({ mid, title, lines }) => ({ mid, title, rows: diffRows([], operationsOf(lines, [])) }));
  return [...pairs, ...gone];
}

function comparison(app, kind, from, to, explained) {
  const sections = comparedSections(app, kind, from, to);
  const changes = sections.map(({ rows }) => rows.filter((row) => row.kind !== 'same').length);
  const total = changes.reduce((sum, count) => sum + count, 0);
  // Of a hundred changed sections only the first are open: each open one costs time to draw.
  let rowsLeft = OPEN_ROWS_MAX;
  const isOpen = sections.map(({ rows }, at) => {
    rowsLeft -= changes[at] > 0 ? rows.length : 0;
    return changes[at] > 0 && rowsLeft > 0;
  });
  const explain = (line) => clear(explained, explanation(app, line));
  const head = el('p', { class: 'compared' }, total === 0
    ? [icon('good'), ' The two are equal, line by line.']
    : `${plural(total, 'line')} of ${digits(sections.reduce((sum, { rows }) => sum + rows.length, 0))} ${total === 1 ? 'differs' : 'differ'}, in ${plural(changes.filter(Boolean).length, 'section')}.`);
  return el('div', { class: 'sdp' }, head, sections.map((one, at) => sdpSection(app, one, changes[at], { from, to, explain, isOpen: isOpen[at] })));
}

// A section without a difference is closed, and not made before somebody opens it.
function sdpSection(app, { mid, title, rows }, changes, { from, to, explain, isOpen }) {
  const name = title === 'session' ? 'session' : `${shortened(title, 40)}${mid === null ? '' : ` · mid ${shortened(mid, 40)}`}`;
  const details = el('details', { class: 'sdp-section', open: isOpen },
    el('summary', {}, el('h3', {}, name), el('span', { class: changes > 0 ? 'differs' : 'faint' },
      changes > 0 ? `${plural(changes, 'difference')}` : `equal, ${plural(rows.length, 'line')}`)));
  const fill = () => {
    if (!details.open || details.childElementCount > 1) return;
    details.append(diffTable(rows, {
      caption: `${name}: ${descriptionName(app, from)} and ${descriptionName(app, to)}`,
      left: descriptionName(app, from), right: descriptionName(app, to), explain, isWhole: changes === 0,
    }));
  };
  details.addEventListener('toggle', fill);
  fill();
  return details;
}

// What a line means: by its attribute, else by its letter.
function explanation(app, line) {
  const known = app.head.sdp.explanations || {};
  const attribute = /^a=([^: ]+)/.exec(line)?.[1];
  const names = attribute ? [attribute, `a=${attribute}`] : [line.slice(0, 2), line.slice(0, 1)];
  const found = names.find((name) => Object.hasOwn(known, name));
  return [el('code', {}, shortened(line, 90)), ' ', found ? known[found] : el('span', { class: 'faint' }, 'No explanation: not an attribute that WebRTC defines.')];
}
