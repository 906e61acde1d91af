import { generatePassphrase } from '@zkp-auth/client';
import { byId } from './dom.ts';
import { say, sayError } from './feedback.ts';
import { input } from './forms.ts';

const div = (id: string): HTMLDivElement => byId(id, HTMLDivElement);
const button = (id: string): HTMLButtonElement => byId(id, HTMLButtonElement);
const words = (): HTMLDivElement => div('words');
const choices = (): NodeListOf<HTMLInputElement> => document.querySelectorAll('input[name="lock"]');

/**
 * The passphrase part of the save dialog. The person types a passphrase, or the page generates one and shows it once.
 */
export function bindPassphrase(): void {
  for (const choice of choices()) choice.addEventListener('change', show);
  button('generate-passphrase').addEventListener('click', () => {
    generatePassphrase().then((passphrase) => {
      words().textContent = passphrase;
      show();
      words().focus();
    }, sayError);
  });
  button('type-passphrase').addEventListener('click', () => {
    words().textContent = '';
    show();
    input('passphrase').focus();
  });
  button('copy-passphrase').addEventListener('click', () => {
    navigator.clipboard.writeText(words().textContent).then(
      () => say('Copied. Clear the clipboard when it is written down.'),
      () => {
        getSelection()?.selectAllChildren(words());
        say('This browser does not let the page copy. The words are selected: copy them yourself.');
      },
    );
  });
}

/** Go back to the state without a choice. */
export function resetPassphrase(): void {
  words().textContent = '';
  input('passphrase').value = '';
  for (const choice of choices()) choice.checked = choice.defaultChecked;
  show();
}

/** The passphrase that locks the file beside the PIN, if any. */
export function chosenPassphrase(): string | undefined {
  if (!isWanted()) return undefined;
  return words().textContent === '' ? input('passphrase').value : words().textContent;
}

function show(): void {
  div('save-passphrase').hidden = !isWanted();
  const isGenerated = words().textContent !== '';
  div('typed-passphrase').hidden = isGenerated;
  div('generated-passphrase').hidden = !isGenerated;
  input('written-down').checked = false;
  say('');
}

function isWanted(): boolean {
  return [...choices()].some(({ checked, value }) => checked && value === 'passphrase');
}
