import { defineConfig } from '@playwright/test';

/** The browser of the system; nothing is downloaded to test with. */
const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

export default defineConfig({
  testDir: './tests/e2e',
  globalSetup: './tests/e2e/serve.ts',
  fullyParallel: true,
  workers: 2,
  retries: 0,
  forbidOnly: true,
  timeout: 60_000,
  reporter: [['list']],
  outputDir: './test-results',
  use: {
    viewport: { width: 1080, height: 720 },
    timezoneId: 'Europe/Amsterdam',
    locale: 'nl-NL',
    contextOptions: { reducedMotion: 'reduce' },
    launchOptions: {
      executablePath: CHROMIUM,
      args: [
        '--headless',
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        // A camera that sees a test picture; a page has it only where a test allows it.
        '--use-fake-device-for-media-stream',
      ],
    },
  },
});
