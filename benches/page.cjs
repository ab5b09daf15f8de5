// Opens pages in Debian's Chromium and prints what they cost: node page.cjs BUSY TEN TWENTY. See page.rs.
'use strict';

const fs = require('node:fs');
const { chromium } = require('playwright-core');

const FRAMES = 400;
const ARGUMENTS = ['--no-sandbox', '--disable-dev-shm-usage', '--disable-background-networking', '--js-flags=--expose-gc'];

const told = (what, value, unit, budget) => console.log(`  ${what}: ${value.toFixed(value < 10 ? 1 : 0)} ${unit}${budget ? ` (budget ${budget} ${unit}${value > budget ? ', OVER' : ''})` : ''}`);
const megabytes = (file) => (fs.statSync(file).size / 1e6).toFixed(1);

// A browser of its own for each page, so that its one renderer is that of the page.
async function open(file) {
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ARGUMENTS });
  const page = await browser.newPage({ viewport: { width: 1280, height: 720 } });
  page.on('pageerror', (error) => console.log(`  an error: ${error}`));
  await page.goto(`file://${file}`, { waitUntil: 'commit' });
  await page.waitForFunction(() => document.documentElement && document.documentElement.dataset.ready, null, { polling: 10, timeout: 120_000 });
  return { browser, page };
}

// When the first view was drawn, from the begin of the navigation.
const drawn = (page) => page.evaluate(async () => {
  await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
  const first = performance.getEntriesByName('first-contentful-paint')[0];
  const built = performance.getEntriesByName('built')[0];
  return { note: first ? first.startTime : NaN, view: built ? built.startTime : NaN };
});

const frames = (page, view) => page.evaluate(async ({ id, count }) => {
  const app = globalThis.rtcstats;
  app.go(id);
  app.flush();
  for (const one of document.querySelectorAll('.viewbar button')) if (one.textContent === 'Open all') one.click();
  await new Promise((resolve) => setTimeout(resolve, 500));
  const spent = [];
  for (let n = 0; n < count; n += 1) {
    const begin = performance.now();
    app.zoom(n % 40 < 20 ? 0.9 : 1 / 0.9);
    app.pan(n % 2 === 0 ? 0.02 : -0.02);
    app.flush();
    spent.push(performance.now() - begin);
    await new Promise(requestAnimationFrame);
  }
  spent.sort((one, other) => one - other);
  return { median: spent[count >> 1], p95: spent[Math.floor(count * 0.95)], most: spent[count - 1] };
}, { id: view, count: FRAMES });

// What the page's process holds for itself, in MB, as Linux counts it: {now, most}.
async function memory(browser) {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  let [now, most] = [0, 0];
  for (const { type, id } of processInfo) {
    if (type !== 'renderer') continue;
    const sums = fs.readFileSync(`/proc/${id}/smaps_rollup`, 'utf8');
    const own = [...sums.matchAll(/^Private_(?:Clean|Dirty):\s+(\d+)/gm)].reduce((sum, [, kib]) => sum + Number(kib), 0) / 1000;
    const peak = Number(/^VmHWM:\s+(\d+)/m.exec(fs.readFileSync(`/proc/${id}/status`, 'utf8'))[1]) / 1000;
    if (own > now) [now, most] = [own, peak];
  }
  return { now, most };
}

async function busy(file) {
  const { browser, page } = await open(file);
  console.log(`pan and zoom, 50 connections and 100,000 events, a page of ${megabytes(file)} MB:`);
  for (const [view, title] of [['timeline', 'time line'], ['connection', 'charts'], ['events', 'events']]) {
    const { median, p95, most } = await frames(page, view);
    told(`${title}, script of a frame, median`, median, 'ms');
    told(`${title}, script of a frame, 95th percentile`, p95, 'ms', 8);
    told(`${title}, script of a frame, most`, most, 'ms');
  }
  await browser.close();
}

async function large(file, { paint, held }) {
  const { browser, page } = await open(file);
  console.log(`a page of ${megabytes(file)} MB:`);
  const { note, view } = await drawn(page);
  told('first words', note, 'ms');
  told('first view', view, 'ms', paint);
  for (const key of ['2', '3', '7', '8', '0', '1']) {
    await page.keyboard.press(key);
    await page.waitForTimeout(300);
  }
  await page.evaluate(() => globalThis.gc());
  await page.waitForTimeout(500);
  const { now, most } = await memory(browser);
  told('the tab holds for itself', now, 'MB', held);
  told('and held at most, with what it shares', most, 'MB');
  await browser.close();
}

(async ([one, ten, twenty]) => {
  await busy(one);
  await large(ten, { paint: 1000 });
  await large(twenty, { held: 300 });
})(process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exit(1);
});
