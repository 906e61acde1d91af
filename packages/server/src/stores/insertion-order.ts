/** A set that knows its oldest member at once, however many have come and gone. */
export class InsertionOrder<T extends object> {
  readonly #members = new Set<T>();
  /** In order of insertion, with those that are gone among them. */
  #queue: T[] = [];
  #head = 0;

  get size(): number {
    return this.#members.size;
  }

  add(member: T): void {
    this.#members.add(member);
    this.#queue.push(member);
  }

  delete(member: T): void {
    this.#members.delete(member);
    if (this.#queue.length <= 2 * this.#members.size + 64) return;
    this.#queue = this.#queue.filter((queued) => this.#members.has(queued));
    this.#head = 0;
  }

  oldest(): T | undefined {
    for (; this.#head < this.#queue.length; this.#head++) {
      const member = this.#queue[this.#head] as T;
      if (this.#members.has(member)) return member;
    }
    return undefined;
  }
}
