import { SCENES } from './screens';
import { accessible, expect, picture, reflows, test } from './window';

for (const scene of SCENES) {
  for (const lang of ['nl', 'en'] as const) {
    for (const theme of ['light', 'dark'] as const) {
      test(`${scene.name} is accessible in ${lang}, ${theme}`, async ({ page }) => {
        await scene.go(page, { lang, theme });
        await accessible(page);
        await picture(page, `${scene.name}-${lang}-${theme}`);
      });
    }
  }

  test(`${scene.name} fits 360 and 320 pixels`, async ({ page }) => {
    await page.setViewportSize({ width: 360, height: 720 });
    await scene.go(page, { lang: 'nl', theme: 'light' });
    await reflows(page);
    await accessible(page);
    await picture(page, `${scene.name}-360`);
    await page.setViewportSize({ width: 320, height: 720 });
    await reflows(page);
  });
}

test.describe('at 200 %', () => {
  // A page zoomed to 200 % in a window of 1080 by 720 has this many CSS pixels, two dots each.
  test.use({ viewport: { width: 540, height: 360 }, deviceScaleFactor: 2 });
  for (const scene of SCENES.filter((one) =>
    /^(welcome|recovery|lock|cards|card-0|add|offer|review|share|settings)$/.test(one.name),
  )) {
    test(`${scene.name} fits`, async ({ page }) => {
      await scene.go(page, { lang: 'nl', theme: 'light' });
      await reflows(page);
      await accessible(page);
      await picture(page, `${scene.name}-200`);
    });
  }
});

test.describe('with forced colours', () => {
  for (const scene of SCENES.filter((one) => /^(welcome|card-2|share|settings)$/.test(one.name))) {
    test(`${scene.name} stays readable`, async ({ page }) => {
      await page.emulateMedia({ forcedColors: 'active', reducedMotion: 'reduce' });
      await scene.go(page, { lang: 'nl', theme: 'system' });
      await accessible(page);
      await picture(page, `${scene.name}-forced`);
    });
  }
});

test('the choices of every step are in sight without scrolling', async ({ page }) => {
  for (const scene of SCENES.filter((one) =>
    /^(contact|offer|review|kept|share|shared|declined|failed)$/.test(one.name),
  )) {
    await scene.go(page, { lang: 'nl', theme: 'light' });
    for (const button of await page.locator('.foot button').all())
      await expect(button).toBeInViewport({ ratio: 1 });
  }
});
