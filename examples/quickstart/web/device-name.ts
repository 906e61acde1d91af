/** What a person would call this device, as far as the browser tells: “Chrome on Linux”. */
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
