// Drives the example page in Debian's Chromium and prints what the page did, as JSON.
//
//   node driver.cjs '{"server": "ws://127.0.0.1:8080/", "token": "…", "end": "close"}'
//
// `end` is how the session is to end: "close" (the page's button), "leave" (another page is opened), "kill" (SIGKILL for
// the browser) or "refused" (by the server). Printed: {origin, session, code, text, sent}. Any error in the page, and
// anything that takes longer than the guard, makes this end with status 1.
'use strict';

const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');
const { chromium } = require('playwright-core');

const EXAMPLE = path.join(__dirname, '..', '..', '..', 'example');
const CHROMIUM = '/usr/bin/chromium';
const GUARD_MS = 90_000;
// The time between two readings of the statistics. After a line, no other is expected for most of this time.
const INTERVAL_MS = 1000;
const QUIET_MS = 300;
// This many reports of each peer connection make a call worth keeping: a whole one and differences.
const REPORTS = 3;

const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css' };

const ARGUMENTS = [
  '--no-sandbox',
  '--disable-dev-shm-usage',
  '--use-fake-device-for-media-stream',
  '--use-fake-ui-for-media-stream',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

// Serves the example from 127.0.0.1, which browsers treat as a secure context, and an empty page to go to from there.
function serveExample() {
  const server = http.createServer((request, response) => {
    const name = new URL(request.url, 'http://example').pathname;
    if (name === '/elsewhere') return response.writeHead(200, { 'content-type': TYPES['.html'] }).end('<!doctype html>');
    const file = path.join(EXAMPLE, name === '/' ? 'index.html' : path.basename(name));
    if (!fs.existsSync(file)) return response.writeHead(404).end();
    return response.writeHead(200, { 'content-type': TYPES[path.extname(file)] }).end(fs.readFileSync(file));
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

const sentLines = (page) => page.evaluate(() => window.sentLines);

async function waitForACall(page) {
  await page.waitForSelector('body[data-session=recording][data-call=connected]');
  await page.waitForFunction((wanted) => {
    const reports = (name) => window.sentLines.filter((line) => line.startsWith(`["g","${name}"`)).length;
    return reports('PC_0') >= wanted && reports('PC_1') >= wanted;
  }, REPORTS);
}

// Waits until the last line was sent long enough ago to have left the browser: when a page is left, the browser throws
// away what it still holds.
async function waitForQuiet(page) {
  await page.waitForFunction((quiet) => {
    const count = window.sentLines.length;
    if (count !== window.quietCount || window.trace.unsentBytes > 0) {
      window.quietCount = count;
      window.quietSince = performance.now();
    }
    return performance.now() - window.quietSince > quiet;
  }, QUIET_MS, { polling: 20 });
}

// Each function ends the session in its way and returns all lines that the page has sent.
const ENDS = {
  async close(page) {
    await waitForACall(page);
    await page.click('#end');
    await page.waitForSelector('body[data-session=closed]');
    return sentLines(page);
  },
  async refused(page) {
    await page.waitForSelector('body[data-session=refused]');
    return sentLines(page);
  },
  async leave(page, origin) {
    await waitForACall(page);
    await page.evaluate(() => {
      addEventListener('pagehide', () => sessionStorage.setItem('sent', JSON.stringify(window.sentLines)));
    });
    await waitForQuiet(page);
    await page.goto(`${origin}/elsewhere`);
    return JSON.parse(await page.evaluate(() => sessionStorage.getItem('sent')));
  },
  async kill(page, origin, browser) {
    await waitForACall(page);
    await waitForQuiet(page);
    const sent = await sentLines(page);
    await browser.kill();
    return sent;
  },
};

async function run({ server, token, end }) {
  const site = await serveExample();
  const origin = `http://127.0.0.1:${site.address().port}`;
  const browser = await chromium.launchServer({ executablePath: CHROMIUM, args: ARGUMENTS, timeout: GUARD_MS });
  const page = await (await chromium.connect(browser.wsEndpoint())).newPage();
  page.setDefaultTimeout(GUARD_MS);
  const errors = [];
  page.on('pageerror', (error) => errors.push(String(error)));

  const query = new URLSearchParams({ server, interval: INTERVAL_MS, ...(token && { token }) });
  await page.goto(`${origin}/?${query}`);
  await page.click('#start');
  const sent = await ENDS[end](page, origin, browser);
  const seen = { session: null, code: null, text: null };
  if (end === 'close' || end === 'refused') {
    seen.session = await page.evaluate(() => window.trace.state);
    seen.code = await page.evaluate(() => window.trace.code);
    seen.text = await page.textContent('#session-text');
  }
  await browser.kill();
  if (errors.length > 0) throw new Error(`errors in the page: ${errors.join('; ')}`);
  return { origin, sent, ...seen };
}

setTimeout(() => {
  console.error(`the browser took longer than ${(2 * GUARD_MS) / 1000} s`);
  process.exit(1);
}, 2 * GUARD_MS).unref();

run(JSON.parse(process.argv[2])).then(
  (result) => process.stdout.write(JSON.stringify(result), () => process.exit(0)),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
