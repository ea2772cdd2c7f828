import { expect, open, paste, test } from './window';

test('what was not finished is said after opening, once, with what to do', async ({ page }) => {
  await open(page, { vault: 'locked', brokenoff: true });
  await expect(page.getByRole('alertdialog')).toHaveCount(0);
  await page.locator('input').fill('een zin om te onthouden');
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('alertdialog');
  await expect(dialog).toContainText('Misschien is het gedeeld');
  await expect(dialog).toContainText('Er is niets bewaard');
  await dialog.getByRole('button', { name: 'Ik weet het' }).click();
  await expect(dialog).toHaveCount(0);
  // It is no question any more, whatever happens next.
  await paste(page, 'openid-credential-offer://?credential_offer=x');
  await expect(page.locator('h1')).toHaveText('Er is een kaart voor je');
  await page.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);
});

test('security_h05 a link that waited too long is said on the lock screen and after it', async ({ page }) => {
  await open(page, { vault: 'locked', toolate: true, lang: 'en' });
  await expect(page.getByText('A link came, but it waited too long.')).toBeVisible();
  await page.locator('input').fill('een zin om te onthouden');
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('alertdialog');
  await expect(dialog).toContainText('Open the link again.');
  await page.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);
});

test('security_h05 h06 a link that waits is announced on the lock screen and during a flow', async ({
  page,
}) => {
  await open(page, { vault: 'locked', waiting: true });
  await expect(page.getByText('Er wacht een link.')).toBeVisible();
  await open(page, { waiting: true });
  await paste(page, 'openid4vp://x');
  await expect(page.getByText('Er wacht nog een link.')).toBeVisible();
});
