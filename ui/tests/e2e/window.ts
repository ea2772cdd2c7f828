import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

import { expect, type Page, test as base } from '@playwright/test';
import type { AxeResults } from 'axe-core';

import type { SessionView } from '../../src/bridge/contract';
import { SCREENS } from './serve';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** How a window is opened: which wallet, in which language and colours. */
export interface Opening {
  vault?: 'missing' | 'locked' | 'open';
  lang?: 'nl' | 'en';
  theme?: 'light' | 'dark' | 'system';
  cards?: number | 'rich';
  keychain?: boolean;
  lock?: number;
  waiting?: boolean;
  /** A link waited in vain. */
  toolate?: boolean;
  /** The program ended in the middle of two things. */
  brokenoff?: boolean;
  later?: boolean;
  /** Three institutions were asked to approve this program. */
  approvals?: boolean;
  /** Another wallet has one kind of link. */
  links?: 'other';
  delay?: number;
}

/** A page that fails its test on any console error, page error or breach of the content security policy. */
export const test = base.extend<{ complaints: string[] }>({
  complaints: [
    async ({ page }, use) => {
      const complaints: string[] = [];
      page.on('console', (message) => {
        if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
      });
      page.on('pageerror', (error) => complaints.push(String(error)));
      await page.addInitScript(() => {
        document.addEventListener('securitypolicyviolation', (event) => {
          // eslint-disable-next-line no-console -- the listener above turns it into a failure
          console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`);
        });
      });
      await use(complaints);
      expect(complaints).toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };

/** Opens the window and waits for its first heading. */
export async function open(page: Page, opening: Opening = {}): Promise<void> {
  const query = new URLSearchParams({ vault: 'open', lang: 'nl', theme: 'light' });
  for (const [name, value] of Object.entries(opening)) {
    query.set(name, value === true ? '1' : value === false ? '0' : String(value));
  }
  await page.clock.setFixedTime(new Date('2026-11-24T09:30:00Z'));
  await page.goto(`${process.env['LEERPAS_UI_URL']}?${query}`);
  await expect(page.locator('h1').first()).toBeVisible();
  await page.evaluate(() => document.fonts.ready.then(() => undefined));
}

/** Gives text to the wallet as if it was pasted on the window. */
export async function paste(page: Page, text: string): Promise<void> {
  await page.evaluate((pasted) => {
    const data = new DataTransfer();
    data.setData('text/plain', pasted);
    document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true }));
  }, text);
}

/** Puts a session on the screen without walking there. */
export async function show(page: Page, view: SessionView): Promise<void> {
  await page.evaluate((shown) => {
    const fake = (globalThis as unknown as { leerpasFake: { engine: { show: (view: unknown) => void } } })
      .leerpasFake;
    fake.engine.show(shown);
  }, view);
}

/** Fails on any finding of axe, WCAG 2.2 AA and best practices together, and on text under 14 px. */
export async function accessible(page: Page): Promise<void> {
  await page.evaluate(AXE);
  const results = await page.evaluate(
    () =>
      (globalThis as unknown as { axe: { run: (options: unknown) => Promise<AxeResults> } }).axe.run({
        runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
        rules: { 'color-contrast-enhanced': { enabled: true } },
      }) as Promise<AxeResults>,
  );
  const findings = results.violations.map(
    (violation) =>
      `${violation.id}: ${violation.nodes.map((node) => `${node.html} (${node.failureSummary})`).join(' | ')}`,
  );
  expect(findings).toEqual([]);
  const small = await page.evaluate(() => {
    const found: string[] = [];
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walk.nextNode(); node; node = walk.nextNode()) {
      const parent = node.parentElement;
      if (!parent || !node.textContent?.trim() || parent.closest('svg, .unseen')) continue;
      if (parseFloat(getComputedStyle(parent).fontSize) < 14) found.push(node.textContent);
    }
    return found;
  });
  expect(small).toEqual([]);
}

/** Fails when the window scrolls sideways. */
export async function reflows(page: Page): Promise<void> {
  const over = await page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    return Array.from(document.querySelectorAll('body *'))
      .filter((element) => {
        if (element.closest('svg, .unseen')) return false;
        const box = element.getBoundingClientRect();
        return box.width > 0 && (box.right > width + 1 || element.scrollWidth > element.clientWidth + 1);
      })
      .filter((element) => !['hidden', 'clip'].includes(getComputedStyle(element).overflowX))
      .filter((element) => getComputedStyle(element).display !== 'inline')
      .map((element) => `${element.tagName}.${element.className} ${element.textContent?.slice(0, 30)}`);
  });
  expect(over).toEqual([]);
}

/** A picture for a person to look at. */
export async function picture(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: `${SCREENS}ui-${name}.png`, animations: 'disabled' });
}
