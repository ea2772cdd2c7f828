import type { Scene } from './screens';
import { expect, open, paste } from './window';

const press = (page: Parameters<Scene['go']>[0], keys: string): Promise<void> => page.keyboard.press(keys);

/** The browser was sent to the page of an institution, and is awaited. */
const signingIn: Scene['go'] = async (page, opening) => {
  await open(page, opening);
  await paste(page, 'test:cardfirst');
  await page.locator('button.primary').click();
  await expect(page.locator('h1')).toContainText(opening.lang === 'en' ? 'One moment' : 'Even wachten');
};

/** Screens of what goes on between the learner and an institution. */
export const LATER_SCENES: Scene[] = [
  {
    name: 'cards-waiting',
    go: async (page, opening) => {
      await open(page, { ...opening, later: true });
      await expect(page.locator('[data-waiting]')).toHaveCount(2);
    },
  },
  {
    name: 'cards-waiting-only',
    go: async (page, opening) => {
      await open(page, { ...opening, cards: 0, later: true });
      await expect(page.locator('[data-waiting]')).toHaveCount(2);
    },
  },
  {
    name: 'waiting-give-up',
    go: async (page, opening) => {
      await open(page, { ...opening, later: true });
      await page.locator('[data-waiting] button.quiet').first().click();
      await expect(page.locator('dialog')).toBeVisible();
    },
  },
  {
    name: 'sign-in-waits',
    go: async (page, opening) => {
      await signingIn(page, opening);
      await expect(page.locator('main')).toContainText(
        opening.lang === 'en' ? 'card first' : 'eerst om een kaart',
      );
    },
  },
  {
    name: 'lock-signing-in',
    go: async (page, opening) => {
      await signingIn(page, opening);
      await page.locator('header button').last().click();
      await expect(page.locator('input[type=password]')).toBeVisible();
      await expect(page.locator('main')).toContainText(
        opening.lang === 'en' ? 'signing in' : 'aan het inloggen',
      );
    },
  },
  {
    name: 'failed-sign-in-late',
    go: async (page, opening) => {
      await open(page, opening);
      await paste(page, 'test:fail:sign_in_late');
      await expect(page.locator('.outcome')).toBeVisible();
    },
  },
  {
    name: 'share-card-first',
    go: async (page, opening) => {
      await signingIn(page, opening);
      await paste(page, 'openid4vp://x');
      await expect(page.locator('.sides')).toBeVisible();
      await expect(page.locator('main')).toContainText('login.waterkant.example');
      await expect(page.locator('button[data-ready="false"]')).toHaveCount(0);
    },
  },
  {
    name: 'later',
    go: async (page, opening) => {
      await open(page, opening);
      await paste(page, 'test:later');
      await expect(page.locator('.outcome')).toBeVisible();
    },
  },
  {
    name: 'later-some',
    go: async (page, opening) => {
      await open(page, opening);
      await paste(page, 'test:later:some');
      await expect(page.locator('article.large')).toBeVisible();
    },
  },
  {
    name: 'choose',
    go: async (page, opening) => {
      await open(page, opening);
      await press(page, 'Control+2');
      await page.getByRole('button', { name: /: ROC Waterkant$/ }).click();
      await expect(page.locator('input[type="checkbox"]')).toHaveCount(3);
      await page.locator('input[type="checkbox"]').first().check();
    },
  },
  {
    name: 'choose-none',
    go: async (page, opening) => {
      await open(page, opening);
      await press(page, 'Control+2');
      await page.getByRole('button', { name: /: ROC Waterkant$/ }).click();
      await expect(page.locator('input[type="checkbox"]')).toHaveCount(3);
      await page.locator('button.primary').click();
      await expect(page.getByRole('alert')).toBeVisible();
    },
  },
  {
    name: 'card-copies',
    go: async (page, opening) => {
      await open(page, opening);
      await page.locator('[data-card]').first().click();
      await page.locator('[data-copies] button').scrollIntoViewIfNeeded();
      await page.mouse.move(0, 0);
    },
  },
  {
    name: 'add-camera',
    go: async (page, opening) => {
      await page.context().grantPermissions(['camera']);
      await open(page, opening);
      await press(page, 'Control+2');
      await page.locator('[data-camera] button').click();
      await expect(page.locator('video')).toBeVisible();
      await page.locator('[data-camera]').scrollIntoViewIfNeeded();
    },
  },
  {
    name: 'add-no-camera',
    go: async (page, opening) => {
      await open(page, opening);
      await press(page, 'Control+2');
      await page.locator('[data-camera] button').click();
      await expect(page.locator('[data-no-camera]')).toBeVisible();
      await page.locator('[data-camera]').scrollIntoViewIfNeeded();
    },
  },
];
