import type { Page } from '@playwright/test';

import { expect, open, test } from './window';

/** Remembers what the page turned on, so that a test can see that it went off. */
async function withCamera(page: Page, allowed: boolean): Promise<() => Promise<string[]>> {
  await page.addInitScript(() => {
    const kept = globalThis as unknown as { tracks: MediaStreamTrack[] };
    kept.tracks = [];
    const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = async (wish) => {
      const stream = await ask(wish);
      kept.tracks.push(...stream.getTracks());
      return stream;
    };
  });
  if (allowed) await page.context().grantPermissions(['camera']);
  await open(page);
  await page.keyboard.press('Control+2');
  return () =>
    page.evaluate(() =>
      (globalThis as unknown as { tracks: MediaStreamTrack[] }).tracks.map(
        (track) => `${track.kind} ${track.readyState}`,
      ),
    );
}

const on = (page: Page) => page.getByRole('button', { name: 'Zet de camera aan' });

test('a code that comes before the camera arrives like a picture, and the camera goes off', async ({
  page,
}) => {
  const tracks = await withCamera(page, true);
  await on(page).click();
  await expect(page.locator('video')).toBeVisible();
  await expect(page.getByText('Houd de code voor de camera.')).toBeVisible();
  await expect.poll(tracks).toEqual(['video live']);
  // Where it takes long, the person hears what helps.
  await expect(page.getByText('Er is nog geen code gelezen.')).toBeVisible({ timeout: 20_000 });
  await expect(page.locator('h1')).toContainText('Er is een kaart voor je', { timeout: 20_000 });
  await expect.poll(tracks).toEqual(['video ended']);
});

test('the camera goes off when the person says so, goes elsewhere or locks', async ({ page }) => {
  const tracks = await withCamera(page, true);
  await on(page).click();
  await expect(page.locator('video')).toBeVisible();
  await page.getByRole('button', { name: 'Zet de camera uit' }).click();
  await expect(page.locator('video')).toHaveCount(0);
  await expect.poll(tracks).toEqual(['video ended']);

  await on(page).click();
  await expect.poll(tracks).toEqual(['video ended', 'video live']);
  await page.keyboard.press('Control+1');
  await expect.poll(tracks).toEqual(['video ended', 'video ended']);

  await page.keyboard.press('Control+2');
  await on(page).click();
  await expect.poll(tracks).toEqual(['video ended', 'video ended', 'video live']);
  await page.keyboard.press('Control+l');
  await expect.poll(tracks).toEqual(['video ended', 'video ended', 'video ended']);
});

test('without a camera the page says what does work', async ({ page }) => {
  const tracks = await withCamera(page, false);
  await on(page).click();
  await expect(page.locator('[data-no-camera]')).toContainText('Leerpas vindt hier geen camera');
  await expect(page.locator('video')).toHaveCount(0);
  expect(await tracks()).toEqual([]);
  await expect(on(page)).toBeVisible();
});
