import { expect, open, test } from './window';

test('which program has the links is said, and Leerpas takes them on a press alone', async ({ page }) => {
  await open(page, { lang: 'nl', theme: 'light', links: 'other' });
  await page.keyboard.press('Control+,');
  const panel = page.locator('main section', { hasText: 'Je computer start daarvoor' });
  await expect(panel).toContainText('Wallet Voorbeeld');
  await panel.getByRole('button', { name: 'Open links met Leerpas' }).click();
  await expect(panel).toContainText('Je computer start Leerpas voor deze links');
  await expect(panel.getByRole('button')).toHaveCount(0);
});

test('where Leerpas has them already, nothing is offered', async ({ page }) => {
  await open(page, { lang: 'en', theme: 'light' });
  await page.keyboard.press('Control+,');
  const panel = page.locator('main section', { hasText: 'Your computer starts one program' });
  await expect(panel).toContainText('Your computer starts Leerpas for these links');
  await expect(panel.getByRole('button')).toHaveCount(0);
});
