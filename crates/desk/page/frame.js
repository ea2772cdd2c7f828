// What is around every page of the desk: the bar with language and light or dark, the foot, the words in both.

import { words as allWords } from './words.js';

const systemDark = matchMedia('(prefers-color-scheme: dark)');

/** The language of the page, and every sentence in it. Whoever imports them sees them change. */
export let language = remembered('leerpas-language') ?? (navigator.language.toLowerCase().startsWith('nl') ? 'nl' : 'en');
if (!allWords[language]) language = 'nl';
export let words = allWords[language];

function remembered(name) {
  try {
    return localStorage.getItem(name) ?? undefined;
  } catch {
    return undefined;
  }
}

function remember(name, value) {
  try {
    localStorage.setItem(name, value);
  } catch {
    // A browser that keeps nothing: the choice holds for this page.
  }
}

/** Puts the words where they belong, and what is drawn into the page. */
export function show(drawn) {
  document.documentElement.lang = language;
  for (const element of document.querySelectorAll('[data-word]')) element.textContent = words[element.dataset.word];
  for (const element of document.querySelectorAll('[data-word-label]')) {
    element.setAttribute('aria-label', words[element.dataset.wordLabel]);
  }
  const other = document.getElementById('language');
  other.textContent = words.otherLanguage;
  other.lang = language === 'nl' ? 'en' : 'nl';
  nameTheme();
  const main = document.getElementById('main');
  main.replaceChildren(...drawn());
  const title = main.querySelector('h1')?.textContent ?? '';
  document.title = `${title} · ${words.brand}`;
}

/** Listens to the buttons of the bar; `draw` draws the page anew, in the other language. */
export function frame(draw) {
  document.getElementById('language').addEventListener('click', () => {
    language = language === 'nl' ? 'en' : 'nl';
    words = allWords[language];
    remember('leerpas-language', language);
    draw();
  });
  document.getElementById('theme').addEventListener('click', () => {
    const theme = isDark() ? 'light' : 'dark';
    document.documentElement.dataset.theme = theme;
    remember('leerpas-theme', theme);
    nameTheme();
  });
  systemDark.addEventListener('change', nameTheme);
  const theme = remembered('leerpas-theme');
  if (theme === 'dark' || theme === 'light') document.documentElement.dataset.theme = theme;
}

/** The button says what a press would bring, also after the computer itself went dark or light. */
function nameTheme() {
  document.getElementById('theme').textContent = isDark() ? words.light : words.dark;
}

function isDark() {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === 'dark' : systemDark.matches;
}
