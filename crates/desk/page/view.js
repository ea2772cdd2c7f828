// Draws: small makers of elements, and the verdict. All foreign text goes in as text, never as markup.

const SVG = 'http://www.w3.org/2000/svg';

/** Makes an element. Members of `with` are properties; those with a dash or `for`, `role` are attributes. */
export function make(tag, with_ = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(with_)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === 'on') for (const [event, act] of Object.entries(value)) element.addEventListener(event, act);
    else if (name.includes('-') || name === 'for' || name === 'role') element.setAttribute(name, value);
    else element[name] = value;
  }
  element.append(...children.filter((child) => child !== undefined && child !== null && child !== ''));
  return element;
}

// A status is a shape and a word, not only a colour: circle, triangle, octagon, square.
const SHAPES = {
  good: ['M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20z', 'm7.6 12.3 3 3 5.8-6.2'],
  caution: ['M12 2.5 23 21.5H1z', 'M12 9.5v5m0 3.2v.1'],
  bad: ['M7.6 1.5h8.8l6.1 6.1v8.8l-6.1 6.1H7.6l-6.1-6.1V7.6z', 'm8.3 8.3 7.4 7.4m0-7.4-7.4 7.4'],
  unsure: ['M3.5 3.5h17v17h-17z', 'M9.6 9.6a2.5 2.5 0 1 1 3.4 2.3c-.7.3-1 .8-1 1.6m0 3v.1'],
};

function shape(kind) {
  const picture = document.createElementNS(SVG, 'svg');
  picture.setAttribute('viewBox', '0 0 24 24');
  picture.setAttribute('class', 'shape');
  picture.setAttribute('aria-hidden', 'true');
  SHAPES[kind].forEach((d, index) => {
    const path = document.createElementNS(SVG, 'path');
    path.setAttribute('d', d);
    if (index === 1) path.setAttribute('class', 'sign');
    picture.append(path);
  });
  return picture;
}

const VERDICT_KIND = { valid: 'good', invalid: 'bad', unknown: 'unsure', declined: 'unsure', expired: 'unsure', lost: 'unsure', gone: 'unsure', unheard: 'unsure' };
const RESULT_KIND = { pass: 'good', warn: 'caution', fail: 'bad', unknown: 'unsure' };

/** The verdict as a banner. `word` is a verdict, or a state without one; with remarks not every check passed. */
export function verdictBanner(word, words, remarks = false, level = 'h1') {
  const known = words.verdicts[word] ? word : 'unknown';
  const [title, plainly] = words.verdicts[known];
  const text = known === 'valid' && remarks ? words.remarks : plainly;
  return make(
    'div',
    { className: `verdict ${VERDICT_KIND[known]}` },
    shape(VERDICT_KIND[known]),
    make('div', {}, make(level, { textContent: title, tabIndex: level === 'h1' ? -1 : undefined }), make('p', { textContent: text })),
  );
}

/** Whether a check of any presentation passed with a remark only. */
export function hasRemarks(presentations) {
  return presentations.some(({ checks }) => (checks ?? []).some((check) => check.result === 'warn' || hasNoList(check)));
}

/** The caution that a sound proof of a stranger needs, for each such issuer; it stands beside the verdict. */
export function strangers(presentations, words) {
  const unlisted = presentations.filter(
    ({ verdict, checks }) =>
      verdict !== 'invalid' && (checks ?? []).some((check) => check.name === 'issuer_trust' && check.result !== 'pass'),
  );
  const names = [...new Set(unlisted.map(({ issuer }) => String(issuer?.name || words.nameless).slice(0, 200)))];
  return names.map((name) =>
    make(
      'div',
      { className: 'stranger caution' },
      shape('caution'),
      make('p', {}, make('strong', { textContent: words.strangerTitle }), ' ', make('bdi', { textContent: words.stranger(name) })),
    ),
  );
}

/** No list of withdrawn credentials: allowed, and proof of nothing. */
function hasNoList({ name, result, reason }) {
  return name === 'status' && result === 'pass' && reason === 'no_status';
}

/** One judged presentation: issuer, claims, checks. */
export function presentation(judged, number, words) {
  const panel = make('section', { className: 'panel stack' });
  const id = `proof-${number}`;
  panel.setAttribute('aria-labelledby', id);
  panel.append(make('h2', { id, textContent: titleOf(judged.claims) ?? judged.facts?.title ?? words.proof(number) }));
  if (judged.issuer?.name) {
    const how = words.evidences[judged.issuer.evidence];
    panel.append(
      make(
        'p',
        {},
        make('span', { className: 'soft', textContent: `${words.issuer} ` }),
        make('strong', { textContent: judged.issuer.name }),
        how ? make('span', { className: 'soft', textContent: ` (${how})` }) : '',
      ),
    );
  }
  const isFile = judged.query === 'file';
  if (judged.facts) panel.append(...learning(judged.facts, words));
  if (isFile) panel.append(make('p', { className: 'note', textContent: words.fileNote }));
  panel.append(
    make(
      'div',
      { className: 'two even' },
      make('div', { className: 'stack' }, make('h3', { textContent: isFile ? words.inFile : words.claims }), claimList(judged, words)),
      make('div', { className: 'stack' }, make('h3', { textContent: words.checked }), checkList(judged.checks ?? [], words)),
    ),
  );
  if (judged.checked) {
    const time = new Intl.DateTimeFormat(words.locale, { dateStyle: 'long', timeStyle: 'short' });
    panel.append(make('p', { className: 'soft small', textContent: words.checkedAt(time.format(new Date(judged.checked))) }));
  }
  return panel;
}

// What went wrong is read first.
const ORDER = ['fail', 'unknown', 'warn', 'pass'];

function checkList(checks, words) {
  const rank = (check) => ORDER.indexOf(hasNoList(check) ? 'warn' : check.result);
  const sorted = checks.toSorted((one, other) => rank(one) - rank(other));
  return make(
    'ul',
    { className: 'checks', role: 'list' },
    ...sorted.map((check) => {
      const kind = hasNoList(check) ? 'unsure' : (RESULT_KIND[check.result] ?? 'unsure');
      const [name, word] = hasNoList(check)
        ? words.noList
        : [words.checks[check.name] ?? plain(check.name), words.results[check.result] ?? check.result];
      const text = make('div', {}, make('span', { textContent: name }));
      const reason = words.reasons[check.reason];
      if (reason) text.append(make('p', { className: 'soft small', textContent: reason }));
      if (check.known_at) {
        const since = new Intl.DateTimeFormat(words.locale, { dateStyle: 'long', timeStyle: 'short' });
        const known = words.knownAt(since.format(new Date(check.known_at)));
        text.append(make('p', { className: 'soft small', textContent: known }));
      }
      if (check.last_known) {
        const since = new Intl.DateTimeFormat(words.locale, { dateStyle: 'long', timeStyle: 'short' });
        const { at, result, reason } = check.last_known;
        const said = result === 'pass' ? undefined : (words.reasons[reason] ?? words.results[result]);
        const last = words.lastKnown(since.format(new Date(at)), said);
        text.append(make('p', { className: 'soft small', textContent: last }));
      }
      // Of several proofs, or credentials within, each is named: one that failed is not to be missed.
      if (check.parts?.length > 0) {
        text.append(
          make(
            'ul',
            { className: 'parts', role: 'list' },
            ...check.parts.map((part) =>
              make('li', { className: 'soft small' }, make('bdi', { textContent: String(part.name).slice(0, 200) }), ': ', words.results[part.result] ?? part.result),
            ),
          ),
        );
      }
      if (check.detail && check.result !== 'pass') {
        text.append(
          make(
            'details',
            {},
            make('summary', { textContent: words.evidence }),
            make('p', { className: 'soft small', lang: 'en', textContent: check.detail }),
          ),
        );
      }
      return make(
        'li',
        { className: kind },
        shape(kind),
        text,
        make('span', { className: 'word', textContent: word }),
      );
    }),
  );
}

/** What the file says in the words of every format: figures first, then its parts as a table. */
function learning(facts, words) {
  const load = ({ amount, unit }) => `${figure(amount, words)} ${words.units[unit] ?? unit}`;
  const grade = ({ name, value, scale }) =>
    [name ? `${name}: ${gradeText(value, words)}` : gradeText(value, words), scale ? `(${words.figures.scale(scale)})` : ''].filter(Boolean).join(' ');
  const rows = [
    [words.figures.credits, (facts.credits ?? []).map(load)],
    [words.figures.levels, (facts.levels ?? []).map(({ framework, level }) => `${framework} ${level}`)],
    [words.figures.results, (facts.results ?? []).map(grade)],
  ].filter(([, values]) => values.length > 0);
  const list = rows.map(([name, values]) =>
    make('div', {}, make('dt', { textContent: name }), make('dd', { textContent: values.join(', ') })),
  );
  const drawn = list.length > 0 ? [make('dl', { className: 'claims figures' }, ...list)] : [];
  return (facts.contents ?? []).length > 0 ? [...drawn, contentsTable(facts, load, words)] : drawn;
}

function contentsTable({ contents, totals }, load, words) {
  const date = new Intl.DateTimeFormat(words.locale, { dateStyle: 'medium' });
  const columns = [
    ['credit', ({ credit }) => (credit ? load(credit) : '')],
    ['level', ({ level }) => (level ? `${level.framework} ${level.level}` : '')],
    ['result', ({ result }) => (result ? gradeText(result, words) : '')],
    ['date', (part) => (part.date ? date.format(new Date(part.date)) : '')],
  ].filter(([, of]) => contents.some((part) => of(part) !== ''));
  const head = ['part', ...columns.map(([name]) => name)];
  const row = (part) =>
    make(
      'tr',
      {},
      make('th', { role: 'rowheader', className: `depth-${Math.min(part.depth, 3)}`, textContent: String(part.title).slice(0, 200) }),
      ...columns.map(([, of]) => make('td', { textContent: String(of(part)).slice(0, 200) })),
    );
  const sum = (totals ?? []).map(load).join(', ');
  return make(
    'div',
    { className: 'wide', tabIndex: 0, role: 'region', 'aria-label': words.contents.title },
    make(
      'table',
      { className: 'contents' },
      make('caption', { textContent: words.contents.title }),
      make('thead', {}, make('tr', {}, ...head.map((name) => make('th', { role: 'columnheader', textContent: words.contents[name] })))),
      make('tbody', {}, ...contents.map(row)),
      sum ? make('tfoot', {}, make('tr', {}, make('th', { textContent: words.contents.total }), make('td', { colSpan: columns.length || 1, textContent: sum }))) : '',
    ),
  );
}

/** A result: the usual states in words, a figure with the mark of the language. */
function gradeText(value, words) {
  return Object.hasOwn(words.grades, value) ? words.grades[value] : figure(String(value), words);
}

/** A decimal amount with the mark of the language; no digit changes. */
function figure(amount, words) {
  return /^\d+\.\d+$/.test(amount) && words.locale === 'nl-NL' ? amount.replace('.', ',') : amount;
}

function claimList({ claims, verdict }, words) {
  const title = titleOf(claims);
  // A badge repeats the name of its achievement at the top; once is enough.
  const rows = together(flat(claims ?? {})).filter(([path, value]) => !(path.join() === 'name' && value === title));
  if (rows.length === 0) {
    return make('p', { className: 'soft', textContent: verdict === 'invalid' ? words.withheld : words.noClaims });
  }
  return make(
    'dl',
    { className: 'claims' },
    ...rows.map(([path, value]) =>
      make('div', {}, make('dt', { textContent: nameOf(path, words) }), make('dd', {}, shown(path, value, words))),
    ),
  );
}

// What only machines need is not read by people; the checks speak about it.
const MACHINES = new Set([
  '@context', 'type', 'proof', 'cnf', 'status', '_sd_alg', 'credentialStatus', 'credentialSchema', 'iss', 'vct',
  'otherIdentifier', 'resultDescription', 'targetUrl', 'targetType', 'caption', 'hashed', 'identityType',
]);

/**
 * The claims as rows of a path and a value, in their order; lists of plain values stay together. An answer has paths
 * joined with dots for names, a file has nested members: both become the same. Places in lists are left out.
 */
function flat(value, path = []) {
  const last = path.at(-1);
  if (MACHINES.has(last)) return [];
  if (last === 'image' && value !== null && typeof value === 'object') return flat(value.id, path);
  // Identifiers of things are links for machines; a picture is the exception.
  if (last === 'id' && !(typeof value === 'string' && value.startsWith('data:image/'))) return [];
  if (typeof value?.targetName === 'string') return alignment(value, path);
  if (Array.isArray(value)) {
    const items = value.filter((item) => item !== null);
    if (items.every((item) => typeof item !== 'object')) return items.length ? [[path, items]] : [];
    return items.flatMap((item) => flat(item, path));
  }
  if (value !== null && typeof value === 'object') {
    return Object.entries(value).flatMap(([member, inner]) =>
      flat(inner, [...path, ...member.split('.').filter((part) => !/^\d+$/.test(part))]),
    );
  }
  return value === null || value === undefined || value === '' ? [] : [[path, value]];
}

/** An alignment as one row with the name of what it says (dutch profile of Open Badges 3.0: level, outcome, label). */
function alignment({ targetType, targetName, targetCode }, path) {
  const level = /^EQF level ([1-8])$/i.exec(targetName)?.[1] ?? (targetType === 'ext:EQF' ? targetCode : undefined);
  if (level !== undefined) return [[[...path, 'eqfLevel'], String(level)]];
  if (targetType === 'ext:LearningOutcome') return [[[...path, 'learningOutcome'], targetName]];
  const member = targetType === 'ext:QualityAssurance' ? 'quality' : 'targetName';
  return [[[...path, member], targetCode ? `${targetName} (${targetCode})` : targetName]];
}

/** Rows of the same path become one row with a list, where the first one stood. */
function together(rows) {
  const found = new Map();
  for (const [path, value] of rows) {
    const key = JSON.stringify(path);
    const known = found.get(key);
    if (known) known[1] = [known[1], value].flat();
    else found.set(key, [path, value]);
  }
  return [...found.values()];
}

function nameOf(path, words) {
  for (let start = 0; start < path.length; start += 1) {
    const name = words.names[path.slice(start).join('.')];
    if (name) return name;
  }
  return plain(path.at(-1) ?? '');
}

function shown(path, value, words) {
  const name = path.at(-1);
  if (Array.isArray(value)) {
    if (value.length === 1) return shown(path, value[0], words);
    return make('ul', { role: 'list' }, ...value.map((item) => make('li', {}, shown(path, item, words))));
  }
  const known = words.values[name];
  if (known && Object.hasOwn(known, value)) return known[value];
  if (name === 'inLanguage') return languageName(value, words);
  if (typeof value === 'boolean') return value ? words.yes : words.no;
  // Only a picture that came inside; nothing is fetched to show one.
  if (/^data:image\/(png|jpeg);base64,/.test(value)) return make('img', { src: value, alt: '' });
  const date = new Intl.DateTimeFormat(words.locale, { dateStyle: 'long' });
  if (['iat', 'nbf', 'exp'].includes(name) && Number.isFinite(Number(value))) return date.format(new Date(Number(value) * 1000));
  if (typeof value === 'string' && /^\d{4}-\d{2}-\d{2}(T[\d:.]+(Z|[+-]\d{2}:\d{2}))?$/.test(value)) {
    const instant = new Date(value);
    if (!Number.isNaN(instant.getTime())) return date.format(instant);
  }
  if (typeof value === 'number') return new Intl.NumberFormat(words.locale, { useGrouping: false, maximumFractionDigits: 6 }).format(value);
  const text = String(value);
  return text.length > 4000 ? `${text.slice(0, 4000)}…` : text;
}

function languageName(tag, words) {
  try {
    const name = new Intl.DisplayNames([words.locale], { type: 'language', languageDisplay: 'standard' });
    return name.of(new Intl.Locale(tag).language) ?? String(tag);
  } catch {
    return String(tag);
  }
}

function titleOf(claims) {
  const found = flat(claims ?? {}).find(([path]) => path.slice(-2).join('.') === 'achievement.name');
  return typeof found?.[1] === 'string' ? found[1].slice(0, 200) : undefined;
}

function plain(name) {
  const spaced = String(name).replace(/([a-z])([A-Z])/g, '$1 $2').replace(/[_-]+/g, ' ').trim();
  return spaced.charAt(0).toUpperCase() + spaced.slice(1).toLowerCase();
}
