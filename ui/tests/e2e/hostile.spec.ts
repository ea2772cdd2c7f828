import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { build } from 'vite';

import { FAKE_MARK } from '../../src/bridge/fake';
import { settled } from './screens';
import { accessible, expect, open, paste, reflows, test } from './window';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

for (const width of [1080, 360]) {
  test(`text of strangers is shown as text at ${width} pixels (K01, K03, K04, K08, K16)`, async ({
    page,
  }) => {
    await page.setViewportSize({ width, height: 720 });
    await open(page);
    await paste(page, 'test:badcard');
    await page.locator('[data-card="c-hostile"]').click();
    await expect(page.locator('article.large')).toBeVisible();
    for (const summary of await page.locator('summary').all()) await summary.click();
    await expect(
      page.getByText('<img src=x onerror="window.pwned=1">', { exact: false }).first(),
    ).toBeVisible();
    await reflows(page);
    await accessible(page);
    expect(await page.locator('main img').count()).toBeLessThan(3);
    expect(await page.evaluate(() => 'pwned' in globalThis)).toBe(false);
    expect(await page.locator('body').textContent()).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/);
    expect(await page.locator('img:not([src^="data:image/"])').count()).toBe(0);
  });
}

test('a hostile request is text too, and clipped, with the rest on demand', async ({ page }) => {
  await open(page);
  await paste(page, 'test:hostile');
  await expect(page.locator('h1')).toBeVisible();
  await settled(page);
  await reflows(page);
  await accessible(page);
  // What the registrar says stands above it, and is short.
  const quote = page.locator('blockquote').filter({ hasText: 'Lang verhaal' });
  expect((await quote.textContent())?.length).toBeLessThan(4100);
  await quote.getByRole('button', { name: 'Toon meer' }).click();
  expect((await quote.textContent())?.length).toBeGreaterThan(9000);
  expect(await page.evaluate(() => 'pwned' in globalThis)).toBe(false);
});

test('a release holds no invented wallet, no inline script and no inline style', async () => {
  const out = mkdtempSync(join(tmpdir(), 'leerpas-ui-'));
  const before = process.env['VITE_FAKE_BRIDGE'];
  delete process.env['VITE_FAKE_BRIDGE'];
  try {
    await build({ root: ROOT, logLevel: 'warn', build: { outDir: out, emptyOutDir: true } });
    const files = readdirSync(out, { recursive: true, encoding: 'utf8' }).filter((file) =>
      /\.(js|html|css)$/.test(file),
    );
    const all = files.map((file) => readFileSync(join(out, file), 'utf8')).join('\n');
    expect(all).not.toContain(FAKE_MARK);
    expect(all).not.toContain('Amstelland');
    expect(all).toContain('__TAURI_INTERNALS__');
    const html = readFileSync(join(out, 'index.html'), 'utf8');
    expect(html).not.toMatch(/<style|style=|<script(?![^>]*src)|https?:/);
    expect(html).toMatch(/src="\.\/assets\//);
  } finally {
    process.env['VITE_FAKE_BRIDGE'] = before;
    rmSync(out, { recursive: true, force: true });
  }
});
