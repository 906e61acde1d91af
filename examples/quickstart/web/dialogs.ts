import { byId } from './dom.ts';
import { busyWith, cancelBusy, type Details, isBusy, say } from './feedback.ts';
import { onSubmit } from './forms.ts';
import { surfaceAround } from './surfaces.ts';

/**
 * Show a dialog until its work has ended well, or the person leaves it. What goes wrong is said in it, and the
 * browser gives the focus back to where it came from.
 *
 * @returns whether the work ended well.
 */
export function runDialog(
  id: string,
  work: (signal: AbortSignal) => Promise<void>,
  detailsOf?: Details,
): Promise<boolean> {
  const dialog = byId(id, HTMLDialogElement);
  const form = dialog.querySelector('form') as HTMLFormElement;
  const open = new AbortController();
  const { signal } = open;
  let done = false;
  const leave = (): void => (isBusy() ? cancelBusy() : dialog.close());

  form.reset();
  dialog.showModal();
  say('');
  onSubmit(
    form,
    async () => {
      done = await busyWith(work, detailsOf);
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
        if (!done) cancelBusy();
        open.abort();
        form.reset();
        say('', surfaceAround(form));
        resolve(done);
      },
      { once: true },
    );
  });
}
