// The real window under Xvfb, driven through WebKitWebDriver (W3C WebDriver over plain HTTP on loopback).
import { execFile } from 'node:child_process';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { bin, freePort, screens, start } from '../support/programs.mjs';

const run = promisify(execFile);
const ELEMENT = 'element-6066-11e4-a52e-4f735466cecf';

/** Starts a screen, a driver and the window; `binary` is what the driver starts, which may start the window in its own way. */
export async function openWindow(args, { width = 1080, height = 720, env = {}, binary = path.join(bin, 'leerpas-app') } = {}) {
  const display = `:${90 + (process.pid % 400)}`;
  // As large as the window, so that a picture of the screen is a picture of the window.
  const screen = start('Xvfb', [display, '-screen', '0', `${width}x${height}x24`, '-nolisten', 'tcp'], { quiet: true });
  const port = await freePort();
  const inside = { ...process.env, ...env, DISPLAY: display, TAURI_WEBVIEW_AUTOMATION: 'true', WEBKIT_DISABLE_COMPOSITING_MODE: '1', NO_AT_BRIDGE: '1', GTK_A11Y: 'none' };
  delete inside.WAYLAND_DISPLAY;
  const driver = start('WebKitWebDriver', [`--port=${port}`, '--host=127.0.0.1'], { env: inside, quiet: true });
  const call = async (method, where, body) => {
    const answer = await fetch(`http://127.0.0.1:${port}${where}`, {
      method,
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const { value } = await answer.json();
    if (!answer.ok) throw Object.assign(new Error(`${method} ${where}: ${value?.error} ${value?.message}`), { code: value?.error });
    return value;
  };
  await until('the driver listens', () => call('GET', '/status').then((s) => s.ready).catch(() => false));
  const { sessionId } = await call('POST', '/session', {
    capabilities: {
      alwaysMatch: { 'webkitgtk:browserOptions': { binary, args } },
    },
  });
  const at = `/session/${sessionId}`;
  await call('POST', `${at}/window/rect`, { width, height }).catch(() => {});
  const window = {
    /** What programs on this screen are started with. */
    env: inside,
    /** Runs a function body in the page. */
    run: (script, ...values) => call('POST', `${at}/execute/sync`, { script, args: values }),
    runAsync: (script, ...values) => call('POST', `${at}/execute/async`, { script, args: values }),
    find: async (xpath) => {
      // A screen that changes while the driver looks has, at that moment, no such element.
      const found = await call('POST', `${at}/elements`, { using: 'xpath', value: xpath }).catch(gone([]));
      return found.map((each) => each[ELEMENT]);
    },
    /** Waits for one element and gives it. */
    wait: async (xpath) => {
      const [element] = await until(xpath, async () => {
        const found = await window.find(xpath);
        return found.length > 0 && found;
      });
      return element;
    },
    /** Does something to one element, and again to the new one if the screen drew itself anew in between. */
    act: (xpath, act) =>
      until(xpath, async () => {
        const [element] = await window.find(xpath);
        if (element === undefined) return false;
        return Promise.resolve(act(`${at}/element/${element}`)).then(() => true, gone(false));
      }),
    click: async (xpath) => {
      await window.wait(xpath);
      // The buttons that send something do not hear a press in their first half second.
      await until('the buttons are ready', async () => (await window.find('//button[@data-ready="false"]')).length === 0);
      await window.act(xpath, (element) => call('POST', `${element}/click`, {}));
    },
    type: (xpath, text) =>
      window.act(xpath, async (element) => {
        await call('POST', `${element}/clear`, {});
        await call('POST', `${element}/value`, { text });
      }),
    upload: (xpath, file) => window.act(xpath, (element) => call('POST', `${element}/value`, { text: file })),
    text: async () => window.run('return document.body.innerText'),
    // The screen itself, not what the driver thinks of it.
    picture: (name) => run('import', ['-display', display, '-window', 'root', path.join(screens, `window-${name}.png`)]),
    close: async () => {
      await call('DELETE', at).catch(() => {});
      await driver.stop();
      await screen.stop();
    },
  };
  return window;
}

/** What stands in for an element that was taken off the screen; every other error stays one. */
function gone(instead) {
  return (error) => {
    if (error.code === 'stale element reference') return instead;
    throw error;
  };
}

/** Asks again and again until the answer is true, 20 seconds at most. */
export async function until(what, ask) {
  for (const begun = Date.now(); Date.now() - begun < 20_000; await pause(100)) {
    const answer = await ask();
    if (answer) return answer;
  }
  throw new Error(`waited in vain: ${what}`);
}

/** An XPath for a button or link with this text. */
export const button = (text) => `//*[self::button or self::a][normalize-space(.)=${quoted(text)} or @aria-label=${quoted(text)}]`;

/** An XPath for the field with this label. */
export const field = (label) =>
  `//*[self::input or self::textarea or self::select][@id=//label[contains(normalize-space(.), ${quoted(label)})]/@for or ancestor::label[contains(normalize-space(.), ${quoted(label)})] or @aria-label=${quoted(label)}]`;

function quoted(text) {
  return text.includes("'") ? `"${text}"` : `'${text}'`;
}
