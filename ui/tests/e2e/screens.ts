import type { Page } from '@playwright/test';

import { APPROVAL_SCENES } from './screens-approvals';
import { LATER_SCENES } from './screens-later';
import { expect, open, type Opening, paste } from './window';

/** One screen in one state: how to get there. */
export interface Scene {
  name: string;
  go: (page: Page, opening: Opening) => Promise<void>;
}

const press = (page: Page, keys: string): Promise<void> => page.keyboard.press(keys);

/** Waits until a pressed-too-soon guard has passed, so that pictures and tests see the screen at rest. */
export async function settled(page: Page): Promise<void> {
  await expect(page.locator('button[data-ready="false"]')).toHaveCount(0);
}

async function pasted(page: Page, opening: Opening, text: string, to: string): Promise<void> {
  await open(page, opening);
  await paste(page, text);
  await expect(page.locator(to).first()).toBeVisible();
  await settled(page);
}

const SHARE = '.sides';
const CODE_FIELD = 'input[inputmode="numeric"]';

async function review(page: Page, opening: Opening): Promise<void> {
  await pasted(page, opening, 'openid-credential-offer://?x', CODE_FIELD);
  await page.locator(CODE_FIELD).fill('4729');
  await press(page, 'Enter');
  await expect(page.locator('article.large')).toBeVisible();
  await settled(page);
}

/** Every screen of the window, and every stage of a session. */
export const SCENES: Scene[] = [
  { name: 'welcome', go: (page, opening) => open(page, { ...opening, vault: 'missing' }) },
  {
    name: 'passphrase',
    go: async (page, opening) => {
      await open(page, { ...opening, vault: 'missing' });
      await page.locator('button.primary').click();
      await page.locator('input').first().fill('de fiets staat');
    },
  },
  {
    name: 'passphrase-wrong',
    go: async (page, opening) => {
      await open(page, { ...opening, vault: 'missing' });
      await page.locator('button.primary').click();
      await page.locator('input').first().fill('kort');
      await press(page, 'Enter');
      await expect(page.getByRole('alert')).toBeVisible();
    },
  },
  {
    name: 'recovery',
    go: async (page, opening) => {
      await open(page, { ...opening, vault: 'missing' });
      await page.locator('button.primary').click();
      await page.locator('input').first().fill('de fiets staat in de regen');
      await page.locator('input').nth(1).fill('de fiets staat in de regen');
      await press(page, 'Enter');
      await expect(page.locator('ol li')).toHaveCount(8);
    },
  },
  {
    name: 'recovery-confirm',
    go: async (page, opening) => {
      await SCENES.find((scene) => scene.name === 'recovery')?.go(page, opening);
      await page.locator('button.primary').click();
      await page.locator('input').fill('XXXX');
      await press(page, 'Enter');
      await expect(page.getByRole('alert')).toBeVisible();
    },
  },
  {
    name: 'lock',
    go: (page, opening) => open(page, { ...opening, vault: 'locked', keychain: true, waiting: true }),
  },
  {
    name: 'leftovers',
    go: async (page, opening) => {
      await open(page, { ...opening, brokenoff: true, toolate: true });
      await expect(page.getByRole('alertdialog')).toBeVisible();
    },
  },
  {
    name: 'lock-wrong',
    go: async (page, opening) => {
      await open(page, { ...opening, vault: 'locked' });
      await page.locator('input').fill('niet de goede zin');
      await press(page, 'Enter');
      await expect(page.getByRole('alert')).toBeVisible();
    },
  },
  {
    name: 'recover',
    go: async (page, opening) => {
      await open(page, { ...opening, vault: 'locked' });
      await page.locator('button.quiet').click();
      await expect(page.locator('textarea')).toBeVisible();
    },
  },
  {
    name: 'cards',
    go: async (page, opening) => {
      await open(page, opening);
      await expect(page.locator('article')).toHaveCount(6);
    },
  },
  {
    name: 'cards-empty',
    go: (page, opening) => open(page, { ...opening, cards: 0 }),
  },
  {
    name: 'cards-search',
    go: async (page, opening) => {
      await open(page, opening);
      await press(page, 'Control+f');
      await page.keyboard.type('zorg data');
      await expect(page.locator('article')).toHaveCount(1);
    },
  },
  {
    name: 'cards-none',
    go: async (page, opening) => {
      await open(page, opening);
      await press(page, 'Control+f');
      await page.keyboard.type('astronomie');
      await expect(page.locator('article')).toHaveCount(0);
    },
  },
  ...[0, 1, 2, 3, 4, 5].map((at) => ({
    name: `card-${at}`,
    go: async (page: Page, opening: Opening) => {
      await open(page, opening);
      await page.locator('[data-card]').nth(at).click();
      await expect(page.locator('article.large')).toBeVisible();
      await page.mouse.move(0, 0);
    },
  })),
  {
    name: 'card-checks',
    go: async (page, opening) => {
      await open(page, opening);
      await page.locator('[data-card]').nth(2).click();
      await page.locator('details:has(details) > summary').click();
      await page.locator('details details > summary').click();
      await page.locator('details').first().locator('summary').click();
      await page.locator('details').first().scrollIntoViewIfNeeded();
    },
  },
  ...['diploma', 'endorsed', 'sealed'].map((name, at) => ({
    name: `card-${name}`,
    go: async (page: Page, opening: Opening) => {
      await open(page, { ...opening, cards: 'rich' });
      await page.locator('[data-card]').nth(at).click();
      await expect(page.locator('article.large')).toBeVisible();
      await page.mouse.move(0, 0);
    },
  })),
  {
    name: 'card-delete',
    go: async (page, opening) => {
      await open(page, opening);
      await page.locator('[data-card]').first().click();
      await page.locator('button.danger').click();
      await expect(page.locator('dialog')).toBeVisible();
    },
  },
  {
    name: 'card-trust',
    go: async (page, opening) => {
      await open(page, opening);
      await page.locator('[data-card="c-mbo"]').click();
      await page.locator('section:has(.party) button').click();
      await expect(page.locator('dialog')).toBeVisible();
    },
  },
  {
    name: 'card-trusted',
    go: async (page, opening) => {
      await SCENES.find((scene) => scene.name === 'card-trust')?.go(page, opening);
      await page.locator('dialog button.primary').click();
      await expect(page.locator('.party.good')).toBeVisible();
      await page.locator('.party').scrollIntoViewIfNeeded();
    },
  },
  {
    name: 'add',
    go: async (page, opening) => {
      await open(page, opening);
      await press(page, 'Control+2');
    },
  },
  {
    name: 'working',
    go: async (page, opening) => {
      await open(page, opening);
      await paste(page, 'test:work:metadata');
      await expect(page.locator('.wait')).toBeVisible();
    },
  },
  { name: 'offer', go: (page, opening) => pasted(page, opening, 'openid-credential-offer://?x', CODE_FIELD) },
  {
    name: 'offer-wrong-code',
    go: async (page, opening) => {
      await pasted(page, opening, 'openid-credential-offer://?x', CODE_FIELD);
      await page.locator(CODE_FIELD).fill('1111');
      await press(page, 'Enter');
      await expect(page.getByRole('alert')).toBeVisible();
    },
  },
  {
    name: 'contact',
    go: (page, opening) => pasted(page, opening, 'test:contact', '.foot button'),
  },
  { name: 'sign-in', go: (page, opening) => pasted(page, opening, 'test:signin', 'button.primary') },
  { name: 'offer-no-code', go: (page, opening) => pasted(page, opening, 'test:nocode', 'form') },
  { name: 'review', go: review },
  {
    name: 'review-duplicate',
    go: (page, opening) => pasted(page, opening, 'test:duplicate', 'article.large'),
  },
  { name: 'review-newer', go: (page, opening) => pasted(page, opening, 'test:newer', 'article.large') },
  { name: 'review-older', go: (page, opening) => pasted(page, opening, 'test:older', 'article.large') },
  {
    name: 'kept',
    go: async (page, opening) => {
      await review(page, opening);
      await page.locator('button.primary').click();
      await expect(page.locator('.outcome')).toBeVisible();
    },
  },
  { name: 'share', go: (page, opening) => pasted(page, opening, 'openid4vp://x', SHARE) },
  {
    name: 'share-unticked',
    go: async (page, opening) => {
      await pasted(page, { ...opening, waiting: true }, 'openid4vp://x', SHARE);
      await page.locator('input[type="checkbox"]').uncheck();
    },
  },
  { name: 'share-stranger', go: (page, opening) => pasted(page, opening, 'test:stranger', SHARE) },
  {
    name: 'share-several',
    go: async (page, opening) => {
      await pasted(page, opening, 'test:stranger', SHARE);
      // What is optional is taken in, and then another card beside it.
      await page.getByRole('checkbox', { checked: false }).first().check();
      await page.getByRole('checkbox', { checked: false }).first().check();
    },
  },
  {
    name: 'share-technical',
    go: async (page, opening) => {
      await pasted(page, opening, 'openid4vp://x', SHARE);
      await page.locator('.bound details summary').click();
      await page.locator('.bound details').scrollIntoViewIfNeeded();
    },
  },
  { name: 'share-hostile', go: (page, opening) => pasted(page, opening, 'test:hostile', SHARE) },
  { name: 'share-offline', go: (page, opening) => pasted(page, opening, 'test:offline', SHARE) },
  {
    name: 'frames',
    go: async (page, opening) => {
      await pasted(page, opening, 'test:offline', SHARE);
      await page.locator('.foot button').first().click();
      await expect(page.locator('.film canvas')).toBeVisible();
    },
  },
  {
    name: 'shared',
    go: async (page, opening) => {
      await pasted(page, opening, 'openid4vp://x', SHARE);
      await page.locator('.foot button').first().click();
      await expect(page.locator('.outcome')).toBeVisible();
    },
  },
  {
    name: 'shared-uncertain',
    go: async (page, opening) => {
      await pasted(page, opening, 'test:uncertain', SHARE);
      await page.locator('.foot button').first().click();
      await expect(page.locator('.outcome')).toBeVisible();
    },
  },
  {
    name: 'declined',
    go: async (page, opening) => {
      await pasted(page, opening, 'openid4vp://x', SHARE);
      await page.locator('.foot button').nth(1).click();
      await expect(page.locator('.outcome')).toBeVisible();
    },
  },
  { name: 'failed', go: (page, opening) => pasted(page, opening, 'test:fail:issuer_mismatch', '.outcome') },
  { name: 'failed-retry', go: (page, opening) => pasted(page, opening, 'test:fail:unreachable', '.outcome') },
  {
    name: 'second-link',
    go: async (page, opening) => {
      await pasted(page, opening, 'openid4vp://x', SHARE);
      await paste(page, 'openid4vp://y');
      await expect(page.locator('dialog')).toBeVisible();
    },
  },
  {
    name: 'activity',
    go: async (page, opening) => {
      await open(page, opening);
      await press(page, 'Control+3');
      await page.locator('summary').first().click();
      await page.locator('summary').nth(1).click();
    },
  },
  {
    name: 'activity-receipt',
    go: async (page, opening) => {
      await open(page, opening);
      await press(page, 'Control+3');
      // What was agreed to and what was refused; what was only received has none.
      await expect(page.locator('button[aria-describedby^="receipt-"]')).toHaveCount(3);
      const receipt = page.locator('button[aria-describedby="receipt-a-2"]');
      await page.locator('details', { has: receipt }).locator('summary').click();
      await receipt.click();
      await expect(page.getByText('bewijs-2026-11-18-a-2.json').last()).toBeVisible();
    },
  },
  {
    name: 'keys',
    go: async (page, opening) => {
      await open(page, opening);
      await press(page, 'Control+4');
      await expect(page.locator('main section')).toHaveCount(3);
    },
  },
  {
    name: 'settings',
    go: async (page, opening) => {
      await open(page, opening);
      await press(page, 'Control+,');
    },
  },
  {
    name: 'settings-trusted',
    go: async (page, opening) => {
      await open(page, opening);
      await press(page, 'Control+,');
      await page.locator('main ul').last().scrollIntoViewIfNeeded();
      await page.locator('main ul').last().locator('button').first().click();
      await expect(page.locator('main ul').last().locator('li')).toHaveCount(1);
    },
  },
  {
    name: 'settings-links',
    go: async (page, opening) => {
      await open(page, { ...opening, links: 'other' });
      await press(page, 'Control+,');
      const panel = page.locator('main section', { hasText: 'Wallet Voorbeeld' });
      await panel.locator('button').scrollIntoViewIfNeeded();
      await expect(panel.locator('button')).toHaveCount(1);
    },
  },
  {
    name: 'shortcuts',
    go: async (page, opening) => {
      await open(page, opening);
      await press(page, 'Control+/');
      await expect(page.locator('dialog')).toBeVisible();
    },
  },
  {
    name: 'dropping',
    go: async (page, opening) => {
      await open(page, opening);
      await page.evaluate(() => {
        const data = new DataTransfer();
        data.items.add(new File(['x'], 'badge.png', { type: 'image/png' }));
        window.dispatchEvent(
          new DragEvent('dragenter', { dataTransfer: data, bubbles: true, cancelable: true }),
        );
      });
      await expect(page.locator('.target')).toBeVisible();
    },
  },
  ...APPROVAL_SCENES,
  ...LATER_SCENES,
];
