// The checks of the driver. Each gets {page, spec, problem, done, times} and tells what it did with `done`.
'use strict';

const fs = require('node:fs');

const VIEWS = ['verdict', 'timeline', 'connection', 'signalling', 'sdp', 'ice', 'events', 'values', 'compare', 'features'];
const KEYS = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '0'];
const VALUES_ASKED = 40;
const FRAMES = 200;

// Two frames: what has changed is drawn then.
const settle = (page) => page.evaluate(() => new Promise((resolve) => {
  requestAnimationFrame(() => requestAnimationFrame(resolve));
}));

// Numbers that are the same in each run.
function random(seed) {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 8) % below;
  };
}

// Each view is reached by its key, has a heading and something below it, and none says that it could not be drawn.
async function views({ page, problem, done }) {
  for (const [at, key] of KEYS.entries()) {
    await page.keyboard.press(key);
    await settle(page);
    const seen = await page.evaluate(() => ({
      view: globalThis.rtcstats.state.view,
      hash: location.hash,
      title: document.querySelector('main h2') && document.querySelector('main h2').textContent,
      length: document.querySelector('main section').childElementCount,
      failure: document.querySelector('.failure') && document.querySelector('.failure').textContent,
      headings: document.querySelectorAll('h1').length,
    }));
    if (seen.view !== VIEWS[at]) problem(`key ${key} gives the view ${seen.view}`);
    if (at > 0 && !seen.hash.startsWith(`#v=${VIEWS[at]}`)) problem(`the address of ${VIEWS[at]} is ${seen.hash}`);
    if (!seen.title || seen.length < 2) problem(`the view ${VIEWS[at]} is empty`);
    if (seen.failure) problem(`the view ${VIEWS[at]}: ${seen.failure}`);
    if (seen.headings !== 1) problem(`${seen.headings} first headings in ${VIEWS[at]}`);
    const found = await page.evaluate(contentOf);
    for (const one of found) problem(`${VIEWS[at]}: ${one}`);
    done('views');
  }
}

// Runs in the page: whatever could load, run or lead somewhere.
function contentOf() {
  const found = [];
  const scripts = [...document.scripts].filter((one) => !['data', 'data2', 'script'].includes(one.id));
  // The loader, and what it has unpacked.
  if (scripts.length !== 2) found.push(`${scripts.length} scripts`);
  for (const one of document.querySelectorAll('img, iframe, object, embed, link, base, form, video, audio, style ~ style, svg use, svg image')) {
    found.push(`an element ${one.tagName}`);
  }
  for (const one of document.querySelectorAll('a[href]:not([href^="#"]):not(.served > [href^="/"]), [src], [style*="url("]')) found.push(`${one.tagName} leads away`);
  for (const one of document.body.querySelectorAll('*')) {
    for (const { name } of one.attributes) if (name.startsWith('on')) found.push(`${one.tagName} with ${name}`);
  }
  return found;
}

// What a dump says never ran.
async function content({ page, problem, done }) {
  const hacked = await page.evaluate(() => globalThis.hacked);
  if (hacked !== undefined) problem(`the dump's script ran: ${hacked}`);
  done('content');
}

// The values of random series at random times: as the page decodes them, and as the view of values shows them.
async function values({ page, spec, problem, done }) {
  const { series = [], connections } = JSON.parse(fs.readFileSync(spec.data, 'utf8'));
  const next = random(spec.seed);
  if (series.length === 0) return;
  const asked = [];
  for (let n = 0; n < VALUES_ASKED; n += 1) {
    const index = next(series.length);
    const polls = connections[series[index].connection].polls.values;
    const time = polls[next(polls.length)] + [0, 1, -1][next(3)];
    asked.push({ index, time, wanted: valueAt(series[index], polls, time) });
  }
  const seen = await page.evaluate(async (list) => {
    const app = globalThis.rtcstats;
    app.go('values', { query: '' });
    const got = [];
    for (const { index, time } of list) {
      const meta = app.head.series[index];
      app.set({ pc: meta.connection, cursor: time, query: meta.report.toLowerCase().split(/\s+/)[0] });
      app.flush();
      const row = [...document.querySelectorAll('.report')].filter((card) => card.querySelector('.mono').textContent === meta.report)
        .flatMap((card) => [...card.querySelectorAll('tr')]).find((one) => one.querySelector('th').textContent === meta.property);
      got.push({ value: app.data.valueAt(index, time), shown: row ? row.dataset.value : null });
    }
    return got;
  }, asked);
  seen.forEach(({ value, shown }, at) => {
    const { index, time, wanted } = asked[at];
    const name = `${series[index].report} ${series[index].property} at ${time}`;
    if (!isSame(value, wanted)) problem(`${name} is ${value} in the page, ${wanted} in the data`);
    const text = wanted === null ? null : String(typeof wanted === 'number' ? value : wanted);
    if (shown !== text) problem(`${name} is shown as ${shown}, not ${text}`);
    if (wanted !== null) done('values');
  });
}

// What `view --json` has for a series at the last poll that is not after `time`.
function valueAt(series, polls, time) {
  let at = -1;
  while (at + 1 < polls.length && polls[at + 1] <= time) at += 1;
  const place = at - series.first;
  if (place < 0) return null;
  // Behind its end, the report is gone.
  if (place >= series.count || (series.absent || []).some(([from, to]) => from <= place && place < to)) return null;
  const value = series.values[place];
  return series.dictionary ? series.dictionary[value] : value;
}

function isSame(one, other) {
  if (typeof one !== 'number' || typeof other !== 'number') return one === other;
  return Math.abs(one - other) <= 1e-6 * Math.max(1e-6, Math.abs(other));
}

// The whole way by keyboard: first finding, its place on the time line, its text; then the address holds all that.
async function journey({ page, problem, done }) {
  await page.evaluate(() => {
    globalThis.rtcstats.go('verdict', { finding: -1, cursor: null });
    globalThis.rtcstats.flush();
    Object.defineProperty(navigator, 'clipboard', { value: { writeText: async (text) => (globalThis.copied = text) }, configurable: true });
  });
  await page.keyboard.press('n');
  await settle(page);
  const at = await page.evaluate(() => {
    const { state, data } = globalThis.rtcstats;
    const found = data.findings[state.finding];
    return { view: state.view, id: found && found.id, text: found && found.text, isAt: found && state.cursor === found.start && state.from <= found.start && found.start <= state.to };
  });
  if (at.view !== 'timeline' || !at.isAt) problem(`n leads to ${JSON.stringify(at)}`);
  await page.keyboard.press('x');
  await settle(page);
  const copied = await page.evaluate(() => globalThis.copied || '');
  if (!copied.includes(at.id) || !copied.startsWith('# ')) problem(`x copies ${copied.slice(0, 200)}`);
  for (const key of ['+', 'm', 'ArrowRight', 'Shift+ArrowRight', 'i', 't', ']', '[', 'c']) await page.keyboard.press(key);
  await settle(page);
  const before = await page.evaluate(() => ({ ...globalThis.rtcstats.state }));
  await page.waitForFunction(() => location.hash.includes('&m='));
  await page.waitForTimeout(300);
  await page.reload();
  await page.waitForFunction(() => document.documentElement.dataset.ready);
  const after = await page.evaluate(() => ({ ...globalThis.rtcstats.state }));
  for (const name of Object.keys(before)) {
    if (!isAlike(before[name], after[name])) problem(`${name} was ${before[name]} before a reload, ${after[name]} after it`);
  }
  await help({ page, problem });
  await page.keyboard.press('Escape');
  await settle(page);
  if (await page.$('dialog[open]')) problem('Escape does not close the help');
  done('journey');
}

// Every key of a view or a command has a button, in the help at the least; single keys can be switched off, and stay so.
async function help({ page, problem }) {
  await page.keyboard.press('?');
  if (!(await page.$('dialog[open]'))) problem('? opens no help');
  const lines = await page.$$eval('.dialog section', (parts) => parts.filter((one) => !one.textContent.startsWith('Mouse'))
    .flatMap((one) => [...one.querySelectorAll('dt')].map((key) => ({ keys: [...key.querySelectorAll('kbd')].map((kbd) => kbd.textContent), hasButton: key.nextElementSibling.querySelector('button') !== null }))));
  const keys = lines.flatMap((line) => line.keys);
  for (const key of ALL_KEYS) if (!keys.includes(key)) problem(`the help has no ${key} among ${keys}`);
  for (const { keys: [key], hasButton } of lines) if (!hasButton) problem(`${key} has no button`);
  const before = await page.evaluate(() => globalThis.rtcstats.state.from);
  await page.click('.dialog dd button:text-is("zoom in")');
  await settle(page);
  if ((await page.evaluate(() => globalThis.rtcstats.state.from)) === before) problem('the button of the help does not zoom');
  await page.keyboard.press('?');
  await page.uncheck('#keys-on');
  await page.keyboard.press('Escape');
  await page.waitForFunction(() => location.hash.includes('keys=off'));
  await page.reload();
  await page.waitForFunction(() => document.documentElement.dataset.ready);
  const at = await page.evaluate(() => globalThis.rtcstats.state.view);
  await page.keyboard.press(at === 'events' ? '6' : '7');
  await settle(page);
  if ((await page.evaluate(() => globalThis.rtcstats.state.view)) !== at) problem('a key that is switched off works');
  await page.click('.tools button[aria-label="Keyboard"]');
  await page.check('#keys-on');
}

// What viewer and help promise.
const ALL_KEYS = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '0', '/', 'n', 'p', 'f', '←', '→', 'Shift ←', 'Shift →', '+', 'w', '−', ',', '.',
  'Home', '[', ']', 'm', 'd', 't', 'c', 'y', 'x', 'Esc'];

// On paper: white, the verdict and the findings with whatever view is open, and only those charts that were marked.
async function printed({ page, problem, done }) {
  await page.evaluate(() => {
    globalThis.rtcstats.set({ theme: 'dark' });
    globalThis.rtcstats.go('connection', { finding: -1 });
    globalThis.rtcstats.flush();
  });
  await settle(page);
  const title = await page.evaluate(() => {
    const chart = document.querySelectorAll('.chart')[1];
    chart.querySelector('[aria-label="Mark this chart for print"]').click();
    return chart.querySelector('h4').textContent;
  });
  await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
  await page.emulateMedia({ media: 'print' });
  await settle(page);
  const seen = await page.evaluate(() => {
    const isShown = (one) => one.getClientRects().length > 0;
    const charts = [...document.querySelectorAll('.chart')].filter(isShown).map((one) => one.querySelector('h4').textContent);
    return {
      charts, ground: getComputedStyle(document.body).backgroundColor, sentence: (document.querySelector('.sentence') || {}).textContent,
      findings: [...document.querySelectorAll('.findings [data-finding]')].filter(isShown).length,
      tools: [...document.querySelectorAll('nav, .tools, .status, .toolbar')].filter(isShown).length,
      wide: document.documentElement.scrollWidth > innerWidth,
    };
  });
  const wanted = await page.evaluate(() => ({ sentence: globalThis.rtcstats.head.verdict.text, findings: globalThis.rtcstats.data.findings.length }));
  if (seen.charts.join() !== title) problem(`printed are the charts ${seen.charts}, marked was ${title}`);
  if (seen.ground !== 'rgb(255, 255, 255)') problem(`the paper is ${seen.ground}`);
  if (!seen.sentence || !seen.sentence.includes(wanted.sentence)) problem(`the printed verdict is ${seen.sentence}`);
  if ((seen.findings === 0) !== (wanted.findings === 0)) problem(`${seen.findings} findings are printed`);
  if (seen.tools > 0 || seen.wide) problem(`tools are printed, or it is too wide: ${JSON.stringify(seen)}`);
  await page.emulateMedia({ media: null });
  await page.evaluate(() => dispatchEvent(new Event('afterprint')));
  await page.evaluate(() => document.querySelector('.to-print [aria-label="Mark this chart for print"]').click());
  const rest = await page.$('.print-head, .to-print');
  if (rest) problem('something of the print stays on the screen');
  done('printed');
}

// Without script the file says what it found: every finding, every rule that could not be judged, and nothing is cut off.
async function unscripted({ page, spec, problem, done }) {
  const context = await page.context().browser().newContext({ javaScriptEnabled: false, offline: true, viewport: { width: 390, height: 844 } });
  const plain = await context.newPage();
  await plain.goto(`file://${spec.file}`);
  const { verdict, findings, not_evaluable: unjudged, source, facts } = JSON.parse(fs.readFileSync(spec.data, 'utf8'));
  // The protocol reads the tree of the page, whose script is off.
  const text = (await plain.locator('noscript').innerText()).replace(/\s+/g, ' ');
  const flat = (value) => String(value).replace(/\0/g, '\ufffd').replace(/\s+/g, ' ').trim();
  for (const wanted of [verdict.text, ...findings.flatMap((one) => [one.text, one.hint, one.id]), ...unjudged.flatMap((one) => [one.id, one.reason]), ...source.notes, facts.browser]) {
    if (wanted && !text.includes(flat(wanted))) problem(`without script there is no ${flat(wanted).slice(0, 120)}`);
  }
  const box = await plain.locator('noscript').evaluate((one) => ({ below: one.getBoundingClientRect().bottom - innerHeight, scrolls: getComputedStyle(one).overflowY, wide: one.scrollWidth > one.clientWidth }));
  if (box.below > 1 || box.scrolls !== 'auto' || box.wide) problem(`without script something is cut off: ${JSON.stringify(box)}`);
  await context.close();
  done('unscripted');
}

// Times stand in the address to the ms.
function isAlike(one, other) {
  if (Array.isArray(one)) return Array.isArray(other) && one.every((value, at) => isAlike(value, other[at]));
  return typeof one === 'number' && typeof other === 'number' ? Math.abs(one - other) <= 1 : one === other;
}

// No serious or critical violation of accessibility, in each view, light and dark.
async function axe({ page, problem, done }) {
  await page.evaluate(fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8'));
  for (const theme of ['light', 'dark']) {
    for (const view of VIEWS) {
      await page.evaluate((changes) => {
        globalThis.rtcstats.set(changes);
        globalThis.rtcstats.flush();
      }, { view, theme, query: '' });
      await settle(page);
      const found = await page.evaluate(async () => (await globalThis.axe.run(document, {
        runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'], resultTypes: ['violations'],
      })).violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .map(({ id, nodes }) => `${id} (${nodes.length}): ${nodes.slice(0, 3).map((node) => `${node.html.slice(0, 160)} ${(node.any[0] || node.all[0] || {}).message || ''}`).join(' | ')}`));
      for (const one of found) problem(`axe, ${view}, ${theme}: ${one}`);
      done('axe');
    }
  }
}

// Two dumps stand on one axis, and a key moves the second.
async function compared({ page, problem, done }) {
  await page.keyboard.press('9');
  await settle(page);
  const titles = await page.$$eval('.lane-label.dump', (all) => all.map((one) => one.textContent));
  if (titles.length !== 2) problem(`${titles.length} dumps are compared`);
  const words = () => page.textContent('.view-compare .toolbar > .faint:not(label)');
  const before = await words();
  await page.keyboard.press('k');
  await settle(page);
  const after = await words();
  if (before === after || !after.includes('moved by hand')) problem(`k changes "${before}" to "${after}"`);
  done('compared');
}

// What drawing costs while the axis moves. Only told: a machine that is busy is no fault of the page.
async function drawing({ page, times, done }) {
  for (const view of ['timeline', 'connection']) {
    times[view] = await page.evaluate(async ({ id, frames }) => {
      const app = globalThis.rtcstats;
      app.go(id);
      app.flush();
      const spent = [];
      for (let n = 0; n < frames; n += 1) {
        const begin = performance.now();
        app.zoom(n % 40 < 20 ? 0.9 : 1 / 0.9);
        app.pan(n % 2 === 0 ? 0.02 : -0.02);
        app.flush();
        spent.push(performance.now() - begin);
        await new Promise(requestAnimationFrame);
      }
      spent.sort((one, other) => one - other);
      return { median: spent[frames >> 1], p95: spent[Math.floor(frames * 0.95)], most: spent[frames - 1] };
    }, { id: view, frames: FRAMES });
    done('drawing');
  }
}

// A page that has not all polls shows all of those that one looks at: they are fetched, and are those of the dump.
async function detail({ page, spec, problem, done }) {
  const { series, connections } = JSON.parse(fs.readFileSync(spec.data, 'utf8'));
  const next = random(spec.seed);
  const middle = await page.evaluate(() => {
    const app = globalThis.rtcstats;
    const { start, end } = app.data;
    app.go('connection');
    app.show(start + (end - start) * 0.55, start + (end - start) * 0.6);
    return { from: app.state.from, to: app.state.to, isThere: app.data.detail !== null };
  });
  if (middle.isThere) problem('more was fetched before anyone looked');
  await page.waitForFunction(() => globalThis.rtcstats.data.detail);
  await settle(page);
  const asked = series.flatMap((own, index) => {
    const times = connections[own.connection].polls.values;
    const inside = times.filter((time) => middle.from <= time && time <= middle.to);
    const time = inside[next(inside.length)];
    return { index, time, wanted: valueAt(own, times, time), polls: inside.length };
  });
  const seen = await page.evaluate(({ list, from, to }) => {
    const app = globalThis.rtcstats;
    const count = (times) => times.filter((time) => from <= time && time <= to).length;
    return {
      coarse: [...document.querySelectorAll('.chart .tag')].filter((tag) => !tag.hidden).length,
      values: list.map(({ index, time }) => ({
        key: keyOf(app.head.series[index]), value: app.data.valueAt(index, time), step: app.head.series[index].step,
        sent: count(app.data.series(index).times), fetched: app.data.detail.places.has(keyOf(app.head.series[index])),
      })),
    };
    function keyOf(meta) {
      return JSON.stringify([meta.connection, meta.report, meta.property]);
    }
  }, { list: asked, ...middle });
  if (seen.coarse > 0) problem(`${seen.coarse} charts are downsampled although all is there`);
  seen.values.forEach(({ key, value, step, sent, fetched }, at) => {
    const { wanted, polls } = asked[at];
    if (!isSame(value, wanted)) problem(`${key} is ${value} in the page, ${wanted} in the dump`);
    if (step > 1 && fetched && sent === polls) done('detail');
  });
}

module.exports = { views, content, values, detail, journey, axe, printed, unscripted, compared, drawing, settle, VIEWS };
