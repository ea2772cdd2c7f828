import { invoke } from '@tauri-apps/api/core';
import { listen } from '@tauri-apps/api/event';

import { type Bridge, CallFailed, asFailure } from './bridge';

/** The bridge to the shell. The only place that knows Tauri. */
export function make(): Bridge {
  return {
    async call(name, args) {
      try {
        return await invoke(name, { ...args });
      } catch (cause) {
        throw new CallFailed(asFailure(cause));
      }
    },
    on(name, handler) {
      return listen(name, (event) => {
        handler(event.payload as Parameters<typeof handler>[0]);
      });
    },
  };
}
