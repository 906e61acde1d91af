/**
 * Keep this process from sleeping until some work is done. A server pays for waking a client that sleeps, so the
 * result would depend on which of the two is faster.
 */
export async function stayAwake<T>(work: Promise<T>): Promise<T> {
  let isDone = false;
  const turn = (): void => {
    if (!isDone) setImmediate(turn);
  };
  turn();
  try {
    return await work;
  } finally {
    isDone = true;
  }
}
