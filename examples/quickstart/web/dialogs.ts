import { byId } from './dom.ts';
import { busyWith, cancelBusy, type Details, isBusy, say } from './feedback.ts';
import { onSubmit } from './forms.ts';
import { surfaceAround } from './surfaces.ts';

/**
 * Show a dialog until its work succeeds, or until the person leaves it. The work gets the button that began it. The
 * dialog shows errors itself, and the browser gives the focus back to its former place.
 *
 * @returns whether the work succeeded.
 */
export function runDialog(
  id: string,
  work: (signal: AbortSignal, submitter: HTMLElement | null) => Promise<void>,
  detailsOf?: Details,
): Promise<boolean> {
  const dialog = byId(id, HTMLDialogElement);
  const form = dialog.querySelector('form') as HTMLFormElement;
  const open = new AbortController();
  const { signal } = open;
  let working = false;
  let done = false;
  const leave = (): void => (isBusy() ? cancelBusy() : dialog.close());

  form.reset();
  dialog.showModal();
  say('');
  onSubmit(
    form,
    async (submitter) => {
      working = true;
      done = await busyWith((cancelled) => work(cancelled, submitter), detailsOf);
      working = false;
      if (done) dialog.close();
    },
    signal,
  );
  dialog.querySelector('.dismiss')?.addEventListener('click', leave, { signal });
  dialog.addEventListener(
    'cancel',
    (event) => {
      if (isBusy()) event.preventDefault();
      cancelBusy();
    },
    { signal },
  );
  return new Promise((resolve) => {
    dialog.addEventListener(
      'close',
      () => {
        if (working) cancelBusy();
        open.abort();
        form.reset();
        say('', surfaceAround(form));
        resolve(done);
      },
      { once: true },
    );
  });
}
