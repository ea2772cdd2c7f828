import { readdirSync, readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { REASONS } from '../../src/words/reasons';
import { checkSentence, failureWords, m, word } from '../../src/words/words';

type Words = Record<string, unknown>;
const source = (language: string): string =>
  readFileSync(new URL(`../../src/words/${language}.json`, import.meta.url), 'utf8');
const read = (language: string): Words => JSON.parse(source(language)) as Words;
const nl = read('nl');
const en = read('en');
const contract = readFileSync(new URL('../../src/bridge/contract.ts', import.meta.url), 'utf8');

/** Every text of one message, plural forms too. */
function texts(message: unknown): string[] {
  if (typeof message === 'string') return [message];
  if (Array.isArray(message))
    return message.flatMap((one: { match: Words }) => Object.values(one.match) as string[]);
  return [];
}

/** The members of the union in the contract, so that a new kind without words fails here. */
function errorKinds(): string[] {
  const union = /export type ErrorKind =([\s\S]*?);/.exec(contract)?.[1] ?? '';
  return Array.from(union.matchAll(/'([a-z_]+)'/g), (match) => match[1] ?? '');
}

describe('the words', () => {
  it('are the same set in both languages, and none is empty', () => {
    expect(Object.keys(nl)).toEqual(Object.keys(en));
    for (const [language, words] of [
      ['nl', nl],
      ['en', en],
    ] as const) {
      for (const [key, message] of Object.entries(words)) {
        if (key === '$schema') continue;
        expect(
          texts(message).every((text) => text.trim() !== ''),
          `${language} ${key}`,
        ).toBe(true);
        expect(texts(message).length, `${language} ${key}`).toBeGreaterThan(0);
      }
    }
  });

  it('have each name once, because a second one would silently win', () => {
    for (const language of ['nl', 'en']) {
      const names = Array.from(source(language).matchAll(/^ {2}"([^"]+)":/gm), (match) => match[1]);
      expect(names.length).toBeGreaterThan(400);
      expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
    }
  });

  it('name the same values in both languages', () => {
    const values = (message: unknown): string[] => [
      ...new Set(
        texts(message).flatMap((text) => Array.from(text.matchAll(/\{(\w+)\}/g), (match) => match[1] ?? '')),
      ),
    ];
    for (const key of Object.keys(nl)) expect(values(nl[key]).sort(), key).toEqual(values(en[key]).sort());
  });

  it('say for every error kind what happened and what to do', () => {
    const kinds = errorKinds();
    expect(kinds.length).toBeGreaterThan(40);
    for (const kind of kinds) {
      for (const words of [nl, en]) {
        expect(words[`error_${kind}_what`], kind).toBeTypeOf('string');
        expect(words[`error_${kind}_do`], kind).toBeTypeOf('string');
      }
    }
    const known = Object.keys(nl).flatMap((key) => /^error_(\w+)_what$/.exec(key)?.[1] ?? []);
    expect(known.sort()).toEqual(kinds.sort());
  });

  it('have a name and a sentence for every check with every result', () => {
    const names = Array.from(
      (/`format`[\s\S]*?`schema`/.exec(contract)?.[0] ?? '').matchAll(/`(\w+)`/g),
      (match) => match[1] ?? '',
    );
    expect(names).toHaveLength(17);
    for (const name of names) {
      expect(word(`check_${name}`), name).toBeDefined();
      for (const result of ['pass', 'warn', 'fail', 'unknown']) {
        expect(word(`check_${name}_${result}`), `${name} ${result}`).toBeDefined();
        expect(word(`result_${result}`)).toBeDefined();
      }
    }
  });

  it('have a sentence for every reason, which comes before that of the check', () => {
    for (const reason of REASONS) {
      for (const words of [nl, en]) expect(words[`reason_${reason}`], reason).toBeTypeOf('string');
      expect(checkSentence('status', 'pass', reason)).toBe(word(`reason_${reason}`));
    }
    const known = Object.keys(nl).flatMap((key) => /^reason_(\w+)$/.exec(key)?.[1] ?? []);
    expect(known.sort()).toEqual([...REASONS].sort());
    expect(checkSentence('status', 'pass', 'a_new_one')).toBe(word('check_status_pass'));
    expect(checkSentence('status', 'pass', null)).toBe(word('check_status_pass'));
  });

  it('name every further fact that the engine may give', () => {
    const learning = readFileSync(new URL('../../../crates/core/src/learning.rs', import.meta.url), 'utf8');
    const list = /PARTICULARS: &\[&str\] = &\[([\s\S]*?)\];/.exec(learning)?.[1] ?? '';
    const names = Array.from(list.matchAll(/"(\w+)"/g), (match) => match[1] ?? '');
    expect(names.length).toBeGreaterThan(10);
    for (const name of names) {
      for (const words of [nl, en]) expect(words[`fact_${name}`], name).toBeTypeOf('string');
    }
  });

  it('name every unit of study load that the engine knows', () => {
    for (const unit of ['ECTS', 'SBU', 'hours', 'credits']) {
      for (const words of [nl, en]) expect(words[`unit_${unit}`], unit).toBeTypeOf('string');
    }
  });

  it('cover every status, evidence, verdict, step, outcome and fact that the contract names', () => {
    const wanted = [
      ...['valid', 'not_yet_valid', 'expired', 'revoked', 'suspended', 'invalid', 'unknown'].flatMap(
        (status) => [`status_${status}`, `status_${status}_next`],
      ),
      ...['listed', 'own', 'proved', 'claimed'].flatMap((evidence) => [
        `evidence_${evidence}`,
        `evidence_${evidence}_why`,
      ]),
      ...['valid', 'invalid', 'unknown'].flatMap((verdict) => [
        `verdict_${verdict}`,
        `verdict_${verdict}_lead`,
      ]),
      ...['offer', 'metadata', 'token', 'credential', 'verify', 'request', 'response'].map(
        (step) => `working_${step}`,
      ),
      ...['offer', 'metadata', 'token', 'credential', 'verify', 'request', 'match', 'response', 'vault'].map(
        (step) => `step_${step}`,
      ),
      ...['received', 'imported', 'shared', 'deleted'].flatMap((kind) => [
        `activity_kind_${kind}`,
        `outcome_done_${kind}`,
      ]),
      ...['declined', 'failed', 'uncertain', 'started'].map((outcome) => `outcome_${outcome}`),
      ...[
        'language',
        'assessment',
        'supervision',
        'participation',
        'quality',
        'programme',
        'result',
        'criteria',
      ].map((fact) => `fact_${fact}`),
    ];
    for (const key of wanted) expect(word(key), key).toBeDefined();
  });

  it('are not reached by a name from outside that is no word', () => {
    for (const key of ['__proto__', 'constructor', 'toString', 'error_constructor_what']) {
      expect(word(key)).toBeUndefined();
    }
    expect(Object.keys(m).length).toBeGreaterThan(500);
  });

  it('are all said somewhere', () => {
    const src = new URL('../../src/', import.meta.url);
    const source = readdirSync(src, { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.(ts|svelte)$/.test(file) && !file.includes('compiled'))
      .map((file) => readFileSync(new URL(file, src), 'utf8'))
      .join('\n');
    const composed = Array.from(source.matchAll(/`(\w+_)\$\{/g), (match) => match[1] ?? '');
    for (const key of Object.keys(nl)) {
      if (key === '$schema' || composed.some((start) => key.startsWith(start))) continue;
      expect(new RegExp(`\\b${key}\\b`).test(source), key).toBe(true);
    }
  });

  it('hold no words of a protocol', () => {
    const jargon = /\b(DID|JWT|DCQL|nonce|metadata|issuer|verifier|holder|endpoint|token|credential_offer)\b/;
    for (const words of [nl, en]) {
      for (const [key, message] of Object.entries(words)) {
        if (key === '$schema' || key.startsWith('format_')) continue;
        for (const text of texts(message))
          expect(jargon.test(text.replace('issuer', '')), `${key}: ${text}`).toBe(false);
      }
    }
  });
});

describe('a failure', () => {
  it('says when a request was answered, where that is known', () => {
    const failure = { kind: 'request_answered', step: 'request', message: 'x' };
    expect(failureWords(failure, 'en').what).toBe(m.error_request_answered_what());
    const since = { ...failure, since: '2026-11-20T10:00:00Z' };
    expect(failureWords(since, 'en').what).toContain('20 November 2026');
    expect(failureWords({ ...since, kind: 'busy' }, 'en').what).toBe(m.error_busy_what());
  });
});
