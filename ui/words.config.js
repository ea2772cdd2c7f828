import { compile } from '@inlang/paraglide-js';

/** How the words become functions; vite.config.ts says the same to its plugin. */
export const WORDS = {
  project: './project.inlang',
  outdir: './src/words/compiled',
  strategy: ['baseLocale'],
  outputStructure: 'locale-modules',
};

if (process.argv[1] === import.meta.filename) await compile(WORDS);
