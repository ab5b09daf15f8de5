// Keyboard shortcuts: single keys, ignored in text fields and while a dialog is open, and switched off by the dialog
// that lists them (WCAG 2.1.4). Keys with Ctrl, Alt or Meta always remain the browser's.

function isTyping(target) {
  return target.closest && target.closest('input, select, textarea, [contenteditable]') !== null;
}

// How a key is named in `command`: its character, or ArrowLeft, Shift+ArrowLeft, Home, Escape.
function nameOfKey(event) {
  const named = event.key.length > 1 && event.shiftKey ? `Shift+${event.key}` : event.key;
  return named === ' ' ? 'Space' : named;
}

function listenToKeys(app) {
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return;
    const name = nameOfKey(event);
    if (isTyping(event.target)) {
      if (name === 'Escape') event.target.blur();
      return;
    }
    if (document.querySelector('dialog[open]')) return;
    const found = COMMANDS.find((one) => [one.key].flat().includes(name));
    const isNamed = name.length > 1;
    if (!found || (!app.state.keys && !isNamed) || isUsed(event, name)) return;
    event.preventDefault();
    found.run(app);
  });
}

// Whether what has the focus needs this key itself: a list scrolls, a tab or a slider moves.
function isUsed(event, name) {
  if (!/^(Shift\+)?(Arrow|Home|End|Page|Space|Enter)/.test(name)) return false;
  return event.target.closest('.list, .table-scroll, .long-box, [role=tablist], [role=slider], [role=separator]') !== null;
}

const KEY_NAMES = {
  ArrowLeft: '←', ArrowRight: '→', 'Shift+ArrowLeft': 'Shift ←', 'Shift+ArrowRight': 'Shift →', Escape: 'Esc',
};

function showHelp(app) {
  const groups = new Map();
  for (const one of [...viewCommands(), ...COMMANDS.filter(({ hidden }) => !hidden)]) {
    if (!groups.has(one.group)) groups.set(one.group, []);
    groups.get(one.group).push(one);
  }
  const line = (one) => [
    el('dt', {}, [one.key].flat().slice(0, 2).map((name) => [key(KEY_NAMES[name] || name), ' '])),
    el('dd', {}, one.run ? button(one.title, () => (dialog.close(), one.run(app)), { class: 'link' }) : one.title),
  ];
  const part = ([title, commands]) => el('section', {}, el('h3', {}, title), el('dl', {}, commands.map(line)));
  const box = el('input', {
    type: 'checkbox', id: 'keys-on', checked: app.state.keys, onchange: () => app.set({ keys: box.checked }),
  });
  const mouse = [['drag', 'mark an interval'], ['wheel', 'zoom on the time line'], ['Ctrl + wheel', 'zoom on charts'], ['Shift + wheel', 'pan'], ['click', 'move the cursor']];
  const dialog = showDialog('Keyboard and mouse', [
    el('div', { class: 'help' }, [...groups].map(part),
      part(['Mouse on the time axis', mouse.map(([name, title]) => ({ key: name, title }))])),
    el('p', { class: 'option' }, box, el('label', { for: 'keys-on' }, 'Shortcuts of a single key are on')),
  ]);
}

const viewCommands = () => VIEWS.map(({ key: name, id, title }) => ({ key: name, title, group: 'Views', run: (app) => app.go(id) }));

// A dialog that Escape and its button close; the focus goes back to where it was.
function showDialog(title, content, options = {}) {
  const before = document.activeElement;
  const dialog = el('dialog', { class: 'dialog', 'aria-labelledby': 'dialog-title' });
  const close = () => dialog.close();
  add(dialog, [
    el('header', {}, el('h2', { id: 'dialog-title' }, title), button('Close', close, { icon: 'close', class: 'quiet' })),
    el('div', { class: 'dialog-body', tabindex: '0' }, content),
    options.buttons && el('footer', {}, options.buttons),
  ]);
  dialog.addEventListener('close', () => {
    dialog.remove();
    if (before && before.focus) before.focus();
  });
  dialog.addEventListener('click', (event) => event.target === dialog && close());
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

// Puts text on the clipboard and says so. Pages of files may not write there: then the text is shown to be copied.
async function copy(text, what) {
  try {
    await navigator.clipboard.writeText(text);
    say(`${what} copied`);
  } catch {
    const field = el('textarea', { class: 'copy', readonly: true, rows: '14', 'aria-label': what });
    field.value = text;
    showDialog(`Copy: ${what}`, field);
    field.select();
    if (document.execCommand('copy')) say(`${what} copied`);
  }
}

// Offers text as a file.
function save(name, type, text) {
  const address = URL.createObjectURL(new Blob([text], { type }));
  const anchor = document.createElement('a');
  anchor.href = address;
  anchor.download = name;
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

// A short message at the lower edge, also for screen readers.
let toastTimer = 0;
function say(text) {
  const toast = document.getElementById('toast');
  toast.textContent = text;
  toast.classList.add('shown');
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => toast.classList.remove('shown'), 2500);
}
