// Debian's Chromium at the desk's page: opened, looked at, listened to.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

import { root, screens } from '../support/programs.mjs';

const ui = createRequire(new URL('../../ui/package.json', import.meta.url));
const { chromium } = ui('playwright-core');
const axe = readFileSync(ui.resolve('axe-core/axe.min.js'), 'utf8');

/** The sentences of the page, by language. Read as text, since nothing says here that the file is a module. */
const source = readFileSync(path.join(root, 'crates/desk/page/words.js'), 'utf8');
export const { words } = await import(`data:text/javascript,${encodeURIComponent(source)}`);

/**
 * A browser with a folder of its own, empty and thrown away afterwards. Its camera, which a page gets only where it is
 * allowed to, sees the film in this file, as it is when the camera goes on.
 */
export function launch({ camera } = {}) {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
      '--disable-background-networking', '--disable-component-update', '--disable-sync',
      ...(camera ? ['--use-fake-device-for-media-stream', `--use-file-for-fake-video-capture=${camera}`] : []),
    ],
  });
}

/**
 * Opens the page in a browser that has never seen it. What the page complains of, and what it asks of anybody but the
 * desk, is collected in `heard` and must stay empty.
 */
export async function visit(browser, address, options = {}) {
  const context = await browser.newContext({
    locale: 'nl-NL',
    timezoneId: 'Europe/Amsterdam',
    viewport: { width: 1080, height: 820 },
    reducedMotion: 'reduce',
    ...options,
  });
  const page = await context.newPage();
  const heard = [];
  const own = new URL(address).origin;
  page.on('console', (said) => {
    if (['error', 'warning'].includes(said.type())) heard.push(said.text());
  });
  page.on('pageerror', (error) => heard.push(String(error)));
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(`${own}/`) && !url.startsWith('data:')) heard.push(`asked ${url}`);
  });
  const reply = await page.goto(address);
  await page.locator('.option').first().waitFor();
  return { context, page, reply, heard };
}

/** What axe finds, in words that a person can act on. */
export async function findings(page) {
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(axe);
  const { violations, passes } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
  assert.ok(passes.length > 10, 'axe really looked');
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 160)).join(' | ')}`);
}

/** Looks at what is there, in light and dark, wide and as narrow as a page may get (WCAG 2.2, 1.4.10). */
async function lookOnce(page, name) {
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme });
    assert.deepEqual(await findings(page), [], `${name} ${colorScheme}`);
    await page.screenshot({ path: path.join(screens, `desk-${name}-${colorScheme}.png`), fullPage: true });
  }
  await page.emulateMedia({ colorScheme: 'light' });
  const before = page.viewportSize();
  await page.setViewportSize({ width: 320, height: 640 });
  const over = await page.evaluate(() => {
    const wide = [...document.body.querySelectorAll('*')].filter((one) => one.getBoundingClientRect().right > 320.5);
    return { width: document.documentElement.scrollWidth, wide: wide.map((one) => one.outerHTML.slice(0, 120)) };
  });
  assert.ok(over.width <= 320, `${name} is ${over.width} wide at 320: ${over.wide.join(' | ')}`);
  assert.deepEqual(await findings(page), [], `${name} narrow`);
  await page.screenshot({ path: path.join(screens, `desk-${name}-320.png`), fullPage: true });
  await page.setViewportSize(before);
}

/** Looks at a state of the page in both languages, and leaves it in Dutch. */
export async function look(page, name) {
  for (const language of ['nl', 'en']) {
    if ((await page.locator('html').getAttribute('lang')) !== language) await page.locator('#language').click();
    assert.equal(await page.locator('html').getAttribute('lang'), language);
    const text = await page.locator('body').innerText();
    assert.ok(!/\bundefined\b|\[object|\bNaN\b|\bnull\b/.test(text), `${name} ${language}: ${text}`);
    await lookOnce(page, `${name}-${language}`);
  }
  await page.locator('#language').click();
}

/** Looks at a state that a change of language would end. */
export const glance = (page, name) => lookOnce(page, name);

/** The rows of checks as a person reads them: name and word. */
export function checks(page) {
  return page.locator('.checks > li').evaluateAll((rows) =>
    rows.map((row) => ({
      name: row.querySelector('div > span').textContent,
      word: row.querySelector('.word').textContent,
    })),
  );
}

/** The rows of claims as a person reads them: name and value, an item of a list on each line. */
export function claims(page) {
  return page.locator('.claims > div').evaluateAll((rows) =>
    rows.map((row) => ({ name: row.querySelector('dt').innerText, value: row.querySelector('dd').innerText.trim() })),
  );
}
