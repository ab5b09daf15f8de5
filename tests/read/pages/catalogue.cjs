// Goes through the catalogue in Debian's Chromium as somebody does who was given the link, and prints what is wrong.
//
//   node catalogue.cjs <job.json
//
// The job: {"url": the printed link, "calls": [{"session", "user", "conference"}]}. Printed: {"problems": [text],
// "steps": [what was done]}.
'use strict';

const fs = require('node:fs');
const { chromium } = require('playwright-core');

const GUARD_MS = 300_000;
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

// What the browser says on each page, and requests that go elsewhere.
async function listen(page, origin, problem) {
  await page.addInitScript(() => addEventListener('securitypolicyviolation', (event) => console.error(`stopped ${event.violatedDirective} ${event.blockedURI}`)));
  page.on('pageerror', (error) => problem(`an error: ${error.stack || error}`));
  page.on('console', (message) => ['error', 'warning'].includes(message.type()) && problem(`the console at ${page.url()}: ${message.text()}`));
  page.on('request', (request) => new URL(request.url()).origin !== origin && problem(`a request: ${request.url().slice(0, 200)}`));
}

// Does what leads to another page, and waits for it.
const follow = (page, target) => Promise.all([page.waitForNavigation(), typeof target === 'string' ? page.click(target) : target.click()]);
const isBuilt = (page) => page.waitForFunction(() => document.documentElement.dataset.ready);
const sessions = (page) => page.$$eval('tbody tr td:nth-child(6)', (cells) => cells.map((cell) => cell.textContent).sort());

// The token of the link is gone from the address, and the cookie is out of reach of scripts and other sites.
async function enter({ page, url, problem }) {
  await page.goto(url);
  if (page.url() !== `${new URL(url).origin}/`) problem(`the link leads to ${page.url()}`);
  const cookies = await page.context().cookies();
  if (cookies.length !== 1 || !cookies[0].httpOnly || cookies[0].sameSite !== 'Strict') problem(`cookies: ${JSON.stringify(cookies)}`);
  if (url.includes(cookies[0].value)) problem('the cookie is the token');
}

// Each field finds what it should, and its value stays in the form.
async function search({ page, calls, problem }) {
  const all = calls.map(({ session }) => session).sort();
  const of = (test) => calls.filter(test).map(({ session }) => session).sort();
  for (const [field, value, wanted] of [
    ['user', 'ana', of(({ user }) => user === 'ana')],
    ['user', calls[2].user, [calls[2].session]],
    ['conference', 'weekly', of(({ conference }) => conference === 'weekly')],
    ['conference', 'one & only', [calls[2].session]],
    ['session', calls[1].session, [calls[1].session]],
    ['since', '1h', all],
    ['until', '1h', []],
    ['finding', 'sig.failure', ['firefox-av-call']],
    ['severity', 'warning', ['firefox-av-call', 'gum-failures']],
  ]) {
    await follow(page, 'a:text-is("All")');
    if (field === 'severity') await page.selectOption('select', value);
    else await page.fill(`input[name=${field}]`, value);
    await follow(page, 'button:text-is("Search")');
    const found = await sessions(page);
    if (found.join() !== wanted.join()) problem(`${field} ${value} finds ${found}, not ${wanted}`);
    if ((await page.inputValue(`[name=${field}]`)) !== value) problem(`${field} is forgotten`);
  }
  await follow(page, 'a:text-is("All")');
  if ((await sessions(page)).join() !== all.join()) problem('not all calls are shown');
  const user = await page.textContent(`tr:has-text("${calls[2].session}") td:nth-child(4)`);
  if (user !== calls[2].user) problem(`the user is shown as ${user}`);
}

const rowOf = (page, { session }) => page.locator('tbody tr', { has: page.locator(`td:nth-child(6):text-is("${session}")`) });

async function open({ page, calls, problem }) {
  await follow(page, rowOf(page, calls[0]).locator('td:nth-child(2) a'));
  await isBuilt(page);
  const seen = await page.evaluate(() => ({
    verdict: document.querySelector('.sentence').textContent, findings: document.querySelectorAll('.finding').length,
    masked: globalThis.rtcstats.head.source.masked, links: [...document.querySelectorAll('.served a')].map((one) => one.textContent),
  }));
  if (!/^The call worked, but/.test(seen.verdict.trim()) || seen.findings === 0) problem(`the page says ${JSON.stringify(seen)}`);
  if (seen.masked !== undefined) problem('nobody can know whether it was masked');
  for (const name of ['user ana', 'conference weekly', 'Download']) if (!seen.links.includes(name)) problem(`no link ${name} among ${seen.links}`);
  await page.keyboard.press('n');
  await page.waitForFunction(() => globalThis.rtcstats.state.view === 'timeline' && location.hash.includes('f='));
}

// Back by the link, to the others of the conference, and by the browser's own button.
async function back({ page, calls, problem }) {
  await follow(page, '.served a:text-is("conference weekly")');
  const wanted = calls.filter(({ conference }) => conference === 'weekly').length;
  if ((await sessions(page)).length !== wanted) problem('the conference of a call is not found from its page');
  await page.goBack();
  await isBuilt(page);
  await follow(page, '.served a:text-is("All calls")');
  if ((await sessions(page)).length !== calls.length) problem('the way back leads not to all calls');
}

async function areTwo(page, problem) {
  await isBuilt(page);
  await page.keyboard.press('9');
  await page.waitForSelector('.lane-label.dump');
  const titles = await page.$$eval('.lane-label.dump', (all) => all.map((one) => one.textContent));
  if (titles.length !== 2 || titles[0] === titles[1]) problem(`compared are ${titles}`);
  const links = await page.$$eval('.served a', (all) => all.map((one) => one.getAttribute('href')));
  if (links.filter((link) => /^\/calls\/[^/]+$/.test(link)).length !== 2) problem(`no way to both calls among ${links}`);
}

async function compare({ page, calls, problem }) {
  for (const call of calls.slice(0, 2)) await rowOf(page, call).locator('input').check();
  await follow(page, 'button:text-is("Compare")');
  await areTwo(page, problem);
}

// From a call's page: the other one is searched for and chosen.
async function add({ page, calls, problem }) {
  await follow(page, page.locator('.served a').nth(1));
  await isBuilt(page);
  await follow(page, '.served a:text-is("Compare with another call")');
  await page.fill('input[name=session]', calls[2].session);
  await follow(page, 'button:text-is("Search")');
  await rowOf(page, calls[2]).locator('input').check();
  await follow(page, 'button:text-is("Compare")');
  await areTwo(page, problem);
}

async function axe({ page, problem }) {
  const source = fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
  const paths = [page.url(), '/', '/?user=nobody'];
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme });
    for (const path of paths) {
      await page.goto(new URL(path, paths[0]).href);
      if (path === paths[0]) await isBuilt(page);
      await page.evaluate(source);
      const found = await page.evaluate(async (values) => (await globalThis.axe.run(document, { runOnly: values, resultTypes: ['violations'] })).violations
        .filter(({ impact }) => impact === 'serious' || impact === 'critical').map(({ id, nodes }) => `${id}: ${nodes[0].html.slice(0, 200)}`), RULES);
      for (const one of found) problem(`axe, ${path}, ${colorScheme}: ${one}`);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
      if (wide) problem(`${path} scrolls to the side`);
    }
  }
}

async function run({ url, calls }) {
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-dev-shm-usage'] });
  const context = await browser.newContext({ viewport: { width: 1280, height: 720 }, colorScheme: 'light' });
  context.setDefaultTimeout(60_000);
  const page = await context.newPage();
  const result = { problems: [], steps: [] };
  const problem = (text) => result.problems.push(text);
  await listen(page, new URL(url).origin, problem);
  for (const [name, step] of Object.entries({ entered: enter, searched: search, opened: open, returned: back, compared: compare, added: add, axe })) {
    try {
      await step({ page, url, calls, problem });
    } catch (error) {
      problem(`${name}: ${error.stack || error}`);
      break;
    }
    result.steps.push(name);
  }
  await browser.close();
  return result;
}

setTimeout(() => process.exit(1), GUARD_MS).unref();

run(JSON.parse(fs.readFileSync(0, 'utf8'))).then(
  (result) => process.stdout.write(JSON.stringify(result), () => process.exit(0)),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
