// The charts of one connection: its transport, then a card for each track, then what somebody has added. All have one
// time axis and one cursor. Charts are made when their card is opened and drawn while they are in sight.

view({ key: '3', id: 'connection', title: 'Connection', render: (root, app) => new ConnectionView(root, app) });

const CARDS_OPEN = 6;

class ConnectionView {
  constructor(root, app) {
    this.app = app;
    this.root = root;
    this.body = el('div', { class: 'panels' });
    this.title = el('h3', {});
    this.charts = new Set();
    this.seer = new IntersectionObserver((entries) => this.seen(entries), { rootMargin: '120px' });
    this.sizer = new ResizeObserver(() => this.draw());
    add(root, [
      el('div', { class: 'toolbar viewbar no-print' }, this.title, el('span', { class: 'grow' }),
        button('More series', () => this.search(), { icon: 'search', withLabel: true }),
        button('Values here', () => app.go('values'), { icon: 'table', withLabel: true, key: '8' })),
      this.body,
    ]);
    this.build();
    this.sizer.observe(this.body);
  }

  build() {
    const { app } = this;
    for (const chart of this.charts) this.seer.unobserve(chart.element);
    this.charts.clear();
    const { pc } = app.state;
    const connection = app.connection();
    if (!connection) {
      clear(this.body, el('p', { class: 'empty' }, 'This dump has no connection.'));
      return;
    }
    clear(this.title, `${app.nameOf(pc)}, ${fateOf(connection).toLowerCase()}, ${span(connection.end - connection.start)}`);
    const panels = panelsOf(app, pc);
    const hasCharts = panels.some(({ charts }) => charts.length > 0);
    clear(this.body,
      !hasCharts && el('p', { class: 'empty' }, 'This connection has no statistics. Clients begin to poll when a connection is connected.'),
      panels.map((panel, index) => this.card(panel, index < CARDS_OPEN)), this.chosen());
  }

  card(panel, isOpen) {
    const grid = el('div', { class: 'charts' });
    const fill = () => {
      if (grid.childElementCount > 0) return;
      add(grid, panel.charts.map(({ title, lines }) => this.chart({ title, lines, bands: panel.bands }).element));
    };
    const details = el('details', { class: 'card panel', open: isOpen, ontoggle: () => details.open && fill() },
      el('summary', {}, el('h3', {}, panel.title), el('span', { class: 'faint' }, panel.about.join(' · ')),
        bandsInWords(panel.bands)),
      grid);
    if (isOpen) fill();
    return details;
  }

  chart(options) {
    const chart = new Chart(this.app, { ...options, pc: this.app.state.pc, hover: (time) => this.hovered(time) });
    chart.element.chart = chart;
    this.charts.add(chart);
    this.seer.observe(chart.element);
    return chart;
  }

  // What was added stands in the address: "report property" joined by commas, escaped.
  picked() {
    return this.app.state.pick.split(',').filter(Boolean).map((text) => {
      const [report, property, kind] = text.split('~');
      const { pc } = this.app.state;
      return this.app.data.head.series.findIndex((one) => one.connection === pc && one.report === report
        && one.property === property && one.kind === kind);
    }).filter((index) => index >= 0);
  }

  pick(indexes) {
    const { series } = this.app.data.head;
    const text = indexes.map((index) => [series[index].report, series[index].property, series[index].kind].join('~')).join(',');
    this.app.set({ pick: text });
  }

  chosen() {
    const picked = this.picked();
    if (picked.length === 0) return null;
    const { series } = this.app.data.head;
    const charts = picked.map((index) => this.chart({
      title: `${series[index].report} ${series[index].property}`, lines: [{ index, label: series[index].property }], bands: [],
      onremove: () => this.pick(picked.filter((one) => one !== index)),
    }).element);
    return el('section', { class: 'card panel' }, el('header', {}, el('h3', {}, 'Added')), el('div', { class: 'charts' }, charts));
  }

  search() {
    const { app } = this;
    const { series } = app.data.head;
    const all = series.map((meta, index) => ({ meta, index })).filter(({ meta }) => meta.connection === app.state.pc)
      .map(({ meta, index }) => ({ index, meta, text: `${meta.report} ${meta.property}` }));
    let shown = all;
    const rows = list({
      height: 30, count: all.length, label: 'Series',
      row: (at) => {
        const { meta, index } = shown[at];
        const take = () => {
          dialog.close();
          const picked = this.picked();
          if (!picked.includes(index)) this.pick([...picked, index]);
        };
        return el('div', {}, el('button', { type: 'button', class: 'quiet wide', onclick: take },
          el('b', {}, meta.property), el('span', { class: 'mono faint' }, meta.report), el('span', { class: 'faint' }, unitOf(meta.unit))));
      },
    });
    const field = el('input', {
      type: 'search', 'aria-label': 'Filter of series', placeholder: 'For example: out fps', autofocus: true,
      oninput: () => {
        shown = all.map((one) => ({ ...one, rank: fuzzy(field.value, one.text) })).filter(({ rank }) => rank !== null)
          .sort((one, other) => one.rank - other.rank);
        rows.refresh(shown.length);
      },
    });
    const dialog = showDialog('More series', [field, el('div', { class: 'picker' }, rows.element)]);
  }

  seen(entries) {
    for (const { target, isIntersecting } of entries) {
      target.chart.isInSight = isIntersecting;
      if (isIntersecting) target.chart.draw();
    }
  }

  hovered(time) {
    for (const chart of this.charts) {
      chart.hover = time;
      if (chart.isInSight) chart.drawOver();
    }
  }

  draw() {
    const begin = performance.now();
    for (const chart of this.charts) if (chart.isInSight) chart.draw();
    this.app.spent = performance.now() - begin;
  }

  update(changed) {
    if (changed.has('pc') || changed.has('pick')) return this.build();
    const isAll = ['from', 'to', 'mode', 'theme'].some((name) => changed.has(name))
      || (changed.has('mark') && this.app.state.mode === 'mark');
    if (isAll) return this.draw();
    if (['cursor', 'mark', 'interval'].some((name) => changed.has(name))) {
      for (const chart of this.charts) if (chart.isInSight) chart.drawOver();
    }
    return undefined;
  }

  close() {
    this.seer.disconnect();
    this.sizer.disconnect();
  }
}

// "frozen 4 s" for each kind of band.
function bandsInWords(bands) {
  const sums = new Map();
  for (const { kind, start: begin, end } of bands) sums.set(kind, (sums.get(kind) || 0) + end - begin);
  return [...sums].map(([kind, sum]) => el('span', { class: 'tag' }, `${(BAND_LOOK[kind] || { word: kind }).word} ${span(sum)}`));
}
