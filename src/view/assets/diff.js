// Two texts side by side, line by line. Operations are those of the program: ['=', n], ['-', line…], ['+', line…]. For
// two texts that nobody foresaw they are found here, within a limit.

const DIFF_CELLS_MAX = 4_000_000;
const CONTEXT_LINES = 2;
const FOLDED_LINES_MIN = 4;

// The operations that make `after` of `before` (lists of lines), by the longest common subsequence.
function operationsOf(before, after) {
  let head = 0;
  while (head < before.length && head < after.length && before[head] === after[head]) head += 1;
  let tail = 0;
  while (tail < Math.min(before.length, after.length) - head
    && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail += 1;
  const a = before.slice(head, before.length - tail);
  const b = after.slice(head, after.length - tail);
  const operations = [];
  if (head > 0) operations.push(['=', head]);
  operations.push(...(a.length * b.length > DIFF_CELLS_MAX ? replaced(a, b) : compared(a, b)));
  if (tail > 0) operations.push(['=', tail]);
  return operations;
}

const replaced = (a, b) => [['-', ...a], ['+', ...b]].filter((one) => one.length > 1);

function compared(a, b) {
  const width = b.length + 1;
  const lengths = new Uint32Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      lengths[i * width + j] = a[i] === b[j]
        ? lengths[(i + 1) * width + j + 1] + 1
        : Math.max(lengths[(i + 1) * width + j], lengths[i * width + j + 1]);
    }
  }
  const operations = [];
  const push = (kind, line) => {
    const last = operations.at(-1);
    if (last?.[0] !== kind) operations.push(kind === '=' ? ['=', 1] : [kind, line]);
    else if (kind === '=') last[1] += 1;
    else last.push(line);
  };
  for (let i = 0, j = 0; i < a.length || j < b.length;) {
    if (i < a.length && j < b.length && a[i] === b[j]) push('=', a[i], i += 1, j += 1);
    else if (i < a.length && (j >= b.length || lengths[(i + 1) * width + j] >= lengths[i * width + j + 1])) push('-', a[i], i += 1);
    else push('+', b[j], j += 1);
  }
  return operations;
}

// Rows of {kind: 'same' | 'gone' | 'new' | 'changed', left, right, at: [line of left, line of right]}. Lines that both
// have are taken from `after`.
function diffRows(after, operations) {
  const rows = [];
  let left = 0;
  let right = 0;
  for (let index = 0; index < operations.length; index += 1) {
    const [kind, ...rest] = operations[index];
    if (kind === '=') {
      for (let n = 0; n < rest[0]; n += 1, left += 1, right += 1) {
        rows.push({ kind: 'same', left: after[right] ?? '', right: after[right] ?? '', at: [left, right] });
      }
      continue;
    }
    const next = operations[index + 1];
    const isPair = kind === '-' && next?.[0] === '+';
    const gone = kind === '-' ? rest : [];
    const made = isPair ? next.slice(1) : kind === '+' ? rest : [];
    for (const [one, other] of paired(gone, made)) {
      const row = one === null ? 'new' : other === null ? 'gone' : 'changed';
      rows.push({ kind: row, left: one, right: other, at: [one === null ? null : left, other === null ? null : right] });
      if (one !== null) left += 1;
      if (other !== null) right += 1;
    }
    if (isPair) index += 1;
  }
  return rows;
}

// Lines of one block that say the same thing stand beside each other: the same attribute, in order.
function paired(gone, made) {
  const subject = (line) => line.split(/[: ]/, 1)[0] + (/^a=(rtpmap|fmtp|rtcp-fb|extmap):(\S+)/.exec(line)?.[2] ?? '');
  // The places of each subject, the first one last.
  const places = new Map();
  for (let at = made.length - 1; at >= 0; at -= 1) {
    const about = subject(made[at]);
    if (places.has(about)) places.get(about).push(at);
    else places.set(about, [at]);
  }
  const pairs = [];
  let from = 0;
  for (const one of gone) {
    const left = places.get(subject(one)) ?? [];
    while (left.length > 0 && left.at(-1) < from) left.pop();
    const at = left.pop() ?? -1;
    if (at < 0) {
      pairs.push([one, null]);
      continue;
    }
    for (; from < at; from += 1) pairs.push([null, made[from]]);
    pairs.push([one, made[at]]);
    from = at + 1;
  }
  for (; from < made.length; from += 1) pairs.push([null, made[from]]);
  return pairs;
}

// Which rows stand in view at first: those near a difference. Gives a list of row indexes and of {from, to} that are
// folded.
function foldedRows(rows) {
  const isNear = new Uint8Array(rows.length);
  rows.forEach(({ kind }, at) => {
    if (kind === 'same') return;
    for (let near = Math.max(0, at - CONTEXT_LINES); near <= Math.min(rows.length - 1, at + CONTEXT_LINES); near += 1) isNear[near] = 1;
  });
  const out = [];
  for (let at = 0; at < rows.length;) {
    let to = at;
    while (to < rows.length && !isNear[to]) to += 1;
    if (to - at >= FOLDED_LINES_MIN) {
      out.push({ from: at, to });
      at = to;
    } else {
      for (; at < Math.max(to, at + 1) && at < rows.length; at += 1) out.push(at);
    }
  }
  return out;
}

// The words of a changed line that the other one has not, marked.
function markedLine(line, other, tag) {
  const words = (text) => text.split(/^([a-z]=[^: ]*:?)|([ ;]+)/).filter(Boolean);
  const known = new Set(words(other));
  return words(line).map((part) => (/^[ ;]+$/.test(part) || known.has(part) ? part : el(tag, {}, part)));
}

// The table of a comparison. options: {caption, left, right (titles), isWhole (nothing folded), explain(line) called on
// focus}.
function diffTable(rows, options) {
  const body = el('tbody', {});
  const fill = (lines) => lines.map((one) => (typeof one === 'number' ? diffLine(rows[one]) : foldedLine(one)));
  const foldedLine = ({ from, to }) => {
    const line = el('tr', { class: 'fold' }, el('td', { colspan: '5' },
      button(`${plural(to - from, 'equal line')}`, () => {
        const lines = rows.slice(from, to).map(diffLine);
        line.replaceWith(...lines);
        focusLine(lines[0].querySelector('[data-line]'));
      }, { class: 'link' })));
    return line;
  };
  add(body, fill(options.isWhole ? [...rows.keys()] : foldedRows(rows)));
  const table_ = el('table', { class: 'table diff' }, el('caption', { class: 'hidden-visually' }, options.caption),
    el('thead', {}, el('tr', {}, el('th', { scope: 'col', class: 'number' }, 'Line'), el('th', { scope: 'col' }, options.left),
      el('th', { scope: 'col' }, el('span', { class: 'hidden-visually' }, 'Difference')),
      el('th', { scope: 'col', class: 'number' }, 'Line'), el('th', { scope: 'col' }, options.right))), body);
  table_.addEventListener('keydown', stepLine);
  const tell = ({ target }) => target.dataset?.line !== undefined && options.explain?.(target.dataset.line);
  table_.addEventListener('focusin', tell);
  table_.addEventListener('mouseover', ({ target }) => tell({ target: target.closest('[data-line]') ?? target }));
  table_.addEventListener('click', ({ target }) => focusLine(target.closest('[data-line]')));
  const first = table_.querySelector('[data-line]');
  if (first) first.tabIndex = 0;
  return el('div', { class: 'diff-scroll' }, table_);
}

const DIFF_SIGNS = { same: ['', ''], gone: ['−', 'removed'], new: ['+', 'added'], changed: ['~', 'changed'] };

function diffLine({ kind, left, right, at }) {
  const [sign, word] = DIFF_SIGNS[kind];
  const side = (line, other, tag) => {
    if (line === null) return el('td', { class: 'none' });
    const shown = shortened(line, 4000);
    return el('td', { class: 'line' }, el('span', { tabindex: '-1', 'data-line': shortened(line, 200), role: 'note' },
      kind === 'changed' ? markedLine(shown, other, tag) : shown));
  };
  const number = (value) => el('td', { class: 'number' }, value === null ? '' : String(value + 1));
  return el('tr', { class: `diff-${kind}` }, number(at[0]), side(left, right, 'del'),
    el('td', { class: 'sign' }, sign && el('span', { 'aria-hidden': 'true' }, sign), word && el('span', { class: 'hidden-visually' }, word)),
    number(at[1]), side(right, left, 'ins'));
}

// One line of a comparison is a tab stop; the arrows go on from it.
function stepLine(event) {
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const here = event.target.closest('[data-line]');
  if (!by || !here || event.ctrlKey || event.altKey || event.metaKey) return;
  event.preventDefault();
  event.stopPropagation();
  const lines = [...event.currentTarget.querySelectorAll('[data-line]')];
  focusLine(lines[lines.indexOf(here) + by]);
}

function focusLine(line) {
  if (!line) return;
  for (const other of line.closest('table').querySelectorAll('[data-line][tabindex="0"]')) other.tabIndex = -1;
  line.tabIndex = 0;
  line.focus();
}
