/** One line of a bench, with a ratio and the bound that the project promises. */
export interface Ratio {
  name: string;
  value: number;
  /** The promise. A ratio without one is printed beside the others. */
  atLeast?: number;
  atMost?: number;
  note?: string;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >>> 1;
  const upper = sorted[middle] as number;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2;
}

export function holds({ value, atLeast, atMost }: Ratio): boolean {
  return value >= (atLeast ?? -Infinity) && value <= (atMost ?? Infinity);
}

export function print(ratios: readonly Ratio[]): void {
  for (const ratio of ratios) {
    const { name, value, atLeast, atMost, note } = ratio;
    const bound = atLeast === undefined ? (atMost === undefined ? '' : `<= ${atMost}`) : `>= ${atLeast}`;
    const verdict = bound === '' ? '' : holds(ratio) ? 'ok' : 'MISSED';
    console.log(
      `${name.padEnd(66)} ${value.toFixed(2).padStart(7)} ${bound.padEnd(8)} ${verdict.padEnd(6)} ${note ?? ''}`,
    );
  }
}
