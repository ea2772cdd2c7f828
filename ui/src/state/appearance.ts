/** Puts language and theme on the document, where the style sheet and a screen reader look for them. */
export function dress(language: string, theme: string): void {
  const root = document.documentElement;
  root.lang = language;
  if (theme === 'light' || theme === 'dark') root.dataset['theme'] = theme;
  else delete root.dataset['theme'];
}
