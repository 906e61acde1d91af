/** A time as a column gives it: PostgreSQL's driver gives a bigint as text. */
export function millisecondsOf(value: number | string | null): number | null {
  return value === null ? null : Number(value);
}
