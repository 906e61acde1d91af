import { byId } from './dom.ts';
import { sayMissing } from './feedback.ts';

export const input = (id: string): HTMLInputElement => byId(id, HTMLInputElement);

/** Run when a form is submitted, if every field that its button requires is filled. */
export function onSubmit(
  form: HTMLFormElement,
  run: (submitter: HTMLElement | null) => Promise<unknown>,
  signal?: AbortSignal,
): void {
  const listener = (event: SubmitEvent): void => {
    event.preventDefault();
    const { submitter } = event;
    const asksForAll = !(submitter instanceof HTMLButtonElement && submitter.formNoValidate);
    if (!asksForAll || isComplete(form)) void run(submitter);
  };
  form.addEventListener('submit', listener, signal === undefined ? {} : { signal });
}

/** Whether a form is complete. If it is not, the field shows the problem. */
export function isComplete(form: HTMLFormElement): boolean {
  for (const field of form.querySelectorAll<HTMLInputElement>('input[required]')) {
    const problem = field.closest('[hidden]') === null ? problemOf(field) : null;
    if (problem === null) continue;
    sayMissing(field, problem);
    return false;
  }
  return true;
}

/** Whether one field is filled. If it is not, the field shows the problem. */
export function isFilled(field: HTMLInputElement): boolean {
  const problem = problemOf(field);
  if (problem !== null) sayMissing(field, problem);
  return problem === null;
}

function problemOf(field: HTMLInputElement): string | null {
  const label = field.labels?.[0]?.textContent.trim() ?? 'A field';
  if (field.type === 'checkbox') return field.checked ? null : `Tick “${label}” first.`;
  if (field.value === '') return `${label} is missing.`;
  const { repeats } = field.dataset;
  return repeats === undefined || input(repeats).value === field.value
    ? null
    : 'The two PINs are not the same.';
}

/** Clear every PIN and passphrase from the page. */
export function clearSecrets(): void {
  for (const field of document.querySelectorAll<HTMLInputElement>('input[type="password"]')) field.value = '';
}
