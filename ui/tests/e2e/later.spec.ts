import { SCENES } from './screens';
import { expect, open, paste, test } from './window';

test.describe('a card that comes later', () => {
  test('is waited for in the list, comes when it is asked about, and is seen before it is kept', async ({
    page,
  }) => {
    await open(page);
    await paste(page, 'test:later');
    await expect(page.locator('h1')).toContainText('komen later');
    await page.locator('.foot button').first().click();
    await expect(page.locator('[data-waiting]')).toHaveCount(2);
    // The second one may not be asked about yet: it says from when.
    await expect(page.locator('[data-waiting="w-2"]')).toContainText('2099');
    await expect(page.locator('[data-waiting="w-2"] button')).toHaveCount(1);
    await page.locator('[data-waiting="w-1"] button').first().click();
    await expect(page.locator('article.large')).toContainText('Circulair ontwerpen');
    await expect(page.locator('button[data-ready="false"]')).toHaveCount(0);
    await page.locator('.foot button').first().click();
    await expect(page.locator('.outcome')).toBeVisible();
    await page.locator('.foot button').nth(1).click();
    await expect(page.locator('[data-waiting]')).toHaveCount(1);
  });

  test('can be given up after a second thought', async ({ page }) => {
    await open(page, { later: true });
    const first = page.locator('[data-waiting="w-1"]');
    await first.locator('button.quiet').click();
    await page.locator('dialog button').first().click();
    await expect(first).toBeVisible();
    await first.locator('button.quiet').click();
    await page.locator('dialog button.danger').click();
    await expect(page.locator('[data-waiting]')).toHaveCount(1);
    await expect(first).toHaveCount(0);
  });
});

test('fresh copies are fetched on a click and counted', async ({ page }) => {
  await open(page);
  await page.locator('[data-card]').first().click();
  const panel = page.locator('section:has([data-copies])');
  await expect(panel).toContainText('Nog niet getoond: 1 van de 5.');
  await panel.locator('[data-copies] button').click();
  await expect(panel).toContainText('Nog niet getoond: 6 van de 10.');
});

test('a learner goes to an institution, chooses, and sees where they will sign in', async ({ page }) => {
  await open(page);
  await page.keyboard.press('Control+2');
  await page.getByRole('button', { name: 'Ga erheen: ROC Waterkant' }).click();
  await page.locator('input[type="checkbox"]').nth(1).check();
  await page.locator('button.primary').click();
  await expect(page.locator('.sides')).toContainText('Veilig werken op hoogte');
  await expect(page.locator('.sides')).toContainText('login.waterkant.example');
});

test('an address that does not answer says so', async ({ page }) => {
  await open(page);
  await page.keyboard.press('Control+2');
  await page.getByLabel('Adres van de instelling').fill('https://nergens.example');
  await page.keyboard.press('Enter');
  await expect(page.locator('.outcome')).toContainText('niet te bereiken');
});

test('a card that the institution asks for first is shown while the sign-in waits, and the sign-in goes on', async ({
  page,
}) => {
  await open(page);
  await paste(page, 'test:cardfirst');
  await page.locator('button.primary').click();
  await expect(page.locator('main')).toContainText('Vraagt de pagina eerst om een kaart?');
  await paste(page, 'openid4vp://x');
  await expect(page.locator('main')).toContainText('Je logt in bij login.waterkant.example.');
  await expect(page.locator('button[data-ready="false"]')).toHaveCount(0);
  await page.locator('.foot button').first().click();
  await expect(page.locator('.outcome')).toBeVisible();
  await expect(page.locator('main')).toContainText('Je logt in bij login.waterkant.example.');
  await page.locator('.foot button').first().click();
  // On to the browser: the wallet waits for it again, and goes on by itself.
  await expect(page.locator('main')).toContainText('Vraagt de pagina eerst om een kaart?');
  await paste(page, 'test:back');
  await expect(page.locator('article.large')).toBeVisible();
});

test('a sign-in is on the screen again after unlocking, and the lock screen says no more than that it waits', async ({
  page,
}) => {
  await SCENES.find((scene) => scene.name === 'lock-signing-in')?.go(page, { lang: 'nl' });
  await expect(page.locator('main')).not.toContainText('waterkant');
  await page.locator('input').fill('een zin om te onthouden');
  await page.keyboard.press('Enter');
  await expect(page.locator('h1')).toContainText('Even wachten');
});

test('the lock on idleness does not end a sign-in that takes long', async ({ page }) => {
  await SCENES.find((scene) => scene.name === 'sign-in-waits')?.go(page, { lang: 'en', lock: 1 });
  await page.clock.setFixedTime(new Date('2026-11-24T09:32:00Z'));
  await expect(page.locator('h1')).toContainText('Leerpas is locked');
  await expect(page.locator('main')).toContainText('You were signing in');
  await page.locator('input').fill('een zin om te onthouden');
  await page.keyboard.press('Enter');
  await expect(page.locator('h1')).toContainText('One moment');
  // The browser comes back.
  await paste(page, 'test:back');
  await expect(page.locator('article.large')).toBeVisible();
});
