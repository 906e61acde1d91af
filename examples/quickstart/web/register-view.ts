import { refreshAccounts } from './account-list.ts';
import { client } from './client.ts';
import { announce } from './current-session.ts';
import { deviceName } from './device-name.ts';
import { byId } from './dom.ts';
import { busyWith } from './feedback.ts';
import { input, onSubmit } from './forms.ts';
import { pinDetails } from './locked-view.ts';
import { noticesOf } from './notices.ts';
import { offerToKeep } from './storage-view.ts';

export function bindRegister(): void {
  onSubmit(byId('form-register', HTMLFormElement), async () => {
    const userId = input('register-user').value.trim();
    const pin = input('register-pin').value;
    const created = await busyWith(
      async (signal) => {
        const registered = await client.register(userId, pin, { signal, deviceName: deviceName() });
        const session = registered.session ?? (await client.login(userId, pin, { signal }));
        const notices = [...noticesOf(session), ...(await offerToKeep({ hasFile: false }))];
        announce(`Account created. You are signed in as ${session.userId}.`, notices);
      },
      (error) => pinDetails(error, userId),
    );
    // If a registration was interrupted, its key is on this device.
    if (!created) await refreshAccounts();
  });
}
