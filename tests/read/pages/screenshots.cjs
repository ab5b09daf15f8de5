// Draws the pictures of the page: each view, light and dark, on a desktop and on a telephone.
//
//   node screenshots.cjs BINARY OUT DOCS [DUMP]
//
// Writes all to OUT, and those that the documentation shows to DOCS. Without DUMP they show the call of `badcall.cjs`.
// `make screenshots` runs it.
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { execFileSync } = require('node:child_process');
const { chromium } = require('playwright-core');
const { badCall } = require('./badcall.cjs');
const { settle, VIEWS } = require('./checks.cjs');
const { small } = require('./palette.cjs');

const SIZES = { desktop: { width: 1280, height: 720 }, telephone: { width: 390, height: 844 } };
// What the documentation shows, with few colours.
const SHOWN = ['verdict-light-desktop', 'timeline-light-desktop', 'connection-dark-desktop', 'timeline-light-telephone'];

// Where each view says most: at the first critical finding, with the whole call around it.
function place(view) {
  const app = globalThis.rtcstats;
  const isFound = app.data.findings.length > 0;
  if (isFound && view !== 'verdict') app.select(Math.max(0, app.data.findings.findIndex(({ severity }) => severity === 'critical')));
  if (!isFound) app.point((app.data.start + app.data.end) / 2);
  const { from, to } = app.whole();
  app.show(from, to);
  app.go(view);
  app.flush();
}

async function run([binary, out, docs, given]) {
  fs.mkdirSync(out, { recursive: true });
  fs.mkdirSync(docs, { recursive: true });
  const dump = given || path.resolve(out, 'weekly-call.jsonl');
  if (!given) fs.writeFileSync(dump, badCall());
  const file = path.resolve(out, 'page.html');
  execFileSync(binary, ['view', '-o', file, dump], { stdio: ['ignore', 'ignore', 'inherit'] });
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-dev-shm-usage'] });
  const blank = await browser.newPage();
  for (const [name, viewport] of Object.entries(SIZES)) {
    for (const colorScheme of ['light', 'dark']) {
      const context = await browser.newContext({ viewport, colorScheme, offline: true, hasTouch: name === 'telephone' });
      context.setDefaultTimeout(120_000);
      const page = await context.newPage();
      await page.goto(`file://${file}`);
      await page.waitForFunction(() => document.documentElement.dataset.ready);
      for (const view of VIEWS) {
        await page.evaluate(place, view);
        await settle(page);
        await page.waitForTimeout(150);
        const title = `${view}-${colorScheme}-${name}`;
        const image = path.join(out, `${title}.png`);
        await page.screenshot({ path: image });
        if (SHOWN.includes(title)) fs.writeFileSync(path.join(docs, `${title}.png`), await small(blank, fs.readFileSync(image)));
      }
      await context.close();
    }
  }
  await browser.close();
}

run(process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exit(1);
});
