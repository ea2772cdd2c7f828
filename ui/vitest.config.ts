import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  plugins: [svelte()],
  define: { __FAKE_BRIDGE__: 'true' },
  test: { include: ['tests/unit/**/*.test.ts'], environment: 'node' },
});
