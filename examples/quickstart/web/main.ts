import { isZkpAuthError, type LocalKey, ZkpAuthClient, ZkpAuthError } from '@zkp-auth/client';
import { deviceName } from './device-name.ts';
import { ask, byId, make } from './dom.ts';
import { bindProgress, busyWith, say, sayError, sayMissing } from './feedback.ts';
import { bindDrop, readKeyFile, saveKeyFile } from './key-file.ts';
import { currentSession, signIn, signOut } from './signed-in-view.ts';
import { bindTabs, selectTab } from './tabs.ts';

const client = new ZkpAuthClient({ baseUrl: '/auth' });
const input = (id: string): HTMLInputElement => byId(id, HTMLInputElement);

bindProgress(client);
bindTabs(() => say(''));
bindDrop(byId('drop', HTMLDivElement), input('import-file'));
void refreshAccounts(true);

onSubmit('form-login', ['login-user', 'login-pin'], () =>
  busyWith(async (signal) => {
    const session = await client.login(input('login-user').value.trim(), input('login-pin').value, {
      signal,
    });
    await signIn(session, signal, endSession);
    clearPins();
    say(`Signed in as ${session.userId}.`);
    await refreshAccounts();
  }),
);

onSubmit('form-register', ['register-user', 'register-pin', 'register-repeat'], () => {
  if (input('register-pin').value !== input('register-repeat').value) {
    sayMissing(input('register-repeat'), 'The two PINs are not the same.');
    return Promise.resolve(false);
  }
  return busyWith(async (signal) => {
    const userId = input('register-user').value.trim();
    const pin = input('register-pin').value;
    const registered = await client.register(userId, pin, { signal, deviceName: deviceName() });
    const session = registered.session ?? (await client.login(userId, pin, { signal }));
    await signIn(session, signal, endSession);
    clearPins();
    say(`Account created. You are signed in as ${session.userId}.`);
    await refreshAccounts();
  });
});

onSubmit('form-import', ['import-file', 'import-pin'], () =>
  busyWith(async (signal) => {
    const [file] = input('import-file').files ?? [];
    if (file === undefined) return;
    const replace = input('import-replace').checked;
    try {
      const key = await client.importKeyBlob(await readKeyFile(file), input('import-pin').value, {
        signal,
        replace,
      });
      byId('form-import', HTMLFormElement).reset();
      byId('replace-row', HTMLLabelElement).hidden = true;
      offer(key.userId);
      say(`The key of ${key.userId} is on this device now. Sign in with its PIN.`);
      await refreshAccounts();
    } catch (error) {
      if (isZkpAuthError(error) && error.code === 'KEY_CONFLICT')
        byId('replace-row', HTMLLabelElement).hidden = false;
      throw error;
    }
  }),
);

input('import-file').addEventListener('change', () => {
  byId('drop-hint', HTMLParagraphElement).textContent =
    input('import-file').files?.[0]?.name ?? 'or drop it here';
});

byId('save-key', HTMLButtonElement).addEventListener(
  'click',
  () => void saveKey(currentSession()?.userId ?? ''),
);
byId('forget-key', HTMLButtonElement).addEventListener(
  'click',
  () => void forgetKey(currentSession()?.userId ?? ''),
);
byId('sign-out', HTMLButtonElement).addEventListener('click', () => {
  const userId = currentSession()?.userId ?? '';
  signOut();
  offer(userId);
  say('Signed out.');
});

/** The token has run out. */
function endSession(): void {
  const userId = currentSession()?.userId ?? '';
  signOut();
  offer(userId);
  sayError(new ZkpAuthError('UNAUTHENTICATED'));
}

async function saveKey(userId: string): Promise<void> {
  const pin = input('dialog-pin');
  pin.value = '';
  byId('pin-dialog-title', HTMLHeadingElement).textContent = `Save the key of ${userId} as a file`;
  if (!(await ask(byId('pin-dialog', HTMLDialogElement)))) return;
  await busyWith(async (signal) => {
    saveKeyFile(userId, await client.exportKeyBlob(userId, pin.value, { signal }));
    say('Saved. On the other device, choose “Bring a key” and the same PIN.');
  });
  pin.value = '';
}

async function forgetKey(userId: string): Promise<void> {
  byId('forget-dialog-title', HTMLHeadingElement).textContent = `Forget the key of ${userId} on this device?`;
  if (!(await ask(byId('forget-dialog', HTMLDialogElement)))) return;
  await busyWith(async (signal) => {
    await client.removeLocalKey(userId, { signal });
    if (currentSession()?.userId === userId) {
      signOut();
      selectTab('login');
    }
    await refreshAccounts();
    say(`The key of ${userId} is gone from this device.`);
    byId('card', HTMLElement).focus();
  });
}

/** Open the sign-in form for a name, ready for its PIN. */
function offer(userId: string): void {
  selectTab('login');
  input('login-user').value = userId;
  input('login-pin').focus();
}

async function refreshAccounts(first = false): Promise<void> {
  let keys: LocalKey[];
  try {
    keys = await client.listLocalKeys();
  } catch (error) {
    sayError(error);
    return;
  }
  const names = [...new Set(keys.map(({ userId }) => userId))];
  byId('accounts', HTMLUListElement).replaceChildren(...names.map((userId) => accountRow(userId, keys)));
  byId('no-accounts', HTMLParagraphElement).hidden = names.length > 0;
  if (!first) return;
  const [newest] = names;
  if (newest === undefined) selectTab('register');
  else input('login-user').value = newest;
}

function accountRow(userId: string, keys: LocalKey[]): HTMLLIElement {
  const finished = keys.some((key) => key.userId === userId && key.state === 'active');
  const action = (label: string, run: () => void): HTMLButtonElement => {
    const button = make('button', { type: 'button', ariaLabel: `${label}: ${userId}` }, label);
    button.addEventListener('click', run);
    return button;
  };
  const name = make('span', { className: 'name' }, make('bdi', {}, userId));
  if (!finished) name.append(make('small', {}, 'not confirmed by the server yet'));
  const buttons = [
    action('Sign in', () => {
      if (currentSession() !== undefined) signOut();
      offer(userId);
      say('');
    }),
    ...(finished ? [action('Save key', () => void saveKey(userId))] : []),
    action('Forget', () => void forgetKey(userId)),
  ];
  return make('li', {}, name, make('span', { className: 'row-actions' }, ...buttons));
}

/** Check that required fields are filled, then run. */
function onSubmit(formId: string, required: readonly string[], run: () => Promise<boolean>): void {
  byId(formId, HTMLFormElement).addEventListener('submit', (event) => {
    event.preventDefault();
    const empty = required.map(input).find((field) => field.value === '');
    if (empty === undefined) void run();
    else sayMissing(empty, `${empty.labels?.[0]?.textContent.trim() ?? 'A field'} is missing.`);
  });
}

function clearPins(): void {
  for (const id of ['login-pin', 'register-pin', 'register-repeat', 'import-pin', 'dialog-pin'])
    input(id).value = '';
}
