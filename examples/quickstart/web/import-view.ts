import { type ImportKeyBlobOptions, isZkpAuthError } from '@zkp-auth/client';
import { refreshAccounts } from './account-list.ts';
import { client } from './client.ts';
import { countdownOf } from './countdown.ts';
import { deviceName } from './device-name.ts';
import { byId } from './dom.ts';
import { explainError } from './explain-error.ts';
import { Explained } from './explained.ts';
import { busyWith, say } from './feedback.ts';
import { input, onSubmit } from './forms.ts';
import { bindDrop, type KeyFileKind, kindOf, readKeyFile } from './key-file.ts';
import { offer } from './offer.ts';
import { offerToKeep } from './storage-view.ts';

const group = (id: string): HTMLDivElement => byId(id, HTMLDivElement);
const replaceRow = (): HTMLLabelElement => byId('replace-row', HTMLLabelElement);

/** Import a key from a file. The fields of the form depend on the secret that locks the file. */
export function bindImport(): void {
  bindDrop(group('drop'), input('import-file'));
  input('import-file').addEventListener('change', () => void lookAtFile());
  onSubmit(byId('form-import', HTMLFormElement), () => busyWith(bringKey, (error) => countdownOf(error)));
}

async function lookAtFile(): Promise<void> {
  const [file] = input('import-file').files ?? [];
  byId('drop-hint', HTMLParagraphElement).textContent = file?.name ?? 'or drop it here';
  askFor(file === undefined ? 'pin' : kindOf(await readKeyFile(file).catch(() => '')));
}

function askFor(kind: KeyFileKind): void {
  group('import-name').hidden = kind !== 'first generation';
  group('import-by-pin').hidden = kind === 'passphrase';
  group('import-by-passphrase').hidden = kind !== 'passphrase';
  group('import-new-pin').hidden = kind !== 'passphrase';
  replaceRow().hidden = true;
  input('import-replace').checked = false;
}

async function bringKey(signal: AbortSignal): Promise<void> {
  const [file] = input('import-file').files ?? [];
  if (file === undefined) return;
  const blob = await readKeyFile(file);
  const kind = kindOf(blob);
  const newPin = group('import-new-pin').hidden ? undefined : input('import-new').value;
  const options: ImportKeyBlobOptions = {
    signal,
    replace: input('import-replace').checked,
    deviceName: deviceName(),
  };
  if (newPin !== undefined) options.newPin = newPin;
  if (kind === 'passphrase') options.passphrase = input('import-passphrase').value;
  if (kind === 'first generation') options.userId = input('import-user').value.trim();
  const pin = kind === 'passphrase' ? input('import-new').value : input('import-pin').value;
  const key = await client.importKeyBlob(blob, pin, options).catch((error: unknown) => {
    throw explained(error, kind);
  });
  byId('form-import', HTMLFormElement).reset();
  await lookAtFile();
  offer(key.userId);
  say(
    `The key of ${key.userId} is on this device now. Sign in with ${newPin === undefined ? 'its' : 'the new'} PIN.`,
  );
  group('signed-out-notices').replaceChildren(...(await offerToKeep({ hasFile: true })));
  await refreshAccounts();
}

/** The meaning of an error for a file, and the further fields to ask for. */
function explained(error: unknown, kind: KeyFileKind): unknown {
  if (!isZkpAuthError(error)) return error;
  const { code } = error;
  if (code === 'KEY_CONFLICT') replaceRow().hidden = false;
  if (code === 'DECRYPTION_FAILED' && kind === 'passphrase')
    return new Explained(
      'That passphrase does not open this file.',
      'Check it and try again: every letter counts.',
    );
  if (code === 'PIN_LOCKED')
    return new Explained(
      'The PIN of this file is locked, or the file is no longer in use.',
      'Save a new file on a device that can sign in, or bring one that is under a passphrase.',
    );
  if (code === 'PROOF_REJECTED' || code === 'LOGIN_REJECTED')
    return new Explained(
      'The server no longer takes this key.',
      'Nothing on this device was changed. Choose a newer file.',
    );
  if (kind === 'first generation' && (code === 'PIN_TOO_COMMON' || code === 'INVALID_PIN')) {
    group('import-new-pin').hidden = false;
    return new Explained(
      explainError(error).title,
      'It still opens the file. Choose a new PIN for this device below.',
    );
  }
  return error;
}
