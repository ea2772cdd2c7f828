import type { Commands, ErrorKind, Events, FailureView } from './contract';

/** What the window knows of the engine: commands that answer, and events that come by themselves. */
export interface Bridge {
  /** Carries out one command. Rejects with a {@link CallFailed}. */
  call<K extends keyof Commands>(name: K, args: Commands[K]['arguments']): Promise<Commands[K]['answer']>;
  /** Listens to one event until the returned function is called. */
  on<K extends keyof Events>(name: K, handler: (payload: Events[K]) => void): Promise<() => void>;
}

/** A command that did not do what was asked. */
export class CallFailed extends Error {
  constructor(readonly failure: FailureView) {
    super(failure.kind);
    this.name = 'CallFailed';
  }
}

/** Makes one kind of failure out of whatever a rejected call carries. */
export function asFailure(cause: unknown): FailureView {
  if (cause instanceof CallFailed) return cause.failure;
  if (typeof cause === 'object' && cause !== null && 'kind' in cause && typeof cause.kind === 'string') {
    const step = 'step' in cause && typeof cause.step === 'string' ? cause.step : 'window';
    const message = 'message' in cause && typeof cause.message === 'string' ? cause.message : '';
    return { kind: cause.kind, step, message };
  }
  const kind: ErrorKind = 'internal';
  return { kind, step: 'window', message: cause instanceof Error ? cause.message : String(cause) };
}
