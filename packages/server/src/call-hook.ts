/** Call an application's hook. The hook can neither fail a request nor end the process. */
export function callHook<T>(hook: (value: T) => unknown, value: T, onFault: (error: unknown) => void): void {
  try {
    Promise.resolve(hook(value)).catch(onFault);
  } catch (error) {
    onFault(error);
  }
}
