// Light and dark. The system's choice holds until the switch is used, which the hash keeps. The colours stand in the
// style sheet alone: a canvas reads them from there.

const darkSystem = matchMedia('(prefers-color-scheme: dark)');
const calmSystem = matchMedia('(prefers-reduced-motion: reduce)');

function isDark(app) {
  return app.state.theme === 'auto' ? darkSystem.matches : app.state.theme === 'dark';
}

const isCalm = () => calmSystem.matches;

const COLORS = {};
const COLOR_NAMES = [
  'ground', 'surface', 'raised', 'line', 'line-strong', 'text', 'muted', 'accent', 'critical', 'warning', 'info', 'good',
  's0', 's1', 's2', 's3', 's4', 's5', 's6', 's7', 'band-good', 'band-wait', 'band-bad', 'band-off', 'selection', 'cursor',
];

function readColors() {
  const style = getComputedStyle(document.documentElement);
  for (const name of COLOR_NAMES) COLORS[name] = style.getPropertyValue(`--${name}`).trim();
  COLORS.sans = style.getPropertyValue('--sans').trim();
  COLORS.mono = style.getPropertyValue('--mono').trim();
}

// Sets the theme of the document and reads its colours again; `redraw` follows.
function keepTheme(app, redraw) {
  const apply = () => {
    document.documentElement.dataset.theme = isDark(app) ? 'dark' : 'light';
    readColors();
    redraw();
  };
  apply();
  darkSystem.addEventListener('change', apply);
  addEventListener('beforeprint', () => {
    document.documentElement.dataset.theme = 'light';
    readColors();
    redraw();
  });
  addEventListener('afterprint', apply);
  return app.listen((changed) => changed.has('theme') && apply());
}
