// The package as a learner gets it, unpacked beside the system: its entry, its programs, and links that the desktop opens. It
// has to be built before (`cargo xtask bench` does); where it is not, this test says so.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { bin, folder, start } from '../support/programs.mjs';
import { button, field, openWindow, until } from './driver.mjs';

const PASSPHRASE = 'negen groene fietsen in de regen';
const SCHEMES = ['openid4vp', 'openid-credential-offer', 'haip-vp', 'haip-vci'];
const request = (host) =>
  `openid4vp://?client_id=x509_san_dns%3A${host}&request_uri=${encodeURIComponent(`https://${host}/r`)}`;

/** The newest package, or nothing. */
function built() {
  const place = process.env.LEERPAS_DEB_FOLDER ?? path.resolve(bin, '../release/bundle/deb');
  const names = existsSync(place) ? readdirSync(place).filter((name) => name.endsWith('.deb')) : [];
  return names.length > 0 ? path.join(place, names.sort().at(-1)) : undefined;
}

/** The processes that run this very file. */
function processesOf(program) {
  return readdirSync('/proc').filter((id) => {
    try {
      return readlinkSync(`/proc/${id}/exe`) === program;
    } catch {
      return false;
    }
  });
}

const missing = ['dpkg-deb', 'xdg-open', 'gio', 'dbus-daemon'].filter((name) => spawnSync('which', [name]).status !== 0);

test('the package takes a link that the desktop opens, the first time and again while it runs', async (t) => {
  const deb = built();
  if (!deb) return t.skip('no package has been built: cargo xtask bench makes one');
  if (missing.length > 0) return t.skip(`there is no ${missing.join(', ')} here`);
  const place = folder();
  const at = (name) => path.join(place.path, name);
  for (const name of ['home', 'data', 'config', 'cache', 'run']) mkdirSync(at(name), { mode: 0o700 });
  execFileSync('dpkg-deb', ['-x', deb, at('root')]);
  const bus = start('dbus-daemon', ['--session', '--nofork', '--print-address'], { quiet: true });
  const env = {
    PATH: `${at('root/usr/bin')}:/usr/bin:/bin`,
    HOME: at('home'),
    XDG_DATA_HOME: at('data'),
    XDG_DATA_DIRS: `${at('root/usr/share')}:/usr/share`,
    XDG_CONFIG_HOME: at('config'),
    XDG_CACHE_HOME: at('cache'),
    XDG_RUNTIME_DIR: at('run'),
    // Where there is no desktop, an older `xdg-open` takes a scheme with a digit in it for a file.
    XDG_CURRENT_DESKTOP: 'GNOME',
    LANG: 'C.UTF-8',
    LEERPAS_PASSPHRASE: PASSPHRASE,
  };
  let window;
  try {
    env.DBUS_SESSION_BUS_ADDRESS = await bus.firstLine();
    // What an installation tells the desktop, by what the package says of itself.
    const entry = readFileSync(at('root/usr/share/applications/Leerpas.desktop'), 'utf8');
    for (const scheme of SCHEMES) {
      assert.ok(entry.includes(`x-scheme-handler/${scheme};`), scheme);
      execFileSync('xdg-mime', ['default', 'Leerpas.desktop', `x-scheme-handler/${scheme}`], { env });
    }
    execFileSync('leerpas', ['--json', 'init'], { env });

    // Cold: nothing runs yet. The driver starts the desktop's tool, and that starts the program.
    const opener = at('open.sh');
    writeFileSync(opener, '#!/bin/sh\nxdg-open "$1" || exit 1\nexec sleep 300\n', { mode: 0o755 });
    window = await openWindow([request('koud.example')], { env, binary: opener });
    const running = () => processesOf(at('root/usr/bin/leerpas-app'));
    await window.wait(field('Wachtzin'));
    assert.ok((await window.text()).includes('Er wacht een link.'));
    await window.type(field('Wachtzin'), PASSPHRASE);
    await window.click(button('Open'));
    await window.wait('//*[contains(normalize-space(.), "koud.example")]');
    await window.click(button('Nee, stop'));
    await until('the screen is free', async () => (await window.find(button('Nee, stop'))).length === 0);

    // Warm: a second start hands its link over and ends.
    const [first] = running();
    execFileSync('xdg-open', [request('warm.example')], { env: window.env });
    await window.wait('//*[contains(normalize-space(.), "warm.example")]');
    await window.wait(button('Nee, stop'));
    await until('the second start ended', () => running().join() === first);
  } finally {
    await window?.close();
    await bus.stop();
    place.remove();
  }
});
