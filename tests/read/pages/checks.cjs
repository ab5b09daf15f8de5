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
  for (const one of document.querySelectorAll('a[href]:not([href^="#"]), [src], [style*="url("]')) found.push(`${one.tagName} leads away`);
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
  await page.keyboard.press('?');
  if (!(await page.$('dialog[open]'))) problem('? opens no help');
  await page.keyboard.press('Escape');
  await settle(page);
  if (await page.$('dialog[open]')) problem('Escape does not close the help');
  done('journey');
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

module.exports = { views, content, values, detail, journey, axe, compared, drawing, settle, VIEWS };
