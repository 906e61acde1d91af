/** A person's name for this device, such as “Chrome on Linux”, as far as the browser reveals it. */
export function deviceName(): string {
  const { userAgent } = navigator;
  const find = (names: Record<string, RegExp>, other: string): string =>
    Object.entries(names).find(([, pattern]) => pattern.test(userAgent))?.[0] ?? other;
  const browser = find(
    { Edge: /Edg\//, Firefox: /Firefox\//, Chrome: /Chrome\//, Safari: /Safari\// },
    'Browser',
  );
  const system = find(
    {
      Android: /Android/,
      iPhone: /iPhone/,
      iPad: /iPad/,
      Windows: /Windows/,
      Mac: /Mac OS X/,
      Linux: /Linux/,
    },
    'this device',
  );
  return `${browser} on ${system}`;
}
