import { svelte } from '@sveltejs/vite-plugin-svelte';
import { paraglideVitePlugin } from '@inlang/paraglide-js';
import { defineConfig } from 'vite';

/** The policy of the shell's window, for a page that a web server serves: only `connect-src` differs. */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "object-src 'none'",
].join('; ');

export default defineConfig({
  base: './',
  plugins: [
    paraglideVitePlugin({
      project: './project.inlang',
      outdir: './src/words/compiled',
      strategy: ['baseLocale'],
      outputStructure: 'locale-modules',
    }),
    svelte(),
  ],
  define: {
    // The invented wallet is chosen while building, so that a release cannot hold it.
    __FAKE_BRIDGE__: JSON.stringify(process.env['VITE_FAKE_BRIDGE'] === '1'),
  },
  build: {
    target: 'es2022',
    // A font or picture as a `data:` URL would need a wider policy.
    assetsInlineLimit: 0,
    modulePreload: false,
  },
  server: { port: 1420, strictPort: true },
  preview: { headers: { 'Content-Security-Policy': CONTENT_SECURITY_POLICY } },
});
