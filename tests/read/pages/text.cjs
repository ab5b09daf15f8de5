// Checks of the text views: what they show is what `view --json` says. Each gets {page, spec, problem, done}, like those
// of checks.cjs, and fails by telling a problem.
'use strict';

const fs = require('node:fs');

const settle = (page) => page.evaluate(() => new Promise((resolve) => {
  requestAnimationFrame(() => requestAnimationFrame(resolve));
}));

const dataOf = (spec) => JSON.parse(fs.readFileSync(spec.data, 'utf8'));

async function go(page, view, changes = {}) {
  await page.evaluate(([id, state]) => {
    globalThis.rtcstats.go(id, { query: '', pick: '', finding: -1, cursor: null, ...state });
    globalThis.rtcstats.flush();
  }, [view, changes]);
  await settle(page);
}

const textsOf = (page, selector) => page.evaluate((wanted) => [...document.querySelectorAll(wanted)].map((one) => one.textContent), selector);

// The sentence, each finding once, and without a scroll what somebody on the telephone asks for first.
async function verdict({ page, spec, problem, done }) {
  const { verdict: said, findings, facts, clock } = dataOf(spec);
  await go(page, 'verdict');
  const seen = await page.evaluate(() => {
    for (let n = 0; n < 4; n += 1) for (const one of document.querySelectorAll('.disclosure[aria-expanded="false"]')) one.click();
    const low = document.querySelector('main').getBoundingClientRect().bottom;
    return {
      sentence: document.querySelector('.sentence h3').textContent,
      findings: [...document.querySelectorAll('[data-finding]')].map((one) => Number(one.dataset.finding)),
      facts: document.querySelector('.facts').textContent,
      below: document.querySelector('.verdict-side').getBoundingClientRect().bottom - low,
      steps: document.querySelectorAll('.table.setup tbody tr').length,
    };
  });
  if (seen.sentence !== said.text) problem(`the sentence is ${seen.sentence}`);
  const shown = [...seen.findings].sort((one, other) => one - other);
  if (shown.join() !== findings.map((_, at) => at).join()) problem(`the findings ${shown} of ${findings.length} are shown`);
  if (facts.browser && !seen.facts.includes(facts.browser)) problem(`the browser is not among ${seen.facts}`);
  if (seen.below > 0) problem(`facts and set-up end ${seen.below} pixels below the window`);
  done('verdict');
  if (findings.length > 0) await shows(page, findings, clock, problem);
}

// `Show` leads to the time line, where the finding begins (a clock that is broken: where the dump does).
async function shows(page, findings, clock, problem) {
  await page.click('.show');
  await settle(page);
  const at = await page.evaluate(() => ({ ...globalThis.rtcstats.state }));
  const found = findings[at.finding];
  const start = found && Math.min(clock.end, Math.max(clock.start, found.start));
  if (at.view !== 'timeline' || !found || at.cursor !== start) problem(`“Show” leads to ${JSON.stringify(at)}`);
}

// The rows that a filter leaves, counted here once more in another way.
async function events({ page, spec, problem, done }) {
  const { events: all, connections, clock } = dataOf(spec);
  const column = (name) => all.columns[name].values;
  const rows = column('time').map((time, at) => ({
    time: time + clock.start, connection: column('connection')[at] - 1, method: all.methods[column('method')[at]], value: all.values[column('value')[at]],
  }));
  await go(page, 'events');
  if (rows.length === 0) return done('no events');
  const middle = rows[rows.length >> 1];
  const first = connections.length > 0 ? connections[0].name : 'client';
  const wanted = [
    ['', () => true],
    ['method:*Failure', ({ method }) => method.toLowerCase().endsWith('failure')],
    ['method:on*change', ({ method }) => method.startsWith('on') && method.endsWith('change')],
    ['-method:getStats', ({ method }) => !method.toLowerCase().includes('getstats')],
    [`pc:${first}`, ({ connection }) => (first === 'client' ? connection < 0 : connection === 0)],
    ['text:"audio"', ({ method, value }) => `${method} ${value}`.toLowerCase().includes('audio')],
    [`after:+${((middle.time - clock.start) / 1000).toFixed(3)} method:on`, ({ time, method }) => time >= middle.time && method.toLowerCase().includes('on')],
    [`before:+${((middle.time - clock.start) / 1000).toFixed(3)}`, ({ time }) => time <= middle.time],
  ];
  for (const [query, test] of wanted) {
    await go(page, 'events', { query });
    const told = (await textsOf(page, '.toolbar [role="status"]'))[0].replace(/\u202f/g, '');
    const count = rows.filter((row) => test(row)).length;
    if (Number(/^\d+/.exec(told)[0]) !== count) problem(`the filter ${query || '(none)'} leaves ${told}, not ${count}`);
    done('filters');
  }
  await rowsAndCursor(page, rows, problem);
  done('events');
}

// The last row is the last event, a row moves the cursor, and the cursor marks its row.
async function rowsAndCursor(page, rows, problem) {
  await go(page, 'events');
  await page.evaluate(() => {
    const box = document.querySelector('.long-box');
    box.scrollTop = box.scrollHeight;
  });
  await settle(page);
  const last = await page.evaluate(() => {
    const buttons = [...document.querySelectorAll('.row-button')];
    const row = buttons[buttons.length - 1];
    row.click();
    return { row: Number(row.dataset.row), text: row.closest('tr').textContent };
  });
  await settle(page);
  if (last.row !== rows.length - 1 || !last.text.includes(rows[rows.length - 1].method.slice(0, 20))) problem(`the last row is ${last.row}: ${last.text}`);
  const cursor = await page.evaluate(() => ({ time: globalThis.rtcstats.state.cursor, open: document.querySelectorAll('.row-detail pre').length }));
  if (cursor.time !== rows[rows.length - 1].time || cursor.open !== 1) problem(`the last row gives the cursor ${JSON.stringify(cursor)}`);
  await go(page, 'events', { cursor: rows[0].time });
  const current = await textsOf(page, 'tr.current');
  if (current.length !== 1) problem(`${current.length} rows are marked at the cursor`);
}

// Every description of every connection is in the ladder, and two of its entries can be compared.
async function signalling({ page, spec, problem, done }) {
  const { connections, sdp } = dataOf(spec);
  const descriptions = sdp.descriptions;
  for (let pc = 0; pc < Math.min(connections.length, 4); pc += 1) {
    await go(page, 'signalling', { pc });
    const rows = await allRows(page);
    const absent = await textsOf(page, '.view-signalling .absent');
    if (rows.length === 0 && absent.length === 0) problem(`the ladder of connection ${pc} is empty and says not why`);
    const set = descriptions.filter((one) => one.connection === pc && one.role === 'set');
    for (const { side, type } of set) {
      const method = side === 'local' ? 'setLocalDescription' : 'setRemoteDescription';
      if (!rows.some((text) => text.includes(method) && text.includes(type))) problem(`no ${method} ${type} in the ladder of connection ${pc}`);
    }
    done('ladders');
  }
  if (descriptions.length < 2) return;
  await go(page, 'signalling', { pc: descriptions[0].connection });
  const count = await page.evaluate(() => document.querySelectorAll('.ladder .row-button').length);
  for (const at of [0, Math.min(count - 1, 3)]) {
    await page.click(`.ladder .row-button[data-row="${await rowOf(page, at)}"]`);
    await page.click('.detail-buttons [aria-pressed="false"]');
  }
  await page.keyboard.press('d');
  await settle(page);
  if (!(await page.$('dialog .table.diff'))) problem('d compares nothing');
  await page.keyboard.press('Escape');
  done('entries');
}

// The rows of a long table, from its first to its last.
const allRows = (page) => page.evaluate(async () => {
  const box = document.querySelector('.long-box');
  if (!box) return [];
  const rows = new Map();
  for (let top = 0; top < box.scrollHeight; top += box.clientHeight) {
    box.scrollTop = top;
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    for (const one of box.querySelectorAll('tbody tr[aria-rowindex]')) rows.set(one.getAttribute('aria-rowindex'), one.textContent);
  }
  box.scrollTop = 0;
  return [...rows.values()];
});

const rowOf = (page, at) => page.evaluate((index) => document.querySelectorAll('.ladder .row-button')[index].dataset.row, at);

// Both sides of each comparison, with all that was folded, are the two descriptions, line by line.
async function sdp({ page, spec, problem, done }) {
  const { sdp: all } = dataOf(spec);
  for (const { kind, from, to, sections } of all.diffs.filter((one) => one.sections.length <= 20).slice(0, 12)) {
    const pc = all.descriptions[from].connection;
    await go(page, 'sdp', { pc, pick: `sdp-${kind}-${from}-${to}` });
    await page.evaluate(() => document.querySelectorAll('.sdp-section:not([open])').forEach((one) => (one.open = true)));
    await page.waitForFunction(() => document.querySelectorAll('.sdp-section').length === document.querySelectorAll('.sdp-section .diff').length);
    const seen = await page.evaluate(() => {
      for (const one of document.querySelectorAll('.fold button')) one.click();
      const side = (column) => [...document.querySelectorAll(`.diff .line:nth-child(${column})`)].map((cell) => cell.textContent);
      return { left: side(2), right: side(5), changed: document.querySelectorAll('.diff tbody tr:not(.diff-same)').length };
    });
    const lines = (index) => all.texts[all.descriptions[index].text].split(/\r\n|\r|\n/).filter((line) => line !== '');
    // Sections stand in the order of the right side.
    const sorted = (list) => [...list].sort().join('\n');
    if (sorted(seen.left) !== sorted(lines(from))) problem(`${kind} ${from}-${to}: the left side is not description ${from}`);
    if (seen.right.join('\n') !== lines(to).join('\n')) problem(`${kind} ${from}-${to}: the right side is not description ${to}`);
    const differs = sections.some(({ operations }) => operations.some(([sign]) => sign !== '='));
    if (differs !== seen.changed > 0) problem(`${kind} ${from}-${to}: ${seen.changed} changed rows`);
    done('comparisons');
  }
  await explains(page, all, problem, done);
}

// A line says what it is when it gets the focus.
async function explains(page, all, problem, done) {
  if (all.diffs.length === 0) return;
  const names = Object.keys(all.explanations);
  await page.mouse.move(0, 0);
  const told = await page.evaluate(async (known) => {
    const found = [...document.querySelectorAll('[data-line]')].find((one) => known.some((name) => one.dataset.line.startsWith(`a=${name}`)));
    if (!found) return null;
    found.focus();
    await new Promise(requestAnimationFrame);
    return document.querySelector('.explained').textContent;
  }, names);
  if (told !== null && !names.some((name) => told.includes(all.explanations[name]))) problem(`a line is explained by ${told}`);
  if (told !== null) done('explained');
}

// ICE says something of every connection, and its tables hold what the data holds.
async function ice({ page, spec, problem, done }) {
  const { connections } = dataOf(spec);
  for (let pc = 0; pc < Math.min(connections.length, 4); pc += 1) {
    await go(page, 'ice', { pc });
    const { ice: own = {}, path = [] } = connections[pc];
    const rows = (part) => page.evaluate((name) => document.querySelectorAll(`.part-${name} tbody tr`).length, part);
    const of = (side) => (own.candidates || []).filter((one) => one.side === side).length;
    const wanted = { servers: (own.servers || []).length, path: path.length, pairs: (own.pairs || []).length, local: of('local'), remote: of('remote') };
    for (const [part, count] of Object.entries(wanted)) {
      const seen = await rows(part);
      if (seen !== Math.min(count, part === 'pairs' ? 50 : 200)) problem(`connection ${pc}: ${seen} rows of ${part}, not ${count}`);
    }
    const story = await textsOf(page, '.story li');
    if (story.length < 3 || story.some((text) => /undefined|NaN|null/.test(text))) problem(`connection ${pc}: the story is ${story.join(' / ')}`);
    done('stories');
  }
}

// What `x` copies of each text view has its title, and no line of it ends the block that it stands in.
async function copies({ page, problem, done }) {
  await page.evaluate(() => {
    Object.defineProperty(navigator, 'clipboard', { value: { writeText: async (text) => (globalThis.copied = text) }, configurable: true });
  });
  for (const view of ['signalling', 'sdp', 'ice', 'events', 'features']) {
    await go(page, view);
    await page.evaluate(() => (globalThis.copied = ''));
    await page.keyboard.press('x');
    await settle(page);
    const text = await page.evaluate(() => globalThis.copied);
    if (!text.startsWith('# ') || (text.match(/^`{3,}/gm) || []).length % 2 !== 0) problem(`x in ${view} copies ${text.slice(0, 200)}`);
    done('copies');
  }
}

// Each feature with its value, and a filter that leaves what it names.
async function features({ page, spec, problem, done }) {
  const { features: all } = dataOf(spec);
  await go(page, 'features');
  const shown = new Set(await textsOf(page, '.table.features tbody th'));
  const names = [...all.client, ...(all.connections[0] ? all.connections[0].features : [])].map(({ name }) => name);
  for (const name of names) if (!shown.has(name)) problem(`the feature ${name} is not shown`);
  if (names.length === 0) return;
  await go(page, 'features', { query: names[0] });
  const left = await textsOf(page, '.table.features tbody th');
  if (!left.includes(names[0]) || left.length > shown.size) problem(`the filter ${names[0]} leaves ${left.join()}`);
  done('features', names.length);
}

module.exports = { verdict, events, signalling, sdp, ice, copies, features };
