import { isZkpAuthError, ZkpAuthClient } from '@zkp-auth/client';

const client = new ZkpAuthClient({ baseUrl: '/auth' });
const form = document.querySelector('form') as HTMLFormElement;
const output = document.querySelector('output') as HTMLOutputElement;

const acts: Record<string, (userId: string, pin: string) => Promise<string>> = {
  register: async (userId, pin) => `${(await client.register(userId, pin)).userId} has registered`,
  login: async (userId, pin) => `${(await client.login(userId, pin)).userId} has signed in`,
  me: async () => {
    const response = await client.fetch('/me');
    return `${response.status} ${await response.text()}`;
  },
  async signOut() {
    await client.signOut();
    return 'signed out';
  },
};

function valueOf(name: string): string {
  return (form.elements.namedItem(name) as HTMLInputElement).value;
}

/** Run one action, and show its outcome. */
async function show(act: () => Promise<string>): Promise<void> {
  output.value = '...';
  output.value = await act().catch((error: unknown) =>
    isZkpAuthError(error) ? `${error.code}: ${error.message}` : String(error),
  );
}

form.addEventListener('submit', (event) => {
  event.preventDefault();
  const { name } = event.submitter as HTMLButtonElement;
  void show(async () => acts[name]?.(valueOf('userId'), valueOf('pin')) ?? `no act ${name}`);
});

void show(async () => {
  const session = await client.getSession();
  return session === null ? 'nobody is signed in' : `${session.userId} is still signed in`;
});
