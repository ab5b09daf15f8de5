// Two dumps on one axis: the lanes of one connection of each. The second one's clock can be moved.

view({ key: '9', id: 'compare', title: 'Compare', render: (root, app) => (app.other ? new Compare(root, app) : alone(root)) });

function alone(root) {
  add(root, el('div', { class: 'empty' },
    el('p', {}, 'Here two dumps stand on one axis: both ends of a call, or a good call beside a bad one.'),
    el('p', {}, el('code', {}, 'rtcstats-server view FIRST SECOND'))));
  return {};
}

function shiftBy(app, ms) {
  if (!app.other) return say('There is no second dump');
  const now = app.state.shift === null ? app.match.offset : app.state.shift;
  app.set({ shift: now + ms });
  return say(`Second dump moved by ${relative(now + ms)}`);
}

for (const [name, ms, title] of [
  ['j', -100, 'move the second dump back by 100 ms'], ['k', 100, 'move the second dump on by 100 ms'],
  ['J', -1000, 'move it back by 1 s'], ['K', 1000, 'move it on by 1 s'],
]) {
  command({ key: name, id: `shift${ms}`, title, group: 'Compare', run: (app) => shiftBy(app, ms) });
}

class Compare {
  constructor(root, app) {
    this.app = app;
    app.match ||= matchDumps(app.data, app.other);
    this.second = new App(app.other);
    this.hover = null;
    this.chosen = [app.match.pc, app.match.other];
    if (this.chosen[0] < 0) this.chosen[0] = app.state.pc;
    if (this.chosen[1] < 0) this.chosen[1] = this.second.state.pc;
    this.build(root);
    this.lay();
    this.observer = new ResizeObserver(() => this.draw());
    this.observer.observe(this.scroller);
  }

  build(root) {
    const { app } = this;
    root.classList.add('fill');
    this.words = el('span', { class: 'faint' });
    this.axis = el('canvas', { 'aria-hidden': 'true' });
    this.canvas = el('canvas', { 'aria-hidden': 'true' });
    this.over = el('canvas', { class: 'over', 'aria-hidden': 'true' });
    this.labels = el('div', { class: 'lane-labels' });
    this.field = el('div', { class: 'lane-field' }, this.canvas, this.over);
    this.space = el('div', { class: 'lane-space' }, this.labels, this.field);
    this.scroller = el('div', { class: 'lane-scroller', role: 'application', tabindex: '0', 'aria-label': 'Lanes of both calls' }, this.space);
    const move = (ms, label, name) => button(label, () => shiftBy(app, ms), { class: 'button small', title: `Move the second dump by ${label}`, key: name });
    add(root, [
      el('div', { class: 'toolbar viewbar' },
        this.picker(0, app, 'First'), this.picker(1, this.second, 'Second'), this.words, el('span', { class: 'grow' }),
        el('span', { class: 'joined' }, move(-1000, '−1 s', 'J'), move(-100, '−100 ms', 'j'), move(100, '+100 ms', 'k'), move(1000, '+1 s', 'K')),
        button('As found', () => app.set({ shift: null }), { class: 'button small', title: 'The offset that was found out' })),
      el('div', { class: 'lane-head' }, el('div', { class: 'gutter' }, (this.zone = el('span', { class: 'faint' }))), el('div', { class: 'head-field' }, this.axis)),
      this.scroller,
    ]);
    this.scroller.addEventListener('scroll', () => this.draw(), { passive: true });
    listenToPointer(app, this.field, {
      width: () => this.width, click: (time) => app.point(time),
      hover: (time) => {
        this.hover = time;
        this.drawOver();
      },
    });
  }

  picker(side, app, title) {
    if (app.data.connections.length === 0) return el('span', { class: 'faint' }, `${title}: no connection`);
    // The one that was found to match may be behind those that one can choose from.
    const offered = new Set([...app.data.connections.keys()].slice(0, 500)).add(this.chosen[side]);
    const options = [...offered].map((index) => el('option', { value: String(index) }, app.nameOf(index)));
    const select = el('select', {
      'aria-label': `${title} connection`, onchange: () => {
        this.chosen[side] = Number(select.value);
        this.lay();
        this.draw();
      },
    }, options);
    select.value = String(this.chosen[side]);
    return el('label', { class: 'faint' }, `${title} `, select);
  }

  // The rows of both: a title, then the lanes of the chosen connection.
  lay() {
    this.rows = [];
    let top = 0;
    [this.app, this.second].forEach((app, side) => {
      const pc = this.chosen[side];
      const lanes = new Lanes(app);
      lanes.open = new Set([pc]);
      lanes.build();
      const own = lanes.rows.filter((row) => row.kind === 'client' || (row.pc === pc && row.kind !== 'head'));
      for (const row of [{ kind: 'title', height: 46, pc: -1 }, ...own]) {
        this.rows.push({ ...row, top, side });
        top += row.height;
      }
    });
    this.height = top;
    clear(this.labels, this.rows.map((row) => this.label(row)));
  }

  label(row) {
    const app = row.side === 0 ? this.app : this.second;
    const place = { style: { top: `${row.top}px`, height: `${row.height}px` } };
    if (row.kind === 'states') {
      return el('div', { class: 'lane-label states', ...place }, ['signalling', 'ICE', 'connection'].map((word) => el('span', {}, word)));
    }
    if (row.kind === 'title') {
      const { source, verdict } = app.head;
      return el('div', { class: 'lane-label dump', ...place },
        el('span', { class: 'dump-title' }, severity(verdict.severity, ''), el('b', {}, row.side === 0 ? 'First' : 'Second'), el('span', {}, source.name)),
        el('span', { class: 'faint' }, verdict.text));
    }
    const [main, beside] = laneWords(app, row);
    return el('div', { class: `lane-label ${row.kind}`, ...place }, el('span', { class: 'main' }, main), el('span', { class: 'faint' }, beside));
  }

  shift() {
    return this.app.state.shift === null ? this.app.match.offset : this.app.state.shift;
  }

  draw() {
    const begin = performance.now();
    const { app } = this;
    const { clientHeight: height, clientWidth, scrollTop } = this.scroller;
    const gutter = clientWidth < 600 ? 96 : GUTTER;
    document.documentElement.style.setProperty('--gutter', `${gutter}px`);
    this.width = clientWidth - gutter;
    this.space.style.setProperty('height', `${this.height}px`);
    const pen = penOf(this.canvas, this.width, height);
    const axis = penOf(this.axis, this.width, AXIS_HEIGHT);
    if (!pen) return;
    clear(this.words, `second ${relative(this.shift())}, ${app.state.shift === null ? app.match.words : 'moved by hand'}`);
    clear(this.zone, app.zone());
    const scale = scaleOf(app.state, this.width);
    drawAxis(axis, app, scale, AXIS_HEIGHT);
    drawGrid(pen, app, scale, 0, Math.min(height, this.height - scrollTop));
    const moved = scaleOf({ from: scale.from - this.shift(), to: scale.to - this.shift() }, this.width);
    for (const row of this.rows) {
      if (row.top + row.height < scrollTop || row.top > scrollTop + height) continue;
      const side = row.side === 0 ? { app, scale } : { app: this.second, scale: moved };
      if (row.kind === 'title') {
        pen.fillStyle = COLORS.surface;
        pen.fillRect(0, row.top - scrollTop, this.width, row.height);
      } else {
        drawLane({ pen, data: side.app.data, ...side }, row, row.top - scrollTop);
      }
    }
    this.drawOver();
    app.spent = performance.now() - begin;
  }

  drawOver() {
    const pen = penOf(this.over, this.width, Math.min(this.scroller.clientHeight, this.height));
    if (pen) drawCursor(pen, this.app, scaleOf(this.app.state, this.width), this.scroller.clientHeight, this.hover);
  }

  update(changed) {
    if (['from', 'to', 'mode', 'theme', 'shift', 'mark'].some((name) => changed.has(name))) this.draw();
    else if (['cursor', 'interval'].some((name) => changed.has(name))) this.drawOver();
  }

  close() {
    this.observer.disconnect();
  }
}
