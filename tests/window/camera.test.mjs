// The camera in the real window, on WebKitGTK: with the pictures that WebKit makes up for tests, and with none at all.
// A driven window is asked for no permission; what the window answers to one is tried in src-tauri/camera.rs.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { folder, startTrial } from '../support/programs.mjs';
import { button, field, openWindow, until } from './driver.mjs';

const PASSPHRASE = 'negen groene fietsen in de regen';
const [ON, OFF] = ['Zet de camera aan', 'Zet de camera uit'];

let place, trial;

before(async () => {
  place = folder();
  trial = await startTrial(place.path);
});

after(async () => {
  await trial?.stop();
  place?.remove();
});

/** A window with its vault open, at the place where things come in. */
async function opened(env) {
  const own = folder();
  const window = await openWindow(['--trial', place.path, '--profile', own.path], { env });
  await window.click(button('Begin'));
  await window.wait('//h1[contains(., "Kies een wachtzin")]');
  await window.type(field('Wachtzin'), PASSPHRASE);
  await window.type(field('Nog een keer'), PASSPHRASE);
  await window.click(button('Maak mijn Leerpas'));
  await window.wait('//h1[contains(., "Bewaar je herstelsleutel")]');
  const groups = await window.run(
    `return [...document.querySelectorAll('ol li, [data-group]')].map((e) => e.innerText.match(/[0-9A-Z]{4}$/m)?.[0]).filter(Boolean)`,
  );
  await window.click(button('Ik heb de sleutel bewaard'));
  await window.type(field('Tweede groep'), groups[1]);
  await window.click(button('Open mijn Leerpas'));
  await window.click(button('Ontvangen'));
  return { window, close: async () => { await window.close(); own.remove(); } };
}

test('the camera of the window is looked through, and goes off', async () => {
  const { window, close } = await opened({ LEERPAS_TEST_CAMERA: '1' });
  try {
    await window.click(button(ON));
    const playing = `const video = document.querySelector('video');
      return video !== null && video.videoWidth > 0 && video.srcObject !== null && video.currentTime > 0`;
    await until('pictures come', () => window.run(playing));
    await window.run(`globalThis.track = document.querySelector('video').srcObject.getVideoTracks()[0]; return null`);
    assert.equal(await window.run('return globalThis.track.readyState'), 'live');
    // Each picture went to the engine and held no code; after a while the person hears what helps.
    const seen = `return Number(document.querySelector('[data-seen]').dataset.seen)`;
    await until('the engine looked at two pictures', async () => (await window.run(seen)) >= 2);
    await until('it says what helps', async () => (await window.text()).includes('Er is nog geen code gelezen'));
    await window.run(`document.querySelector('video').scrollIntoView({ block: 'center' }); return null`);
    await window.picture('camera');
    await window.click(button(OFF));
    await until('it is off', () => window.run(`return globalThis.track.readyState === 'ended'`));
  } finally {
    await close();
  }
});

test('a computer without a camera is told what works instead', async () => {
  const { window, close } = await opened({});
  try {
    await window.click(button(ON));
    await until('it says so', async () => (await window.text()).includes('Leerpas vindt hier geen camera'));
    assert.equal(await window.run(`return document.querySelector('video') === null`), true);
  } finally {
    await close();
  }
});
