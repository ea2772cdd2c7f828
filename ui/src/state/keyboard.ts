import { flushSync } from 'svelte';

import type { App, Screen } from './app.svelte';

const BY_NUMBER: readonly Screen[] = ['cards', 'add', 'activity', 'keys', 'settings'];

/** Identifies the search field, which Ctrl+F goes to from anywhere. */
export const SEARCH_FIELD = 'search-cards';

/** The keys that work everywhere. Returns whether the key was one of them. */
export function onKey(event: KeyboardEvent, app: App): boolean {
  const command = event.ctrlKey || event.metaKey;
  if (!command || event.altKey || app.snapshot?.vault !== 'open' || app.welcoming) return false;
  const key = event.key.toLowerCase();
  if (key === 'l') {
    void app.lock();
    return true;
  }
  if (key === '/' || (key === '?' && event.shiftKey)) {
    app.helping = !app.helping;
    return true;
  }
  if (app.stage.shown.stage !== 'idle' || app.helping || app.locksIn !== null) return false;
  if (key === ',') {
    app.go('settings');
    return true;
  }
  if (key === 'f') {
    app.go('cards');
    // At once where it is there already, so that no letter typed after it is lost.
    flushSync();
    document.getElementById(SEARCH_FIELD)?.focus();
    return true;
  }
  const screen = BY_NUMBER[Number(key) - 1];
  if (screen !== undefined) {
    app.go(screen);
    return true;
  }
  return false;
}
