// The last file: reads the data and builds the page.

async function start() {
  const note = el('p', { class: 'loading', role: 'status' }, 'Reading the dump …');
  document.body.append(note);
  try {
    const first = document.getElementById('data');
    const second = document.getElementById('data2');
    const [data, other] = await Promise.all([load(first), second ? load(second) : null]);
    const app = new App(data, other);
    registerViews();
    keepHash(app);
    note.remove();
    buildFrame(app);
    listenToKeys(app);
    watchDetail(app);
    // For tests and the console.
    globalThis.rtcstats = app;
    performance.mark('built');
    document.documentElement.dataset.ready = 'true';
  } catch (error) {
    console.error(error);
    clear(note, `The page could not be built: ${error.message}`);
    note.className = 'failure';
  }
}

start();
