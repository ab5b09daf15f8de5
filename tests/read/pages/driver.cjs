// Opens pages of dumps in Debian's Chromium, from their files and without a network, and prints what is wrong with
// them.
//
//   node driver.cjs <job.json
//
// The job: {"pages": [{"name", "file", "data", "seed", "checks": ["values", "axe", "journey", "drawing"]}]}, where
// `data` is the file with what `view --json` says of the same dump. A page that is served has "entry", the link that lets
// in, and "path" instead of a file; it may ask its own site for parts of its series, and nothing else. Printed: {"problems": [text], "done": {check: how
// often}, "times": {…}}. One browser is used for all pages. Anything that takes longer than the guard ends this with
// status 1.
'use strict';

const fs = require('node:fs');
const { chromium } = require('playwright-core');
const checks = { ...require('./checks.cjs'), ...require('./text.cjs') };

const CHROMIUM = '/usr/bin/chromium';
const GUARD_MS = 900_000;
const ARGUMENTS = ['--no-sandbox', '--disable-dev-shm-usage', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

// Runs in the page before its script: what the policy stops is kept.
function listenForViolations() {
  globalThis.violations = [];
  addEventListener('securitypolicyviolation', (event) => globalThis.violations.push(`${event.violatedDirective} ${event.blockedURI}`));
}

async function open(context, spec, problem) {
  const page = await context.newPage();
  const own = spec.entry ? new URL(spec.path, spec.entry).href : `file://${spec.file}`;
  const isOwn = (url) => url.split('#')[0] === own || (spec.entry && url.split('?')[0] === `${own}/series`);
  if (spec.entry) await page.goto(spec.entry);
  page.on('pageerror', (error) => problem(`an error: ${error.stack || error}`));
  page.on('console', (message) => ['error', 'warning'].includes(message.type()) && problem(`the console: ${message.text()}`));
  page.on('request', (request) => !isOwn(request.url()) && problem(`a request: ${request.url().slice(0, 200)}`));
  page.on('dialog', (dialog) => {
    problem(`a dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  const begin = Date.now();
  await page.goto(own, { waitUntil: 'commit' });
  await page.waitForFunction(() => document.documentElement && document.documentElement.dataset.ready, null, { polling: 30 });
  return { page, opened: Date.now() - begin };
}

async function visit(context, spec, result) {
  const problem = (text) => result.problems.push(`${spec.name}: ${text}`);
  const { page, opened } = await open(context, spec, problem);
  result.times[spec.name] = { opened };
  const on = { page, spec, problem, done: (name, count = 1) => (result.done[name] = (result.done[name] || 0) + count), times: result.times[spec.name] };
  try {
    for (const name of ['views', 'content', ...spec.checks]) await checks[name](on);
    for (const violation of await page.evaluate(() => globalThis.violations)) problem(`the policy stopped ${violation}`);
  } catch (error) {
    problem(`a check failed: ${error.stack || error}`);
  }
  await page.close();
}

async function run(job) {
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGUMENTS });
  const begin = async (offline) => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 720 }, offline, colorScheme: 'light' });
    context.setDefaultTimeout(60_000);
    await context.addInitScript(listenForViolations);
    return context;
  };
  const [files, sites] = [await begin(true), await begin(false)];
  const result = { problems: [], done: {}, times: {} };
  for (const spec of job.pages) await visit(spec.entry ? sites : files, spec, result);
  await browser.close();
  return result;
}

setTimeout(() => {
  console.error(`the browser took longer than ${GUARD_MS / 1000} s`);
  process.exit(1);
}, GUARD_MS).unref();

run(JSON.parse(fs.readFileSync(0, 'utf8'))).then(
  (result) => process.stdout.write(JSON.stringify(result), () => process.exit(0)),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
