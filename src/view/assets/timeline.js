// The time line: findings and axis on top, below them the lanes of the client and of each connection. Only lanes in
// sight are drawn; what follows the pointer lies on a canvas of its own, so that moving it draws no lane.

const AXIS_HEIGHT = 26;
const FINDING_ROWS = 5;
const FINDING_HEIGHT = 16;

const LANES_HELP = 'Left and right arrows move the cursor by a poll, with Shift by ten seconds. Plus and minus zoom, comma and '
  + 'full stop pan, Home shows all. m sets the mark, i marks the interval from the mark to the cursor. n and p go through the '
  + 'findings, brackets through the events. Up and down arrows scroll the lanes.';

view({ key: '2', id: 'timeline', title: 'Time line', render: (root, app) => new Timeline(root, app) });

command({
  key: 'i', id: 'interval', title: 'interval from the mark to the cursor', group: 'Time axis', run(app) {
    const { mark: at } = app.state;
    if (at === null || at === app.now()) say('Set the mark (m), then move the cursor');
    else app.set({ interval: [Math.min(at, app.now()), Math.max(at, app.now())] });
  },
});

class Timeline {
  constructor(root, app) {
    this.app = app;
    this.hover = null;
    // The connection that was chosen by its own label.
    this.pressed = null;
    this.drawn = {};
    app.lanes ||= new Lanes(app);
    this.lanes = app.lanes;
    this.build(root);
    this.observer = new ResizeObserver(() => this.draw());
    this.observer.observe(this.scroller);
    this.draw();
  }

  build(root) {
    const { app } = this;
    root.classList.add('fill');
    this.head = el('canvas', { 'aria-hidden': 'true' });
    this.headOver = el('canvas', { class: 'over', 'aria-hidden': 'true' });
    this.canvas = el('canvas', { 'aria-hidden': 'true' });
    this.over = el('canvas', { class: 'over', 'aria-hidden': 'true' });
    this.labels = el('div', { class: 'lane-labels' });
    this.field = el('div', { class: 'lane-field' }, this.canvas, this.over);
    this.headField = el('div', { class: 'head-field' }, this.head, this.headOver);
    this.space = el('div', { class: 'lane-space' }, this.labels, this.field);
    this.scroller = el('div', {
      class: 'lane-scroller', role: 'application', tabindex: '0', 'aria-label': 'Lanes of the call', 'aria-describedby': 'lanes-help',
    }, this.space);
    this.tip = el('div', { class: 'tip', hidden: true });
    const { connections } = app.data;
    add(root, [
      el('div', { class: 'toolbar viewbar' },
        el('span', { class: 'faint wide-only' }, 'Click: cursor. Drag: interval. Wheel: zoom.'), el('span', { class: 'grow' }),
        connections.length > 1 && el('span', { class: 'joined' },
          button('Open all', () => this.openAll(true), { class: 'button small' }),
          button('Close all', () => this.openAll(false), { class: 'button small' })),
        button('Interval: mark to cursor', () => runCommand(app, 'interval'), { class: 'button small wide-only', key: 'i' }),
        button('As table', () => this.asTable(), { class: 'button small', icon: 'table', withLabel: true })),
      el('div', { class: 'lane-head' },
        el('div', { class: 'gutter' }, el('span', {}, 'Findings'), (this.zone = el('span', { class: 'faint' }))), this.headField),
      this.scroller,
      el('p', { id: 'lanes-help', class: 'hidden-visually' }, LANES_HELP),
      this.tip,
    ]);
    this.scroller.addEventListener('scroll', () => this.draw(), { passive: true });
    const width = () => this.width;
    listenToPointer(app, this.field, {
      width, click: (time, event) => this.click(time, event), hover: (time, event) => this.moved(time, event),
    });
    listenToPointer(app, this.headField, {
      width, click: (time, event) => this.clickHead(time, event), hover: (time, event) => this.moved(time, event),
    });
  }

  openAll(isOpen) {
    this.lanes.all(isOpen);
    this.draw();
  }

  update(changed) {
    if (changed.has('pc')) {
      const { pc } = this.app.state;
      if (pc >= 0 && pc !== this.pressed) this.reveal(pc);
      this.pressed = null;
    }
    const isAll = ['from', 'to', 'mode', 'theme', 'finding', 'pc'].some((name) => changed.has(name))
      || (changed.has('mark') && this.app.state.mode === 'mark');
    if (isAll) this.draw();
    else if (['cursor', 'mark', 'interval'].some((name) => changed.has(name))) this.drawOver();
  }

  // Opens a connection's lanes and scrolls to them.
  reveal(pc) {
    if (!this.lanes.open.has(pc)) this.lanes.toggle(pc, true);
    const row = this.lanes.rows.find((one) => one.kind === 'head' && one.pc === pc);
    this.space.style.setProperty('height', `${this.lanes.height}px`);
    const { scrollTop, clientHeight } = this.scroller;
    if (row && (row.top < scrollTop || row.top > scrollTop + clientHeight - 120)) this.scroller.scrollTop = row.top;
  }

  draw() {
    const begin = performance.now();
    const { app, lanes } = this;
    const { clientHeight: height, clientWidth } = this.scroller;
    const gutter = clientWidth < 600 ? 96 : GUTTER;
    this.width = clientWidth - gutter;
    this.space.style.setProperty('height', `${Math.max(lanes.height, 1)}px`);
    document.documentElement.style.setProperty('--gutter', `${gutter}px`);
    const pen = penOf(this.canvas, this.width, height);
    if (!pen) return;
    const { scrollTop } = this.scroller;
    const scale = scaleOf(app.state, this.width);
    const on = { pen, app, data: app.data, scale };
    drawGrid(pen, app, scale, 0, Math.min(height, lanes.height - scrollTop));
    const [first, end] = lanes.within(scrollTop, scrollTop + height);
    for (let index = first; index < end; index += 1) drawLane(on, lanes.rows[index], lanes.rows[index].top - scrollTop);
    this.drawLabels(first, end);
    this.drawHead(scale);
    this.drawOver();
    app.spent = performance.now() - begin;
  }

  drawHead(scale) {
    const { app } = this;
    const height = headHeight(app);
    const pen = penOf(this.head, this.width, height);
    clear(this.zone, app.zone());
    drawAxis(pen, app, scale, AXIS_HEIGHT);
    pen.fillStyle = COLORS.line;
    pen.fillRect(0, AXIS_HEIGHT, this.width, 1);
    this.places = placeFindings(app, scale);
    drawFindings(pen, app, this.places, scale);
  }

  // Labels are elements, so that they are read aloud and can be pressed; only those in sight exist.
  drawLabels(first, end) {
    const { app, lanes } = this;
    const wanted = `${first} ${end} ${lanes.height} ${app.state.pc}`;
    if (this.drawn.labels === wanted) return;
    this.drawn.labels = wanted;
    const focused = document.activeElement && document.activeElement.dataset ? document.activeElement.dataset.lane : undefined;
    clear(this.labels, lanes.rows.slice(first, end).map((row) => this.label(row)));
    if (focused !== undefined) {
      const again = [...this.labels.children].find((one) => one.dataset.lane === focused);
      if (again) again.focus({ preventScroll: true });
    }
  }

  label(row) {
    const { app } = this;
    const place = { style: { top: `${row.top}px`, height: `${row.height}px` } };
    if (row.kind === 'states') {
      return el('div', { class: 'lane-label states', ...place }, ['signalling', 'ICE', 'connection'].map((word) => el('span', {}, word)));
    }
    const [main, beside] = laneWords(app, row);
    const words = [el('span', { class: 'main' }, main), el('span', { class: 'faint' }, beside)];
    if (row.kind !== 'head') return el('div', { class: `lane-label ${row.kind}`, ...place }, words);
    const fate = fateOf(app.data.connections[row.pc]);
    return el('button', {
      type: 'button', class: `lane-label head${row.pc === app.state.pc ? ' chosen' : ''}`, ...place, 'data-lane': String(row.pc),
      'aria-expanded': String(row.isOpen), onclick: () => this.toggle(row.pc), title: `${main}: ${fate.toLowerCase()}`,
    }, icon(row.isOpen ? 'down' : 'right'), fate === CONNECTED ? null : icon(fate === FAILED ? 'critical' : 'unknown'), words);
  }

  toggle(pc) {
    this.lanes.toggle(pc);
    // A closed one is not opened again by being chosen.
    this.pressed = pc === this.app.state.pc ? null : pc;
    this.app.set({ pc });
    this.draw();
  }

  drawOver() {
    const { app } = this;
    const scale = scaleOf(app.state, this.width);
    const pen = penOf(this.over, this.width, Math.min(this.scroller.clientHeight, this.lanes.height));
    if (!pen) return;
    drawCursor(pen, app, scale, this.scroller.clientHeight, this.hover);
    const height = headHeight(app);
    const top = penOf(this.headOver, this.width, height);
    drawCursor(top, app, scale, height, this.hover);
    const { cursor, mark: at } = app.state;
    if (at !== null && at >= scale.from && at <= scale.to) {
      bubble(top, 'mark', scale.x(at), this.width, AXIS_HEIGHT, COLORS.s1, COLORS.ground);
    }
    if (cursor !== null && cursor >= scale.from && cursor <= scale.to) {
      bubble(top, app.time(cursor), scale.x(cursor), this.width, AXIS_HEIGHT, COLORS.cursor, COLORS.ground);
    }
  }

  click(time, event) {
    const row = this.lanes.rowAt(event.clientY - this.scroller.getBoundingClientRect().top + this.scroller.scrollTop);
    this.scroller.focus({ preventScroll: true });
    this.app.point(time);
    if (row && row.pc >= 0 && this.lanes.open.has(row.pc)) this.app.set({ pc: row.pc });
  }

  clickHead(time, event) {
    const found = this.findingAt(event);
    if (found) this.app.select(found.index);
    else this.app.point(time);
  }

  findingAt(event) {
    const box = this.headField.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top - AXIS_HEIGHT - 2];
    return this.places.find((one) => x >= one.x - 2 && x <= one.right + 2 && y >= one.row * FINDING_HEIGHT && y < (one.row + 1) * FINDING_HEIGHT);
  }

  moved(time, event) {
    this.hover = time;
    this.drawOver();
    const isHead = event.currentTarget === this.headField;
    const rows = time === null || event.pointerType === 'touch' ? [] : isHead ? this.findingTip(event) : this.tipRows(time, event);
    this.tip.hidden = rows.length === 0;
    if (rows.length === 0) return;
    clear(this.tip, el('b', {}, this.app.time(time)), rows.map((text) => el('div', {}, text)));
    const box = this.scroller.parentElement.getBoundingClientRect();
    const x = event.clientX - box.left;
    const left = x > box.width - 300 ? x - this.tip.offsetWidth - 14 : x + 14;
    this.tip.style.setProperty('left', `${left}px`);
    this.tip.style.setProperty('top', `${Math.min(event.clientY - box.top + 16, box.height - this.tip.offsetHeight - 8)}px`);
  }

  findingTip(event) {
    const place = this.findingAt(event);
    if (!place) return [];
    const found = this.app.data.findings[place.index];
    return [`${SEVERITY_WORDS[found.severity]}: ${found.text}`];
  }

  // What the lane under the pointer says at that time.
  tipRows(time, event) {
    const row = this.lanes.rowAt(event.clientY - this.scroller.getBoundingClientRect().top + this.scroller.scrollTop);
    return row ? laneTip(this.app, row, time) : [];
  }

  asTable() {
    const rows = happenings(this.app).slice(0, 500);
    showDialog('What happened', table('What happened, in order of time', [
      { title: `Time (${this.app.zone()})`, class: 'mono', text: (row) => this.app.time(row.time) },
      { title: 'Where', text: (row) => row.where },
      { title: 'What', text: (row) => row.what },
      { title: 'For', class: 'number', text: (row) => (row.end > row.time ? span(row.end - row.time) : '') },
    ], rows), { buttons: [button('Save as CSV', () => save('timeline.csv', 'text/csv', csv(
      ['time_ms', 'where', 'what', 'end_ms'], happenings(this.app).map((row) => [row.time, row.where, row.what, row.end])))) ] });
  }

  close() {
    this.observer.disconnect();
  }
}

function runCommand(app, id) {
  COMMANDS.find((one) => one.id === id).run(app);
}

// A cell that a spreadsheet would take for a formula is made text: the content is a dump's.
function csv(head, rows) {
  const cell = (value) => {
    const text = String(value === null || value === undefined ? '' : value);
    const safe = typeof value !== 'number' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
    return /[",\n\r]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe;
  };
  return `${[head, ...rows].map((row) => row.map(cell).join(',')).join('\r\n')}\r\n`;
}
