import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { parse } from 'svelte/compiler';
import { describe, expect, it } from 'vitest';

import { REASONS } from '../../src/words/reasons';

const SRC = fileURLToPath(new URL('../../src/', import.meta.url));
const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter(
  (file) => !file.includes('compiled/'),
);
const text = (file: string): string => readFileSync(SRC + file, 'utf8');
const styled = files.filter((file) => file.endsWith('.svelte') || file.endsWith('.css'));

/** Every piece of text in the markup of a component. */
function words(source: string): string[] {
  const found: string[] = [];
  const walk = (node: unknown): void => {
    if (Array.isArray(node)) node.forEach(walk);
    else if (node !== null && typeof node === 'object') {
      const one = node as { type?: string; data?: string; name?: string; value?: unknown };
      if (one.type === 'Text' && one.data) found.push(one.data);
      if (one.type === 'Attribute' && !['aria-label', 'title', 'placeholder', 'alt'].includes(one.name ?? ''))
        return;
      Object.values(one).forEach(walk);
    }
  };
  walk(parse(source, { modern: true }).fragment);
  return found.filter((word) => /\p{L}{2,}/u.test(word));
}

describe('the house rules of the window', () => {
  it('only the bridge knows the shell', () => {
    const knowing = files.filter((file) => /\.(ts|svelte)$/.test(file) && text(file).includes('@tauri-apps'));
    expect(knowing).toEqual(['bridge/tauri.ts']);
  });

  it('parts and state know no screen', () => {
    for (const file of files.filter((one) => /^(parts|state|words)\/.*\.(ts|svelte)$/.test(one))) {
      expect(text(file).includes('/screens/'), file).toBe(false);
    }
  });

  it('no component has words of its own', () => {
    for (const file of files.filter((one) => one.endsWith('.svelte')))
      expect(words(text(file)), file).toEqual([]);
  });

  it('no screen has a style of its own, and no colour stands outside the tokens', () => {
    for (const file of styled) {
      if (file.startsWith('screens/')) expect(text(file).includes('<style'), file).toBe(false);
      if (file === 'style/tokens.css') continue;
      const style = file.endsWith('.css')
        ? text(file)
        : (/<style>([\s\S]*)<\/style>/.exec(text(file))?.[1] ?? '');
      expect(style.match(/#[0-9a-f]{3,8}\b|\b(rgb|hsl|oklch)a?\(/gi), file).toBeNull();
    }
  });

  it('nothing sets an inline style, writes HTML or evaluates text', () => {
    for (const file of files.filter((one) => /\.(ts|svelte)$/.test(one) && !one.includes('fake'))) {
      expect(/\sstyle="|\{@html|innerHTML|\beval\(|new Function/.test(text(file)), file).toBe(false);
    }
    expect(readFileSync(`${SRC}../index.html`, 'utf8')).not.toMatch(/<style|style=|<script(?![^>]*src)/);
  });

  it('the lock of packages names no host', () => {
    expect(readFileSync(`${SRC}../package-lock.json`, 'utf8')).not.toMatch(/"resolved"/);
  });

  it('the reasons of the engine are the reasons that have words', () => {
    const report = readFileSync(`${SRC}../../crates/credential/src/report.rs`, 'utf8');
    const body = /^ {4}Reason \{([\s\S]*?)^ {4}\}/m.exec(report)?.[1] ?? '';
    const engine = Array.from(body.matchAll(/^ +[A-Z]\w* = "(\w+)",$/gm), (match) => match[1] ?? '');
    expect(engine.length).toBeGreaterThan(25);
    expect([...REASONS].sort()).toEqual(engine.sort());
  });

  it('files stay short', () => {
    for (const file of files.filter(
      (one) => /\.(ts|svelte|css)$/.test(one) && one !== 'bridge/contract.ts',
    )) {
      expect(text(file).split('\n').length, file).toBeLessThan(520);
    }
  });
});
