// A table of any number of rows of which only those in sight exist. All rows have one height, known beforehand, but
// for the one that is open: below it stands its detail, as high as it is up to a limit of the style sheet.

const ROW_PIXELS = 26;
const ROWS_AROUND = 6;

class LongTable {
  // source: {caption, columns: [{title, kind}], cells(row), detail(row), chosen(row), name}. Rows are numbers from 0.
  constructor(source) {
    this.source = source;
    this.count = 0;
    this.current = -1;
    this.open = -1;
    this.detailPixels = 0;
    this.drawn = [-1, -1];
    const heads = source.columns.map(({ title, kind, head }) => el('th', { scope: 'col', class: kind ?? '' }, head?.() ?? title));
    this.body = el('tbody', {});
    this.table = el('table', { class: `long-table ${source.name}` },
      el('caption', { class: 'hidden-visually' }, source.caption),
      el('thead', {}, el('tr', {}, ...heads)), this.body);
    this.root = el('div', { class: 'long-box', role: 'group', tabindex: '0', 'aria-label': source.caption }, this.table);
    this.root.addEventListener('scroll', () => this.draw());
    this.root.addEventListener('keydown', (event) => this.key(event));
    new ResizeObserver(() => this.draw()).observe(this.root);
  }

  setCount(count) {
    this.count = count;
    this.current = Math.min(this.current, count - 1);
    this.open = -1;
    this.redraw();
  }

  redraw() {
    this.drawn = [-1, -1];
    this.draw();
  }

  top(row) {
    return row * ROW_PIXELS + (this.open >= 0 && row > this.open ? this.detailPixels : 0);
  }

  rowAt(pixels) {
    const row = Math.floor(pixels / ROW_PIXELS);
    if (this.open < 0 || row <= this.open) return row;
    return Math.max(this.open, Math.floor((pixels - this.detailPixels) / ROW_PIXELS));
  }

  draw() {
    const { scrollTop, clientHeight } = this.root;
    const from = Math.max(0, this.rowAt(scrollTop) - ROWS_AROUND);
    const to = Math.min(this.count, this.rowAt(scrollTop + (clientHeight || 600)) + ROWS_AROUND);
    if (from === this.drawn[0] && to === this.drawn[1]) return;
    this.drawn = [from, to];
    const focused = this.body.contains(document.activeElement) ? document.activeElement.dataset.row : null;
    const rows = [this.spacer(this.top(from))];
    for (let row = from; row < to; row += 1) rows.push(...this.row(row));
    rows.push(this.spacer(this.top(this.count) - this.top(to)));
    this.table.setAttribute('aria-rowcount', String(this.count + 1));
    this.body.replaceChildren(...rows.filter(Boolean));
    this.measure();
    if (focused) this.body.querySelector(`button[data-row="${focused}"]`)?.focus({ preventScroll: true });
  }

  // How high the open detail has become; the space below it follows.
  measure() {
    const detail = this.body.querySelector('tr.detail');
    if (!detail || detail.offsetHeight === this.detailPixels) return;
    this.detailPixels = detail.offsetHeight;
    const rest = this.top(this.count) - this.top(this.drawn[1]);
    const last = this.body.lastElementChild;
    if (last.classList.contains('spacer')) last.firstElementChild.style.setProperty('height', `${rest}px`);
  }

  spacer(pixels) {
    if (pixels <= 0) return null;
    const cell = el('td', { colspan: String(this.source.columns.length), style: { height: `${pixels}px` } });
    return el('tr', { class: 'spacer', 'aria-hidden': 'true' }, cell);
  }

  row(row) {
    const heading = this.source.heading?.(row);
    if (heading) {
      const cell = el('th', { scope: 'colgroup', colspan: String(this.source.columns.length) }, heading);
      return [el('tr', { 'aria-rowindex': String(row + 2), class: 'heading' }, cell)];
    }
    const isOpen = row === this.open;
    const cells = this.source.cells(row).map((cell, at) => {
      const kind = this.source.columns[at].kind ?? '';
      if (at > 0) return el('td', { class: kind }, cell);
      const button = el('button', { type: 'button', class: 'row-button', 'aria-expanded': String(isOpen) }, cell);
      button.dataset.row = String(row);
      return el('th', { scope: 'row', class: kind }, button);
    });
    const mark = this.source.mark?.(row) ?? '';
    const line = el('tr', { 'aria-rowindex': String(row + 2), class: `${mark} ${row === this.current ? 'current' : ''}` }, ...cells);
    line.addEventListener('click', () => this.choose(row, true));
    if (!isOpen) return [line];
    const box = el('div', { class: 'row-detail' }, this.source.detail(row));
    return [line, el('tr', { class: 'detail' }, el('td', { colspan: String(cells.length) }, box))];
  }

  // Opens a row, or closes it when it is open.
  choose(row, isTold) {
    this.open = this.open === row ? -1 : row;
    this.current = row;
    this.redraw();
    this.body.querySelector(`button[data-row="${row}"]`)?.focus({ preventScroll: true });
    if (isTold) this.source.chosen?.(row);
  }

  // Shows where a row is, without opening it.
  point(row) {
    if (row === this.current || row < 0) return;
    this.current = row;
    this.reveal(row);
    this.redraw();
  }

  // Scrolls so that a row is the first in sight.
  lead(row) {
    this.root.scrollTop = this.top(row);
    this.draw();
  }

  reveal(row) {
    const top = this.top(row);
    const { scrollTop, clientHeight } = this.root;
    if (top < scrollTop || top + 3 * ROW_PIXELS > scrollTop + clientHeight) {
      this.root.scrollTop = Math.max(0, top - clientHeight / 3);
    }
  }

  key(event) {
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: 20, PageUp: -20 };
    const step = steps[event.key];
    if (!step || event.ctrlKey || event.altKey || event.metaKey || this.count === 0) return;
    event.preventDefault();
    event.stopPropagation();
    this.current = Math.min(this.count - 1, Math.max(0, this.current + step));
    this.reveal(this.current);
    this.redraw();
    this.body.querySelector(`button[data-row="${this.current}"]`)?.focus({ preventScroll: true });
  }
}
