import type { Scene } from './screens';
import { expect, open, paste } from './window';

/** The settings, with an approval that holds, one whose time is over and one that has not come. */
const settings: Scene['go'] = async (page, opening) => {
  await open(page, { ...opening, approvals: true });
  await page.keyboard.press('Control+,');
  await expect(page.locator('[data-approval]')).toHaveCount(3);
};

/** Approvals of this program by institutions. */
export const APPROVAL_SCENES: Scene[] = [
  {
    name: 'failed-unapproved',
    go: async (page, opening) => {
      await open(page, opening);
      await paste(page, 'test:unapproved');
      await expect(page.locator('.outcome')).toBeVisible();
    },
  },
  {
    name: 'settings-approvals',
    go: async (page, opening) => {
      await settings(page, opening);
      await page.locator('[data-approval]').first().scrollIntoViewIfNeeded();
      await page.locator('[data-approval]').last().scrollIntoViewIfNeeded();
    },
  },
  {
    name: 'settings-approvals-wanted',
    go: async (page, opening) => {
      await open(page, opening);
      await paste(page, 'test:unapproved');
      await page.locator('.foot button.primary').click();
      await expect(page.locator('main input:focus')).toHaveValue('https://login.waterkant.example/oauth2');
    },
  },
  {
    name: 'settings-approvals-add',
    go: async (page, opening) => {
      await settings(page, opening);
      await page.locator('[data-approval]').last().locator('button').nth(1).click();
      await page.locator('dialog textarea').fill('this is something else');
      await page.locator('dialog button.primary').click();
      await expect(page.locator('dialog [role=alert]')).toBeVisible();
    },
  },
  {
    name: 'settings-approvals-remove',
    go: async (page, opening) => {
      await settings(page, opening);
      await page.locator('[data-approval]').first().locator('button.quiet').click();
      await expect(page.getByRole('alertdialog')).toBeVisible();
    },
  },
];
