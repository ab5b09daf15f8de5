// Elements without markup: text of a dump only ever becomes a text node. There is no way here to set markup or a link
// that leaves the page, so a view that uses these helpers alone cannot run what a dump says.

const SVG = 'http://www.w3.org/2000/svg';

// el('button', {class: 'quiet', onclick: f, 'aria-label': text, style: {width: '3px'}}, 'text', element, null, [more]).
// Handlers begin with `on`, `style` is an object, `text` is the text, `true` is an attribute without value, and null,
// undefined and false leave an attribute out. Children that are no nodes become text.
function el(tag, properties, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (name === 'text') element.textContent = value;
    else if (name === 'style') for (const [key, part] of Object.entries(value)) element.style.setProperty(key, part);
    else if (name === 'href' && !String(value).startsWith('#')) throw new Error('a link that leaves the page');
    else element.setAttribute(name, value === true ? '' : value);
  }
  return add(element, children);
}

function add(parent, children) {
  for (const child of [children].flat(3)) {
    if (child === null || child === undefined || child === false) continue;
    parent.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
  return parent;
}

function clear(element, ...children) {
  element.replaceChildren();
  return add(element, children);
}

// Shapes on a field of 16 × 16: severities differ by shape, not only by colour.
const SHAPES = {
  critical: ['M5 1h6l4 4v6l-4 4H5l-4-4V5z', 'M5.2 5.2l5.6 5.6M10.8 5.2l-5.6 5.6'],
  warning: ['M8 1.2L15.4 14.6H.6z', 'M8 6v4.2M8 12v.9'],
  info: ['M8 .8a7.2 7.2 0 1 0 .01 0z', 'M8 7v4.8M8 4.2v.9'],
  good: ['M8 .8a7.2 7.2 0 1 0 .01 0z', 'M4.6 8.2l2.4 2.4 4.4-5'],
  unknown: ['M8 .8a7.2 7.2 0 1 0 .01 0z', 'M4.8 8h6.4'],
};
const STROKES = {
  left: 'M10 3L5 8l5 5',
  right: 'M6 3l5 5-5 5',
  down: 'M3 6l5 5 5-5',
  plus: 'M8 3v10M3 8h10',
  minus: 'M3 8h10',
  fit: 'M2 5V2h3M11 2h3v3M14 11v3h-3M5 14H2v-3',
  close: 'M4 4l8 8M12 4l-8 8',
  flag: 'M4 15V2h8l-2 3 2 3H4',
  copy: 'M5 5h9v9H5zM11 5V2H2v9h3',
  link: 'M7 9a3 3 0 0 0 4 0l3-3a3 3 0 0 0-4-4L9 3M9 7a3 3 0 0 0-4 0L2 10a3 3 0 0 0 4 4l1-1',
  text: 'M3 4h10M3 8h10M3 12h6',
  print: 'M4 6V2h8v4M4 12H2V6h12v6h-2M4 9.5h8V14H4z',
  theme: 'M8 1.5a6.5 6.5 0 1 0 .01 0zM8 1.5v13M9.5 4h4M9.5 8h5M9.5 12h4',
  clock: 'M8 1.5a6.5 6.5 0 1 0 .01 0zM8 4.5V8l2.5 2',
  keys: 'M1.5 4h13v8.5h-13zM4 7h.6M7 7h.6M10 7h.6M12.5 7h.1M4.5 10h7',
  more: 'M3 8h.1M8 8h.1M13 8h.1',
  table: 'M2 3h12v10H2zM2 6.5h12M6.5 3v10',
  search: 'M7 2a5 5 0 1 0 .01 0zM10.6 10.6L14 14',
};

// A severity (filled) or a sign (stroked). It is decoration: the word stands beside it or in the label of its button.
function icon(name) {
  const image = document.createElementNS(SVG, 'svg');
  image.setAttribute('viewBox', '0 0 16 16');
  image.setAttribute('class', `icon icon-${name}`);
  image.setAttribute('aria-hidden', 'true');
  const parts = SHAPES[name] || [STROKES[name]];
  parts.forEach((path, index) => {
    const part = document.createElementNS(SVG, 'path');
    part.setAttribute('d', path);
    part.setAttribute('class', SHAPES[name] && index === 0 ? 'shape' : 'stroke');
    image.append(part);
  });
  return image;
}

const SEVERITY_WORDS = { critical: 'Critical', warning: 'Warning', info: 'Info', good: 'Good', unknown: 'Not evaluable' };

// A severity as shape and word. null is a call in which nothing was found.
function severity(name, word) {
  const known = SEVERITY_WORDS[name] ? name : 'good';
  return el('span', { class: `severity ${known}` }, icon(known), word === undefined ? SEVERITY_WORDS[known] : word);
}

// A button with an icon, a label or both. `key` is shown in the tooltip.
function button(label, run, options = {}) {
  const hint = options.key ? `${options.title || label} (${options.key})` : options.title;
  const attributes = { type: 'button', class: options.class || 'button', title: hint, onclick: run };
  if (options.icon && !options.withLabel) attributes['aria-label'] = options.title || label;
  if (options.pressed !== undefined) attributes['aria-pressed'] = String(options.pressed);
  return el('button', attributes, options.icon && icon(options.icon), (!options.icon || options.withLabel) && label);
}

function key(name) {
  return el('kbd', {}, name);
}

// A real table. Columns are {title, class?, text(row)} where text gives text, a node or a list of them; a `caption` is
// always given and hidden unless `shown`.
function table(caption, columns, rows, options = {}) {
  const head = columns.map((column) => el('th', { scope: 'col', class: column.class }, column.title));
  const cell = (row) => (column, index) =>
    index === 0 && options.heads
      ? el('th', { scope: 'row', class: column.class }, column.text(row))
      : el('td', { class: column.class }, column.text(row));
  const body = rows.map((row) => {
    const line = el('tr', {}, columns.map(cell(row)));
    if (options.row) options.row(line, row);
    return line;
  });
  const shown = el('table', { class: options.class || 'table' },
    el('caption', { class: options.shown ? null : 'hidden-visually' }, caption),
    el('thead', {}, el('tr', {}, head)), el('tbody', {}, body));
  return el('div', { class: 'table-scroll', tabindex: '0', role: 'group', 'aria-label': caption }, shown);
}

// A list of what may be long: only the rows in view exist. `row(index)` gives an element of exactly `height` pixels.
function list(options) {
  const { height, row, label } = options;
  let count = options.count;
  let drawn = '';
  const space = el('div', { class: 'list-space' });
  const scroller = el('div', { class: 'list', role: options.role || 'list', 'aria-label': label, tabindex: '0' }, space);
  const draw = () => {
    const first = Math.max(0, Math.floor(scroller.scrollTop / height) - 4);
    const last = Math.min(count, Math.ceil((scroller.scrollTop + scroller.clientHeight) / height) + 4);
    const wanted = `${first}-${last}`;
    if (wanted === drawn) return;
    drawn = wanted;
    const rows = [];
    for (let index = first; index < last; index += 1) {
      const element = row(index);
      element.style.setProperty('top', `${index * height}px`);
      element.style.setProperty('height', `${height}px`);
      element.classList.add('list-row');
      if (!options.role) element.setAttribute('role', 'listitem');
      element.setAttribute('aria-posinset', String(index + 1));
      element.setAttribute('aria-setsize', String(count));
      rows.push(element);
    }
    clear(space, rows);
  };
  const refresh = (newCount) => {
    if (newCount !== undefined) count = newCount;
    // Browsers draw no element that is higher than about 30 million pixels.
    space.style.setProperty('height', `${Math.min(count * height, 30e6)}px`);
    drawn = '';
    draw();
  };
  const show = (index) => {
    const top = index * height;
    const low = scroller.scrollTop + scroller.clientHeight - 2 * height;
    if (top < scroller.scrollTop + height || top > low) {
      scroller.scrollTop = Math.max(0, top - scroller.clientHeight / 2);
    }
    draw();
  };
  scroller.addEventListener('scroll', draw, { passive: true });
  new ResizeObserver(() => refresh()).observe(scroller);
  refresh();
  return { element: scroller, refresh, show };
}
