import type { FailureView } from '../bridge/contract';

/** The code that a help desk can act on: the kind, the step and the engine's English, in one line. */
export function supportCode(failure: FailureView): string {
  return [`LEERPAS ${failure.kind}`, failure.step, failure.message].filter(Boolean).join(' | ');
}
