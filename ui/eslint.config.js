import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';

import svelteConfig from './svelte.config.js';

const tauri = {
  group: ['@tauri-apps/*'],
  message: 'Only src/bridge talks to the shell.',
};

export default ts.config(
  {
    ignores: ['dist*/', 'test-results/', 'src/words/compiled/', 'src/bridge/contract.ts', 'project.inlang/'],
  },
  js.configs.recommended,
  ...ts.configs.strict,
  ...svelte.configs.recommended,
  prettier,
  ...svelte.configs.prettier,
  { languageOptions: { globals: { ...globals.browser, ...globals.node } } },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: {
      parserOptions: { parser: ts.parser, extraFileExtensions: ['.svelte'], svelteConfig },
    },
  },
  {
    rules: {
      'no-eval': 'error',
      'no-console': 'error',
      'svelte/no-at-html-tags': 'error',
      'no-restricted-imports': ['error', { patterns: [tauri] }],
    },
  },
  {
    files: ['src/parts/**', 'src/state/**', 'src/words/**'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            tauri,
            { group: ['**/screens/**'], message: 'Screens stand on these, not the other way round.' },
          ],
        },
      ],
    },
  },
  {
    files: ['src/bridge/tauri.ts'],
    rules: { 'no-restricted-imports': 'off' },
  },
);
