import { describe, expect, it } from 'vitest';

import { band, BANDS, initials, seal } from '../../src/parts/guilloche';
import { pieces } from '../../src/parts/pieces';
import { claimLabel, isTechnical } from '../../src/words/claims';
import {
  amount,
  clip,
  day,
  daysUntil,
  label,
  level,
  month,
  period,
  shortDay,
  tame,
} from '../../src/words/format';
import { byMonth, matching } from '../../src/screens/activity/filter';
import { codeProblem } from '../../src/screens/receive/code';
import { claimValue, gradeText, kindText } from '../../src/words/values';
import { ACTIVITY } from '../../src/bridge/fake-data';

describe('text from outside', () => {
  it('is cut by code points, and never in the middle of one', () => {
    expect(clip('abc', 3)).toEqual({ text: 'abc', cut: false });
    expect(clip('abcd', 3)).toEqual({ text: 'abc…', cut: true });
    expect(clip('😀😀😀😀', 3)).toEqual({ text: '😀😀😀…', cut: true });
    expect(clip('😀😀😀', 3)).toEqual({ text: '😀😀😀', cut: false });
    expect(clip('z\u0336'.repeat(1_000_000), 200).text).toHaveLength(201);
  });

  it('has no marks that turn it around, hide it or pile up', () => {
    expect(tame('\u202egro.live\u202c \u2066x\u2069\u200b\u0000')).toBe('gro.live x');
    expect(tame(`z${'\u0336'.repeat(5_000)}`)).toBe('z\u0336\u0336\u0336');
    expect(tame('één 👩‍🎓 עברית')).toBe('één 👩‍🎓 עברית');
    expect(label(`\u202e${'x'.repeat(300)}`)).toBe(`${'x'.repeat(200)}…`);
  });

  it('keeps a date that is none as it came', () => {
    expect(day('gisteren', 'nl')).toBe('gisteren');
    expect(day('2026-06-26T09:00:00Z', 'nl')).toBe('26 juni 2026');
    expect(month('2026-06-26T09:00:00Z', 'en')).toBe('June 2026');
    expect(daysUntil('2026-06-26T09:00:00Z', Date.parse('2026-06-20T10:00:00Z'))).toBe(6);
  });

  it('keeps every digit of an amount', () => {
    expect(amount('4.5', 'nl')).toBe('4,5');
    expect(amount('4.50', 'en')).toBe('4.50');
    expect(amount('4.5.1', 'nl')).toBe('4.5.1');
    expect(level('EQF 6')).toEqual({ figure: '6', framework: 'EQF' });
    expect(level('NLQF 4+')).toEqual({ figure: '4+', framework: 'NLQF' });
    expect(level('<b>EQF</b> 6')).toEqual({ figure: '<b>EQF</b> 6', framework: '' });
  });

  it('takes the label of the issuer first, then ours, then the path', () => {
    expect(claimLabel('given_name', 'Roepnaam')).toBe('Roepnaam');
    expect(claimLabel('given_name', null)).toBe('Voornaam');
    expect(claimLabel('credentialSubject.achievement.name', ' ')).toBe('Behaald');
    expect(claimLabel('a.b.0.c.odd_thing', null)).toBe('A › b › c › odd thing');
    expect(claimLabel('credentialSubject.achievement.fieldOfStudy', null)).toBe(
      'Achievement › field of study',
    );
    expect(claimLabel('__proto__.constructor', null)).toBe('Proto › constructor');
    expect(claimLabel('__', null)).toBe('__');
  });

  it('has values as a person would write them', () => {
    const of = (path: string, value: string): string => claimValue(path, value, 'nl');
    expect(of('birthdate', '1987-03-09')).toBe('9 maart 1987');
    expect(of('validUntil', '2031-11-23T00:00:00Z')).toBe('23 november 2031');
    expect(of('exp', '1953158400')).toBe('23 november 2031');
    expect(of('credentialSubject.achievement.inLanguage', 'nl-NL')).toBe('Nederlands');
    expect(of('language', 'x_!')).toBe('x_!');
    expect(of('identityChecked', 'true')).toBe('ja');
    expect(of('credentialSubject.identifier.0.hashed', 'false')).toBe('nee');
    expect(of('credentialSubject.achievement.ECTS', '4.5')).toBe('4,5');
    expect(of('version', '4.5')).toBe('4.5');
    expect(of('achievement.assessmentType', 'recognition of prior learning')).toBe(
      'Erkenning van wat je al kon',
    );
    expect(of('assessment', 'Portfolio en gesprek')).toBe('Portfolio en gesprek');
    expect(claimValue('supervision', 'supervised online', 'en')).toBeTypeOf('string');
    expect(of('achievement.alignment.1.targetName', 'EQF level 6')).toBe('EQF 6');
    expect(of('note', 'Een {gewone} zin')).toBe('Een {gewone} zin');
  });

  it('says the codes of the Dutch profile and of edubadges in words, however they are joined', () => {
    const of = (path: string, value: string): string => claimValue(path, value, 'nl');
    // The lists of the Dutch profile of Open Badges 3.0 and of edubadges.
    const codes: Record<string, string[]> = {
      participationType: [
        ...['online', 'onsite or blended', 'volunteering', 'work experience'],
        ...['personalized learning activities', 'onsite', 'blended', 'work_experience'],
      ],
      assessmentType: [
        ...[
          'testing',
          'application of a skill',
          'portfolio',
          'recognition of prior learning',
          'written_exam',
        ],
        ...['report_paper', 'behavioural_assessment', 'professional_product', 'development_report'],
        ...['portfolio_assessment', 'oram_exam', 'personalized_assessment'],
      ],
      supervisionType: [
        ...['unsupervised with no identity verification', 'supervised with no identity verification'],
        ...[
          'supervised online',
          'onsite with identity verification',
          'supervised with identity verification',
        ],
      ],
      achievementType: [
        'MicroCredential',
        'Badge',
        'Diploma',
        'BachelorDegree',
        'micro_credential',
        'extra_curricular',
      ],
    };
    for (const [name, values] of Object.entries(codes)) {
      for (const value of values)
        expect(of(name, value), `${name} ${value}`).not.toMatch(/_|^[a-z]|Type|[a-z][A-Z]/);
    }
    expect(of('achievement_type', 'iets anders')).toBe('iets anders');
    expect(of('language', 'nl-NL, en')).toBe('Nederlands, Engels');
    expect(of('language', 'nld')).toBe('Nederlands');
  });

  it('has results, kinds, periods and short days in words', () => {
    expect(gradeText('passed', 'nl')).toBe('Geslaagd');
    expect(gradeText('InProgress', 'nl')).toBe('Nog bezig');
    expect(gradeText('8.5', 'nl')).toBe('8,5');
    expect(gradeText('G', 'nl')).toBe('G');
    expect(kindText('Degree Programme')).toBeTypeOf('string');
    expect(kindText('Iets')).toBe('Iets');
    expect(period('P4Y', 'nl')).toBe('4 jaar');
    expect(period('P6M1D', 'en')).toBe('6 months and 1 day');
    expect(period('PT40H', 'nl')).toBe('40 uur');
    for (const odd of ['P', 'PT', 'P1.5Y', 'lang', '', 'P9999999Y']) expect(period(odd, 'nl')).toBe(odd);
    expect(shortDay('2026-07-03T00:00:00Z', 'nl')).toBe('3 jul 2026');
    expect(shortDay('ooit', 'nl')).toBe('ooit');
  });

  it('never has the bytes of a picture as a value', () => {
    expect(claimValue('image.id', 'data:image/png;base64,iVBORw0', 'nl')).toBe('Een afbeelding');
    expect(claimValue('x', 'DATA:text/html,<script>', 'nl')).toBe('Een ingesloten bestand');
    const inside = claimValue('image', '{"id":"data:image/png;base64,iVBORw0","caption":"Water"}', 'nl');
    expect(inside).toBe('id: Een afbeelding\ncaption: Water');
  });

  it('has documents as lines, and no digit changes', () => {
    const of = (path: string, value: string): string => claimValue(path, value, 'nl');
    expect(of('cnf', '{"jwk":{"kty":"EC"}}')).toBe('Het openbare deel van een sleutel op deze computer');
    expect(of('status', '{"status_list":{"idx":12,"uri":"https://a.example/1"}}')).toBe(
      'Nummer 12 op https://a.example/1',
    );
    expect(of('address', '{"postalCode":"1234 AB","since":"2026-01-02","moved":true}')).toBe(
      'postal code: 1234 AB\nsince: 2 januari 2026\nmoved: ja',
    );
    expect(of('list', '["a",["b"]]')).toBe('a\nb');
    const deep = `${'['.repeat(5_000)}${']'.repeat(5_000)}`;
    expect(of('x', deep)).toBe(deep);
    expect(of('x', '{"broken"')).toBe('{"broken"');
    expect(of('x', '{}')).toBe('{}');
    const large = `{"a":"${'x'.repeat(30_000)}"}`;
    expect(of('x', large)).toBe(large);
  });

  it('tells what only computers read from the rest', () => {
    const technical = ['cnf', 'status', 'vct', 'type.0', 'credentialStatus.0.statusPurpose', 'issuer.id'];
    for (const path of technical) expect(isTechnical(path), path).toBe(true);
    const shown = ['given_name', 'exp', 'issuer.name', 'credentialSubject.achievement.image.id', 'birthdate'];
    for (const path of shown) expect(isTechnical(path), path).toBe(false);
  });
});

describe('the mark of a search', () => {
  it('marks every word, without case or accents', () => {
    expect(pieces('Café de Zorg', 'zorg cafe')).toEqual([
      { text: 'Café', hit: true },
      { text: ' de ', hit: false },
      { text: 'Zorg', hit: true },
    ]);
    expect(pieces('abc', '')).toEqual([{ text: 'abc', hit: false }]);
    expect(pieces('', 'x')).toEqual([]);
    expect(pieces('a.c (x)', '.')).toContainEqual({ text: '.', hit: true });
  });
});

describe('the seal', () => {
  it('is the same for the same card and differs between cards', () => {
    expect(seal('Data-analyse')).toEqual(seal('Data-analyse'));
    expect(seal('Data-analyse')).not.toEqual(seal('Duurzaam bouwen'));
    for (const name of ['', 'x', 'Hogeschool Amstelland', '😀']) {
      expect(band(name)).toBeGreaterThanOrEqual(0);
      expect(band(name)).toBeLessThan(BANDS);
    }
  });

  it('shows the letters of the first and last word', () => {
    expect(initials('Data-analyse voor de zorg')).toBe('DZ');
    expect(initials('Statistiek')).toBe('S');
    expect(initials('')).toBe('');
    expect(initials('<img src=x>')).toHaveLength(1);
  });
});

describe('the code of an offer', () => {
  const code = { numeric: true, length: 4, description: null, host: 'h.example', wrong: false };
  it('is looked at before it is sent', () => {
    expect(codeProblem('4729', code)).toBeUndefined();
    expect(codeProblem('', code)).toBeDefined();
    expect(codeProblem('47a9', code)).toBeDefined();
    expect(codeProblem('472', code)).toBeDefined();
    expect(codeProblem('wilg-7', { ...code, numeric: false, length: null })).toBeUndefined();
  });
});

describe('the log', () => {
  it('stands under its months, newest first, and can be narrowed', () => {
    const groups = byMonth(ACTIVITY, 'nl');
    expect(groups.map((group) => group.title)).toEqual(['November 2026', 'Oktober 2026', 'September 2026']);
    expect(matching(ACTIVITY, 'shared', '')).toHaveLength(3);
    expect(matching(ACTIVITY, 'all', 'de linde')).toHaveLength(1);
    expect(matching(ACTIVITY, 'received', 'lassen')).toHaveLength(1);
  });
});
