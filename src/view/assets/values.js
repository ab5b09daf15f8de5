// All reports of a connection at the cursor. What differs from its value at the mark is bold, and its value there
// stands beside it; without a mark, what differs from the poll before.

view({
  key: '8', id: 'values', title: 'Values', render(root, app) {
    const field = el('input', {
      type: 'search', size: '24', 'data-filter': true, placeholder: 'Report, type or property', 'aria-label': 'Filter of values',
      value: app.state.query, oninput: () => app.set({ query: field.value }),
    });
    const title = el('h3', {});
    const body = el('div', { class: 'reports' });
    add(root, [
      el('div', { class: 'toolbar viewbar' }, title, el('span', { class: 'grow' }), field,
        button('Previous poll', () => stepCursor(app, -1), { icon: 'left', key: '←' }),
        button('Next poll', () => stepCursor(app, 1), { icon: 'right', key: '→' }),
        button('Set mark', () => mark(app), { icon: 'flag', withLabel: true, key: 'm' }),
        button('Copy as JSON', () => copy(JSON.stringify(valuesAt(app, app.now()), null, 2), 'Values'), { icon: 'copy', withLabel: true })),
      body,
    ]);
    const write = () => {
      const { connection, time } = { connection: app.connection(), time: app.now() };
      if (!connection) return clear(body, el('p', { class: 'empty' }, 'This dump has no connection.'));
      clear(title, `${app.nameOf(app.state.pc)} at ${app.time(time)}`);
      return clear(body, reportCards(app, connection, time));
    };
    write();
    return {
      update: (changed) => ['cursor', 'pc', 'mark', 'query', 'mode'].some((name) => changed.has(name)) && write(),
    };
  },
});

// The values of a report: [property, value, value before, unit, rate in words or null].
function valuesOf(app, report, time, before) {
  const rows = isThere(app, report, time)
    ? Object.entries(report.constants || {}).map(([property, value]) => [property, value, value, '', null]) : [];
  for (const index of report.series) {
    const { property } = app.data.head.series[index];
    const { unit, kind } = app.data.series(index);
    const value = app.data.valueAt(index, time);
    const rate = DRAWN[kind] ? lineOf(app.data, index) : null;
    const drawn = rate && app.data.drawnAt(index, time);
    if (value !== null) {
      rows.push([property, value, before === null ? value : app.data.valueAt(index, before), unit,
        drawn === null || drawn === undefined ? null : amount(drawn, rate.unit)]);
    }
  }
  return rows.sort(([one], [other]) => (one < other ? -1 : 1));
}

// Whether the report was in the last poll before `time`.
function isThere(app, report, time) {
  const at = lastAt(app.data.polls(app.state.pc), time);
  return at >= 0 && (!report.spans || report.spans.some(([from, to]) => from <= at && at < to));
}

function reportCards(app, connection, time) {
  const { mark: at, query, pc } = app.state;
  const polls = app.data.polls(pc);
  const before = at !== null ? at : polls[lastAt(polls, time) - 1] || null;
  const wanted = query.toLowerCase().split(/\s+/).filter(Boolean);
  const cards = [];
  for (const report of connection.reports || []) {
    const about = `${report.type} ${report.id}`.toLowerCase();
    const isWhole = wanted.every((word) => about.includes(word));
    const rows = valuesOf(app, report, time, before).filter(([property]) => isWhole
      || wanted.every((word) => `${about} ${property}`.toLowerCase().includes(word)));
    if (rows.length > 0) cards.push(reportCard(report, rows, at !== null));
    if (cards.length === REPORTS_SHOWN_MAX) {
      cards.push(el('p', { class: 'empty' }, 'There are more reports: filter them.'));
      break;
    }
  }
  return cards.length === 0 ? el('p', { class: 'empty' }, 'No values here.') : cards;
}

const REPORTS_SHOWN_MAX = 60;

function reportCard(report, rows, isMarked) {
  const shown = (value, unit) => (typeof value === 'number' && unit ? amount(value, unit) : typeof value === 'number' ? String(value)
    : typeof value === 'string' ? value : JSON.stringify(value));
  const line = ([property, value, before, unit, rate]) => {
    const isChanged = value !== before;
    return el('tr', { class: isChanged ? 'changed' : null, 'data-value': typeof value === 'object' ? null : String(value) },
      el('th', { scope: 'row' }, property),
      el('td', { class: 'number', title: isChanged ? `before: ${shown(before, unit)}` : null }, shown(value, unit),
        isChanged && el('span', { class: 'hidden-visually' }, ' (changed)'),
        isChanged && isMarked && el('span', { class: 'before' }, ` ← ${shown(before, unit)}`),
        rate !== null && el('span', { class: 'rate' }, rate)));
  };
  return el('section', { class: 'card report' },
    el('header', {}, el('h4', {}, report.type), el('span', { class: 'mono faint ellipsis' }, report.id)),
    el('table', { class: 'table plain' }, el('caption', { class: 'hidden-visually' }, `${report.type} ${report.id}`),
      el('tbody', {}, rows.map(line))));
}

// All of it as one object, for a ticket or a script.
function valuesAt(app, time) {
  const connection = app.connection();
  const reports = {};
  for (const report of connection ? connection.reports || [] : []) {
    const rows = valuesOf(app, report, time, null).map(([property, value]) => [property, value]);
    reports[report.id] = { type: report.type, ...Object.fromEntries(rows) };
  }
  return { time, connection: connection && connection.name, reports };
}
