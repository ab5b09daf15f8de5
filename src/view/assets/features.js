// View 10: the features, each with its definition. Connections and tracks stand beside each other, as many as fit.

const COLUMNS_AT_ONCE = 6;

view({
  key: '0',
  id: 'features',
  title: 'Features',
  render(root, app) {
    const field = el('input', {
      type: 'search', class: 'filter', 'data-filter': true, 'aria-label': 'Filter of the features', placeholder: 'Filter by name, value or definition', spellcheck: 'false',
    });
    field.value = app.state.query;
    field.addEventListener('input', () => app.set({ query: field.value }));
    const body = el('div', {});
    const told = el('span', { class: 'faint', role: 'status' });
    add(root, [el('div', { class: 'toolbar' }, field, told), body]);
    return redrawing([[['query', 'pc', 'mode'], () => {
      if (field.value !== app.state.query && document.activeElement !== field) field.value = app.state.query;
      featuresPage(app, body, told);
    }]], { markdown: () => featuresMarkdown(app) });
  },
});

function featuresPage(app, body, told) {
  const { features } = app.head;
  if (!features) return clear(body, absent('Features were not computed for this dump: they are switched off in the configuration.'));
  const groups = [
    { title: 'Client', scope: 'client', columns: [{ title: 'Value', features: features.client || [] }], why: 'The dump has no events, so there is nothing to compute.' },
    { title: 'Connections', scope: 'connection', columns: connectionColumns(app, features), why: 'The page made no peer connection.' },
    { title: `Tracks of ${named(app, app.state.pc)}`, scope: 'track', columns: trackColumns(app, features), why: 'No track of this connection is in its statistics.' },
  ];
  const glob = globTest(app.state.query.trim());
  let count = 0;
  const parts = groups.map((group) => {
    const rows = featureRows(group.columns, features.definitions[group.scope]).filter((row) => matchesFeature(row, glob));
    count += rows.length;
    return featuresPart(app, group, rows);
  });
  clear(told, plural(count, 'feature'));
  return clear(body, parts);
}

function connectionColumns(app, { connections = [] }) {
  const first = Math.floor(Math.max(0, app.state.pc) / COLUMNS_AT_ONCE) * COLUMNS_AT_ONCE;
  return connections.slice(first, first + COLUMNS_AT_ONCE).map(({ features }, at) => (
    { title: named(app, first + at), isChosen: first + at === app.state.pc && connections.length > 1, features }));
}

function trackColumns(app, { tracks = [] }) {
  return tracks.filter(({ connection }) => connection === app.state.pc).slice(0, COLUMNS_AT_ONCE * 2)
    .map(({ features }, at) => ({ title: trackTitle(features, at), features }));
}

function trackTitle(features, at) {
  const of = (name) => features.find((one) => one.name === name)?.value;
  const words = [of('kind'), of('direction'), of('rid')].filter((word) => typeof word === 'string');
  return `${at + 1}: ${words.length > 0 ? shortened(words.join(' '), 40) : 'track'}`;
}

// One row per name, in the order of the first column that has it.
function featureRows(columns, definitions) {
  const rows = new Map();
  columns.forEach(({ features }, at) => {
    for (const { name, value } of features || []) {
      const { unit, about } = definitions[name] || {};
      if (!rows.has(name)) rows.set(name, { name, unit, about, values: new Array(columns.length).fill(undefined) });
      rows.get(name).values[at] = value;
    }
  });
  return [...rows.values()];
}

function matchesFeature({ name, about, values, unit }, glob) {
  return glob(name) || glob(about || '') || values.some((value) => value !== undefined && glob(valueIn(value, unit)));
}

function featuresPart(app, { title, columns, why }, rows) {
  if (columns.length === 0 || columns.every(({ features }) => (features || []).length === 0)) return section(title, 'features', absent(why));
  if (rows.length === 0) return section(title, 'features', absent('None matches the filter.'));
  const value = (at) => (row) => {
    if (row.values[at] === undefined) return el('span', { class: 'faint', title: 'absent' }, '–');
    return featureValue(app, row, row.values[at]);
  };
  const shown = [
    { title: 'Feature', class: 'name', text: ({ name }) => el('code', {}, shortened(name, 80)) },
    ...columns.map((column, at) => ({ title: column.title, class: column.isChosen ? 'value chosen-column' : 'value', text: value(at) })),
    { title: 'Definition', class: 'about', text: ({ about }) => withCode(about || '') },
  ];
  return section(title, 'features', table(`Features: ${title}`, shown, rows, { heads: true, class: columns.length === 1 ? 'table features single' : 'table features' }));
}

// What stands between backticks is code.
function withCode(text) {
  return text.split('\x60').map((part, at) => (at % 2 === 1 ? el('code', {}, part) : part));
}

// A time since 1970 is shown as one, everything else in its unit.
function featureValue(app, { unit }, value) {
  if (unit === 'ms since 1970' && Number.isFinite(value)) return timeButton(app, value);
  return valueIn(value, unit);
}
