export interface Explanation {
  /** What happened. */
  title: string;
  /** What to do next. */
  next: string;
}

/** What an action knows better than its error's code does. */
export class Explained extends Error implements Explanation {
  readonly title: string;
  readonly next: string;

  constructor(title: string, next: string, options?: ErrorOptions) {
    super(title, options);
    this.title = title;
    this.next = next;
  }
}
