import type { CodeView } from '../../bridge/contract';
import { m } from '../../words/words';

/** What is wrong with a code before it is sent, or nothing. */
export function codeProblem(typed: string, code: CodeView): string | undefined {
  const text = typed.trim();
  if (text === '') return m.offer_code_empty();
  if (code.numeric && !/^\d+$/.test(text)) return m.offer_code_only_digits();
  if (code.length !== null && Array.from(text).length !== code.length) {
    return m.offer_code_length({ length: code.length });
  }
  return undefined;
}
