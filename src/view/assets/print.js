// What paper shows: verdict and findings, whatever view is open, and of the charts those that were marked, if any were.

// Marks belong to a chart's title on its connection, so that they outlast another view.
const marksOf = (app) => (app.printed ||= new Set());

function printMark(app, name, element) {
  const isMarked = () => marksOf(app).has(name);
  const show = () => element.classList.toggle('to-print', isMarked());
  const mark = button('Print', () => {
    if (isMarked()) marksOf(app).delete(name);
    else marksOf(app).add(name);
    mark.setAttribute('aria-pressed', String(isMarked()));
    show();
    say(isMarked() ? 'Of the charts, only marked ones are printed' : 'The chart is not marked any more');
  }, { icon: 'print', class: 'quiet', title: 'Mark this chart for print', pressed: isMarked() });
  show();
  return mark;
}

function keepPrint(app) {
  let head = null;
  addEventListener('beforeprint', () => {
    const main = document.getElementById('main');
    if (head || !main) return;
    head = el('div', { class: 'print-head' });
    if (app.state.view !== 'verdict') {
      add(head, [sentence(app), findingsPart(app)]);
      main.prepend(head);
    }
    for (const closed of main.querySelectorAll('.notices-button[aria-expanded="false"]')) closed.click();
  });
  addEventListener('afterprint', () => {
    if (head) head.remove();
    head = null;
  });
}
