/**
 * Keep this process from sleeping until some work is done. A server that answers a client which sleeps pays for waking it,
 * so that what is measured would hang on who of the two is faster.
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
