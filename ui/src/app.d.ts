/** Whether this build speaks to the invented wallet instead of the shell; see vite.config.ts. */
declare const __FAKE_BRIDGE__: boolean;
