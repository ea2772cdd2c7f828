import type { Bridge } from './bridge';

/** The bridge of this build. */
export async function makeBridge(): Promise<Bridge> {
  if (__FAKE_BRIDGE__) return (await import('./fake')).make();
  return (await import('./tauri')).make();
}
