import { expect, open, test } from './window';

const LOGO = 'img[src^="data:image/svg+xml;base64,"]';

test('an institution of the list has its logo, on its cards and beside its name, and nobody else has one', async ({
  page,
}) => {
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  await open(page);
  const card = (issuer: string) =>
    page.locator('article', { has: page.locator('.issuer', { hasText: issuer }) });
  const listed = card('Hogeschool Amstelland').first();
  await expect(listed.locator(`.issuer ${LOGO}`)).toBeVisible();
  await expect(card('ROC Waterkant').first().locator(`.issuer ${LOGO}`)).toHaveCount(0);
  // A listed one without a logo has none either.
  await expect(card('Universiteit Noorderlicht').first().locator(`.issuer ${LOGO}`)).toHaveCount(0);

  await listed.getByRole('button').first().click();
  const party = page.locator('.party', { hasText: 'Hogeschool Amstelland' });
  await expect(party.locator(LOGO)).toBeVisible();
  const width = await party.locator(LOGO).evaluate((image: HTMLImageElement) => image.naturalWidth);
  expect(width, 'it is a picture that the browser can draw').toBeGreaterThan(0);
  expect(
    asked.filter((url) => !url.startsWith(process.env['LEERPAS_UI_URL'] ?? '') && !url.startsWith('data:')),
  ).toEqual([]);
});

test('a status that is not fresh says in the list since when it is known', async ({ page }) => {
  await open(page);
  await expect(page.locator('[data-card]').first()).toBeVisible();
  await expect(page.locator('article .status', { hasText: 'Laatst bekend op' }).first()).toBeVisible();
});
