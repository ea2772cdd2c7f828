import { settled } from './screens';
import { expect, open, paste, picture, test } from './window';

const PHRASE = 'de fiets staat in de regen';

test('from the first start to a shared answer, by keyboard alone', async ({ page }) => {
  await open(page, { vault: 'missing' });
  const keys = page.keyboard;

  /** Walks with Tab until the named control has the focus, as a person would. */
  async function tabTo(name: string | RegExp): Promise<void> {
    for (let step = 0; step < 60; step += 1) {
      await keys.press('Tab');
      const reached = await page.evaluate(() => {
        const element = document.activeElement as HTMLElement | null;
        if (!element) return '';
        const labels = (element as HTMLInputElement).labels;
        return (
          element.getAttribute('aria-label') ??
          (labels?.[0] ? labels[0].textContent : element.textContent) ??
          ''
        ).trim();
      });
      if (typeof name === 'string' ? reached === name : name.test(reached)) return;
    }
    throw new Error(`no way by keyboard to ${name}`);
  }

  await tabTo('Begin');
  await keys.press('Enter');
  await expect(page.locator('h1')).toBeFocused();
  await tabTo('Wachtzin');
  await keys.type(PHRASE);
  await tabTo('Nog een keer');
  await keys.type(PHRASE);
  await keys.press('Enter');

  await expect(page.locator('h1')).toHaveText('Bewaar je herstelsleutel');
  await expect(page.locator('h1')).toBeFocused();
  const second = await page.locator('ol li .group').nth(1).textContent();
  await tabTo('Ik heb de sleutel bewaard');
  await keys.press('Enter');
  await tabTo('Tweede groep');
  await keys.type((second ?? '').toLowerCase());
  await keys.press('Enter');
  await expect(page.locator('article')).toHaveCount(6);

  await keys.press('Control+2');
  await expect(page.locator('h1')).toBeFocused();
  await tabTo('Link of tekst');
  await keys.type('openid-credential-offer://?credential_offer=x');
  await tabTo('Ga verder');
  await keys.press('Enter');

  await expect(page.locator('h1')).toHaveText('Er is een kaart voor je');
  await expect(page.locator('h1')).toBeFocused();
  await tabTo('Code');
  await keys.type('47');
  await settled(page);
  await keys.press('Enter');
  await expect(page.getByRole('alert')).toHaveText('De code heeft 4 tekens.');
  await keys.type('29');
  await keys.press('Enter');

  await expect(page.locator('h1')).toHaveText('Kijk of je kaart klopt');
  await settled(page);
  await tabTo('Bewaar deze kaart');
  await keys.press('Enter');
  await expect(page.locator('h1')).toHaveText('Je kaart is bewaard');
  await tabTo('Naar mijn kaarten');
  await keys.press('Enter');
  await expect(page.locator('article')).toHaveCount(7);

  await paste(page, 'openid4vp://?request_uri=x');
  await expect(page.locator('h1')).toHaveText('Zorggroep De Linde vraagt gegevens');
  await settled(page);
  await tabTo(/^Geboortedatum/);
  await keys.press('Space');
  await tabTo('Deel 7 gegevens');
  await keys.press('Enter');
  await expect(page.locator('h1')).toHaveText('Je gegevens zijn gedeeld');
  await expect(page.locator('.lead')).toContainText('7 gegevens');
  await tabTo('Bekijk bij Activiteit');
  await keys.press('Enter');
  await expect(page.locator('main li').first()).toContainText('Gedeeld en bevestigd');

  await keys.press('Control+l');
  await expect(page.locator('h1')).toHaveText('Leerpas is vergrendeld');
  await expect(page.locator('body')).not.toContainText('De Linde');
  await keys.type(PHRASE);
  await keys.press('Enter');
  await expect(page.locator('article')).toHaveCount(7);
});

test('the arrows, Enter and Escape go through the cards', async ({ page }) => {
  await open(page);
  await expect(page.locator('article')).toHaveCount(6);
  await page.keyboard.press('Control+f');
  await page.keyboard.press('ArrowDown');
  await expect(page.locator('[data-card]').first()).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(page.locator('article.large')).toContainText('Duurzaam bouwen met hout');
  await page.keyboard.press('Escape');
  await expect(page.locator('article.large')).toHaveCount(0);
  await expect(page.locator('[data-card]').nth(1)).toBeFocused();
});

test('a press that comes too early is lost, and declining sends nothing', async ({ page }) => {
  await open(page);
  await paste(page, 'openid4vp://x');
  const share = page.getByRole('button', { name: 'Deel 8 gegevens' });
  await share.dispatchEvent('click');
  await expect(page.locator('h1')).toHaveText('Zorggroep De Linde vraagt gegevens');
  await settled(page);
  const [one, two] = [
    await share.boundingBox(),
    await page.getByRole('button', { name: 'Weiger' }).boundingBox(),
  ];
  expect(one?.height).toBe(two?.height);
  expect(Math.abs((one?.x ?? 0) + (one?.width ?? 0) - (two?.x ?? 0))).toBeLessThan(24);
  await page.getByRole('button', { name: 'Weiger' }).click();
  await expect(page.getByText('Er zijn geen gegevens verstuurd.')).toBeVisible();
});

test('another card can be chosen, and the answer carries the fingerprint that was shown', async ({
  page,
}) => {
  await open(page);
  await page.evaluate(() => {
    const fake = (globalThis as unknown as { leerpasFake: { engine: { call: unknown } } }).leerpasFake
      .engine as {
      call: (name: string, args: unknown) => Promise<unknown>;
    };
    const call = fake.call.bind(fake);
    fake.call = (name, args) => {
      if (name === 'answer') Object.assign(globalThis, { answered: args });
      return call(name, args);
    };
  });
  await paste(page, 'openid4vp://x');
  await page.getByLabel('Welke kaart').selectOption({ label: 'Duurzaam bouwen met hout' });
  await page.getByRole('checkbox').uncheck();
  await settled(page);
  await page.getByRole('button', { name: 'Deel 7 gegevens' }).click();
  await expect(page.locator('.outcome')).toBeVisible();
  expect(await page.evaluate(() => (globalThis as unknown as { answered: unknown }).answered)).toEqual({
    answer: {
      answer: 'share',
      fingerprint: 'f1-6b86b273ff34fce1',
      cards: [{ query: 'course', card: 'c-hout' }],
      without: [{ query: 'course', path: 'birthdate' }],
    },
  });
});

test('work can be stopped', async ({ page }) => {
  await open(page);
  await paste(page, 'test:work:credential');
  await expect(page.locator('.lead')).toHaveText('Leerpas haalt je kaart op.');
  await page.getByRole('button', { name: 'Stop' }).click();
  await expect(page.locator('h1')).toHaveText('Kaarten');
});

test('a failure says what happened, what to do and where, and trying again begins anew', async ({ page }) => {
  await open(page);
  await paste(page, 'test:fail:unreachable');
  await expect(page.locator('h1')).toHaveText('De andere kant is niet te bereiken.');
  await expect(page.getByText('Het stopte bij: de instelling controleren.')).toBeVisible();
  const first = await page.locator('h1').elementHandle();
  await page.getByRole('button', { name: 'Probeer opnieuw' }).click();
  // The second failure looks like the first, so wait until that one is gone.
  await page.waitForFunction((heading) => heading?.isConnected === false, first);
  await expect(page.locator('h1')).toHaveText('De andere kant is niet te bereiken.');
  await page.getByRole('button', { name: 'Sluit' }).click();
  await expect(page.locator('h1')).toHaveText('Kaarten');
  await paste(page, 'zomaar wat tekst');
  await expect(page.locator('h1')).toHaveText('Leerpas herkent dit niet.');
});

test('a dropped file is read, one that is too large is refused before it is sent', async ({ page }) => {
  await open(page);
  const drop = (name: string, type: string, size: number): Promise<void> =>
    page.evaluate(
      ([file, kind, bytes]) => {
        const data = new DataTransfer();
        data.items.add(new File([new Uint8Array(bytes)], file, { type: kind }));
        window.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
      },
      [name, type, size] as const,
    );
  await drop('groot.png', 'image/png', 10 * 1024 * 1024 + 1);
  await expect(page.locator('h1')).toHaveText('Dit is te groot voor Leerpas.');
  await page.getByRole('button', { name: 'Sluit' }).click();
  await expect(page.locator('h1')).toHaveText('Kaarten');
  await drop('verslag.pdf', 'application/pdf', 10);
  await expect(page.locator('h1')).toHaveText('Leerpas herkent dit niet.');
  await page.getByRole('button', { name: 'Sluit' }).click();
  await expect(page.locator('h1')).toHaveText('Kaarten');
  await drop('badge-half.png', 'image/png', 10);
  await expect(page.locator('h1')).toHaveText('Dit badgebestand is niet compleet of is veranderd.');
  await page.getByRole('button', { name: 'Sluit' }).click();
  await expect(page.locator('h1')).toHaveText('Kaarten');
  await drop('badge.png', 'image/png', 10);
  await expect(page.locator('h1')).toHaveText('Kijk of je kaart klopt');
});

test('a chosen file and a pasted picture go the same way', async ({ page }) => {
  await open(page);
  await page.keyboard.press('Control+2');
  await page
    .locator('input[type="file"]')
    .setInputFiles({ name: 'qr.png', mimeType: 'image/png', buffer: Buffer.from('x') });
  await expect(page.locator('h1')).toHaveText('Er is een kaart voor je');
  await page.getByRole('button', { name: 'Nee, stop' }).click();
  await expect(page.locator('h1')).toHaveText('Kaart of vraag toevoegen');
  await page.evaluate(() => {
    const data = new DataTransfer();
    data.items.add(new File(['x'], 'qr.png', { type: 'image/png' }));
    document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true }));
  });
  await expect(page.locator('h1')).toHaveText('Er is een kaart voor je');
});

test('the idle lock warns a minute before, can be put off, and then clears the window', async ({ page }) => {
  await page.clock.install({ time: new Date('2026-11-24T09:30:00Z') });
  await page.goto(`${process.env['LEERPAS_UI_URL']}?vault=open&lang=nl&theme=light&lock=2`);
  await page.clock.runFor(500);
  await expect(page.locator('article')).toHaveCount(6);
  await page.clock.runFor(62_000);
  await expect(page.getByRole('alertdialog')).toContainText('Ben je er nog?');
  await picture(page, 'idle-nl-light');
  await page.getByRole('button', { name: 'Ik ben er nog' }).click();
  await expect(page.getByRole('alertdialog')).toHaveCount(0);
  await page.clock.runFor(62_000);
  await expect(page.getByRole('alertdialog')).toBeVisible();
  await page.clock.runFor(61_000);
  await expect(page.locator('h1')).toHaveText('Leerpas is vergrendeld');
  await expect(page.locator('article')).toHaveCount(0);
  await expect(page.locator('body')).not.toContainText('Data-analyse');
});

test('language and colours change at once and without a restart', async ({ page }) => {
  await open(page);
  await page.keyboard.press('Control+,');
  await page.getByRole('radio', { name: 'English' }).check();
  await expect(page.locator('h1')).toHaveText('Settings');
  await expect(page.locator('html')).toHaveAttribute('lang', 'en');
  const ground = (): Promise<string> =>
    page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const light = await ground();
  await page.getByRole('radio', { name: 'Dark' }).check();
  await expect.poll(ground).not.toBe(light);
});

test('a lost passphrase is replaced with the recovery key', async ({ page }) => {
  await open(page, { vault: 'locked' });
  await page.getByRole('button', { name: 'Wachtzin vergeten?' }).click();
  await page.getByLabel('Herstelsleutel', { exact: true }).fill('qx7m 4htp w2kd 9rcf vj5n 8zbg t3ls y6ea');
  await page.getByLabel('Nieuwe wachtzin').fill(PHRASE);
  await page.getByLabel('Nog een keer').fill(PHRASE);
  await page.getByRole('button', { name: 'Herstel en open' }).click();
  await expect(page.locator('article')).toHaveCount(6);
});

test('a thousand cards are there, drawn as they are needed, and found as one types', async ({ page }) => {
  await open(page, { cards: 1000 });
  await expect(page.getByText('1000 kaarten')).toBeVisible();
  expect(await page.locator('article').count()).toBeLessThan(200);
  await page.keyboard.press('Control+f');
  await page.keyboard.type('hout 997');
  await expect(page.locator('article')).toHaveCount(1);
  await expect(page.locator('mark').first()).toHaveText('hout');
});

test('a link that another program opened is looked at only after a yes', async ({ page }) => {
  await open(page);
  await paste(page, 'test:contact');
  await expect(page.locator('h1')).toHaveText('Wil je hier kijken?');
  await expect(page.locator('main')).toContainText(
    'Wat binnenkwam, verwijst naar bewijs.amstelland.example. Wil je daar kijken?',
  );
  await page.getByRole('button', { name: 'Nee, stop' }).click();
  await expect(page.locator('article')).toHaveCount(6);

  await paste(page, 'test:contact');
  await expect(page.locator('h1')).toHaveText('Wil je hier kijken?');
  await settled(page);
  await page.getByRole('button', { name: 'Ja, laat zien' }).click();
  await expect(page.locator('h1')).toHaveText('Er is een kaart voor je');
});

test('two settings changed in one breath are both kept', async ({ page }) => {
  await open(page, { lang: 'nl', theme: 'light', delay: 80 });
  await page.keyboard.press('Control+,');
  await page.evaluate(() => {
    for (const radio of document.querySelectorAll<HTMLInputElement>('input[type=radio]')) {
      if (['en', 'dark'].includes(radio.value)) radio.click();
    }
  });
  await expect(page.locator('h1')).toHaveText('Settings');
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
});
