// A page that is served fetches what it has not: of a large dump all polls of the part that is looked at, and as much
// on both sides, so that the next step needs nothing. A page that is a file asks for nothing.

// After the last change of what is in sight, in ms.
const DETAIL_WAIT = 200;
// After the server was busy.
const DETAIL_RETRY = 2000;

function watchDetail(app) {
  const source = document.getElementById('data').dataset.series;
  const isThinned = app.data.connections.some(({ polls }) => polls && polls.sampled);
  if (!source || !isThinned) return;
  let timer = 0;
  let isAsking = false;
  const later = (wait) => {
    clearTimeout(timer);
    timer = setTimeout(look, wait);
  };
  const look = async () => {
    const wanted = wantedDetail(app);
    if (!wanted || isAsking) return;
    isAsking = true;
    try {
      const answer = await fetch(`${source}?from=${Math.floor(wanted.from)}&to=${Math.ceil(wanted.to)}`, { credentials: 'same-origin' });
      if (answer.status === 503) return later(DETAIL_RETRY);
      if (!answer.ok) throw new Error(`${answer.status} ${answer.statusText}`);
      putDetail(app, wanted, unpack(await inflate(answer.body)));
      // Meanwhile one may have gone on.
      later(DETAIL_WAIT);
    } catch (error) {
      say(`More values could not be fetched: ${error.message}`);
    } finally {
      isAsking = false;
    }
  };
  app.listen((changed) => (changed.has('from') || changed.has('to')) && later(DETAIL_WAIT));
  later(DETAIL_WAIT);
}

// The part to ask for, or null if what is there is as good as it gets: {from, to}.
function wantedDetail({ data, state }) {
  const from = Math.max(data.start, state.from);
  const to = Math.min(data.end, state.to);
  const span = to - from;
  if (span <= 0) return null;
  const { detail } = data;
  if (detail && detail.from <= from && to <= detail.to) {
    // A part that is itself too long for all polls is asked for again when one sees a quarter of it.
    if (detail.isWhole || span * 4 > detail.to - detail.from) return null;
  }
  // Of nearly all of it, the page has what can be drawn.
  if (span * 2 > data.end - data.start) return null;
  const edge = detail && !detail.isWhole && span * 4 <= detail.to - detail.from ? span / 4 : span;
  return { from: Math.max(data.start, from - edge), to: Math.min(data.end, to + edge) };
}

function putDetail(app, { from, to }, data) {
  const places = new Map(data.head.series.map((meta, index) => [keyOf(meta), index]));
  const isWhole = !data.connections.some(({ polls }) => polls && polls.sampled);
  app.data.setDetail({ from, to, data, places, isWhole });
  app.refresh();
}
