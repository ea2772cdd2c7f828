import { SCENES } from './screens';
import { accessible, expect, open, test } from './window';

const go = (name: string) => SCENES.find((scene) => scene.name === name)?.go;

test('an offer that needs an approval leads to the place where it is arranged', async ({ page }) => {
  await go('settings-approvals-wanted')?.(page, { lang: 'en' });
  await page.keyboard.press('Enter');
  const one = page.locator('[data-approval]');
  await expect(one).toHaveCount(1);
  await expect(one).toContainText('Not approved yet');
  await one.getByRole('button', { name: 'Add the approval' }).click();
  await page.locator('dialog button.primary').click();
  await expect(page.locator('dialog [role=alert]')).toContainText('Paste the approval first');
  await page.locator('dialog textarea').fill('eyJ0eXAiOiJ4In0.e30.AA');
  await page.locator('dialog button.primary').click();
  await expect(page.locator('dialog')).toHaveCount(0);
  await expect(one).toContainText('Approved until 31 January 2027');
  await accessible(page);
});

test('an approval is read from the file that the school gave, and a larger file is not', async ({ page }) => {
  await go('settings-approvals')?.(page, { lang: 'nl' });
  const late = page.locator('[data-approval]').nth(1);
  await expect(late).toContainText('Verlopen op 1 september 2026');
  await late.getByRole('button', { name: 'Goedkeuring vernieuwen' }).click();
  const pick = page.locator('dialog input[type=file]');
  await pick.setInputFiles({ name: 'groot.jwt', mimeType: 'text/plain', buffer: Buffer.alloc(9_000, 'e') });
  await expect(page.locator('dialog [role=alert]')).toContainText('geen geldige goedkeuring');
  await pick.setInputFiles({
    name: 'ok.jwt',
    mimeType: 'text/plain',
    buffer: Buffer.from('eyJhIjoxfQ.e30.AA\n'),
  });
  await expect(page.locator('dialog textarea')).toHaveValue('eyJhIjoxfQ.e30.AA');
  await page.getByRole('button', { name: 'Voeg toe', exact: true }).last().click();
  await expect(late).toContainText('Goedgekeurd tot 31 januari 2027');
});

test('what is no https address gets no key, and what is removed is asked for first', async ({ page }) => {
  await open(page, { lang: 'en' });
  await page.keyboard.press('Control+,');
  const field = page.getByLabel('Address of the sign-in system');
  await field.fill('login.school.example');
  await field.press('Enter');
  await expect(page.locator('main [role=alert]')).toContainText('not an address that begins with https://');
  await field.fill('https://login.school.example');
  await field.press('Enter');
  const one = page.locator('[data-approval]');
  await expect(one).toHaveCount(1);
  await expect(field).toHaveValue('');
  await one.getByRole('button', { name: 'Remove' }).click();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await expect(one).toHaveCount(1);
  await one.getByRole('button', { name: 'Remove' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Remove' }).click();
  await expect(one).toHaveCount(0);
});
