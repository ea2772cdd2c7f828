import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { build, preview } from 'vite';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Where pictures of every screen are put, for a person to look at. */
export const SCREENS = fileURLToPath(new URL('../../../target/screens/', import.meta.url));

/** Builds the window with the invented wallet and serves it on a free port, until the tests end. */
export default async function serve(): Promise<() => Promise<void>> {
  mkdirSync(SCREENS, { recursive: true });
  process.env['VITE_FAKE_BRIDGE'] = '1';
  await build({ root: ROOT, logLevel: 'warn', build: { outDir: 'dist-fake', emptyOutDir: true } });
  const server = await preview({
    root: ROOT,
    logLevel: 'warn',
    build: { outDir: 'dist-fake' },
    preview: { host: '127.0.0.1', port: 4173, strictPort: false },
  });
  const address = server.httpServer.address();
  if (address === null || typeof address === 'string') throw new Error('the preview server has no port');
  process.env['LEERPAS_UI_URL'] = `http://127.0.0.1:${address.port}/`;
  return async () => {
    await server.close();
  };
}
