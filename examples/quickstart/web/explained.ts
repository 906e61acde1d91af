export interface Explanation {
  /** A sentence about the event. */
  title: string;
  /** The next step. */
  next: string;
}

/** An explanation by an action that knows more than its error's code. */
export class Explained extends Error implements Explanation {
  readonly title: string;
  readonly next: string;

  constructor(title: string, next: string, options?: ErrorOptions) {
    super(title, options);
    this.title = title;
    this.next = next;
  }
}
