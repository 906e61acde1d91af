import type { ClientSnapshot, Operation, Phase } from './client-types.js';

const idle = { operation: null, userId: null, phase: null };

/**
 * The client's current activity, for listeners. If several calls run side by side, it reports the call that began last.
 */
export class Progress {
  #snapshot: ClientSnapshot = { ...idle, session: undefined, endedSession: null };
  #current: object | undefined;
  readonly #listeners = new Set<() => void>();

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  readonly getSnapshot = (): ClientSnapshot => this.#snapshot;

  /** Report an operation from now on, until its end. `null` stands for work that is not reported. */
  begin(
    operation: Operation | null,
    userId: string | null,
    onPhase: ((phase: Phase) => void) | undefined,
  ): { report: (phase: Phase) => void; end: () => void } {
    if (operation === null) return { report: () => undefined, end: () => undefined };
    const token = {};
    this.#current = token;
    const tell = (change: Partial<ClientSnapshot>): void => {
      if (this.#current === token) this.set(change);
    };
    let over = false;
    tell({ operation, userId, phase: null });
    return {
      report: (phase) => {
        if (over) return;
        tell({ operation, userId, phase });
        if (onPhase !== undefined) callListener(() => onPhase(phase));
      },
      end: () => {
        over = true;
        tell(idle);
      },
    };
  }

  /** Tell nobody any more. */
  close(): void {
    this.#listeners.clear();
  }

  set(change: Partial<ClientSnapshot>): void {
    this.#snapshot = { ...this.#snapshot, ...change };
    for (const listener of this.#listeners) callListener(listener);
  }
}

/** Call a listener. If it throws, the error is reported as uncaught, and no sign-in fails. */
export function callListener(listener: () => void): void {
  try {
    listener();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
