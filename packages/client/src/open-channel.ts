/** Open a channel to the other pages of this origin. A browser that forbids storage may forbid channels too. */
export function openChannel(name: string): BroadcastChannel | undefined {
  try {
    return new BroadcastChannel(name);
  } catch {
    return undefined;
  }
}
