import type { Device } from './driver/device.ts';
import type { Locator, Text } from './driver/locator.ts';
import type { Tab } from './driver/tab.ts';
import { soon } from './soon.ts';

export const pin = '482913';
export const otherPin = '738294';

let users = 0;

/** A name that no other test of its file uses. Each file has a server of its own. */
export function newUser(stem = 'user'): string {
  return `${stem}-${users++}`;
}

/** The quickstart as a person uses it, by names and roles, not by ids. It is the same in all engines. */
export class AppPage {
  readonly device: Device;
  readonly page: Tab;
  readonly url: string;

  private constructor(device: Device, page: Tab, url: string) {
    this.device = device;
    this.page = page;
    this.url = url;
  }

  /** The page in a new tab of a device. */
  static async open(device: Device, url: string): Promise<AppPage> {
    const page = await device.newTab();
    await page.goto(url);
    return new AppPage(device, page, url);
  }

  /** The page in another tab of the same device. */
  openAnother(): Promise<AppPage> {
    return AppPage.open(this.device, this.url);
  }

  tab(name: string): Locator {
    return this.page.getByRole('tab', { name });
  }

  /** The visible form. */
  get panel(): Locator {
    return this.page.getByRole('tabpanel');
  }

  get card(): Locator {
    return this.page.getByRole('region', { name: 'Your account' });
  }

  /** The error of the card. A dialog shows its own error. */
  get alert(): Locator {
    return this.card.getByRole('alert');
  }

  get status(): Locator {
    return this.card.getByRole('status');
  }

  get dialog(): Locator {
    return this.page.getByRole('dialog');
  }

  get dialogAlert(): Locator {
    return this.dialog.getByRole('alert');
  }

  /** The list of secrets that open the current key. The tab “Security” shows it. */
  get slots(): Locator {
    return this.rows('What opens this key');
  }

  /** The list of the user's sessions. The tab “Sessions” shows it. */
  get sessions(): Locator {
    return this.rows('Where you are signed in');
  }

  get payments(): Locator {
    return this.rows('Payments made');
  }

  rows(list: string): Locator {
    return this.page.getByRole('list', { name: list }).getByRole('listitem');
  }

  button(name: Text): Locator {
    return this.page.getByRole('button', { name });
  }

  account(userId: string): Locator {
    return this.page
      .getByRole('region', { name: 'Accounts on this device' })
      .getByRole('listitem')
      .withText(userId);
  }

  async register(userId: string, secret = pin): Promise<void> {
    await (await this.fillRegister(userId, secret)).click();
  }

  /** Fill in the form, and give the button to press next. */
  async fillRegister(userId: string, secret = pin): Promise<Locator> {
    await this.tab('Create account').click();
    await this.panel.getByLabel('User name').fill(userId);
    await this.panel.getByLabel('New PIN').fill(secret);
    await this.panel.getByLabel('The same PIN again').fill(secret);
    return this.panel.getByRole('button', { name: 'Create account' });
  }

  async login(userId: string, secret = pin): Promise<void> {
    await (await this.fillLogin(userId, secret)).click();
  }

  /** Fill in the form, and give the button to press next. */
  async fillLogin(userId: string, secret = pin): Promise<Locator> {
    await this.tab('Sign in').click();
    await this.panel.getByLabel('User name').fill(userId);
    await this.panel.getByLabel('PIN').fill(secret);
    return this.panel.getByRole('button', { name: 'Sign in' });
  }

  async registerAndEnter(userId: string, secret = pin): Promise<void> {
    await this.register(userId, secret);
    await this.expectSignedIn(userId);
  }

  async loginAndEnter(userId: string, secret = pin): Promise<void> {
    await this.login(userId, secret);
    await this.expectSignedIn(userId);
  }

  async expectSignedIn(userId: string): Promise<void> {
    await soon(() => this.page.getByRole('heading', { name: userId }).count()).toBe(1);
  }

  /** Wait until the page knows whether somebody is signed in. */
  async isSignedIn(): Promise<boolean> {
    await soon(
      async () => (await this.button('Sign out').count()) + (await this.tab('Sign in').count()),
    ).toBe(1);
    return (await this.button('Sign out').count()) === 1;
  }

  async expectSignedOut(): Promise<void> {
    await soon(() => this.tab('Sign in').count()).toBe(1);
  }

  async signOut(): Promise<void> {
    await this.button('Sign out').click();
    await this.expectSignedOut();
  }

  /** Start from a signed-out page, and check that exactly one of two PINs opens the key, now and later. */
  async expectOnePin(userId: string, counts: string, other: string): Promise<void> {
    await this.loginAndEnter(userId, counts);
    await this.expectOnePinStill(userId, counts, other);
  }

  /** The same check for a person who has just signed in with the right PIN. */
  async expectOnePinStill(userId: string, counts: string, other: string): Promise<void> {
    await this.signOut();
    await this.login(userId, other);
    await this.complains('That PIN does not open this key.');
    await this.loginAndEnter(userId, counts);
  }

  /** Expect the page of a person whose session ended, but not through this tab. */
  async expectSignedOutElsewhere(userId: string): Promise<void> {
    await this.says('You are signed out');
    await soon(() => this.panel.getByLabel('User name').value()).toBe(userId);
    await soon(() => this.panel.getByLabel('PIN').isFocused()).toBe(true);
  }

  /** Expect a success message in the card. */
  async says(text: string): Promise<void> {
    await soon(() => this.status.text()).toContain(text);
  }

  /** Expect an error in the card. */
  async complains(text: string): Promise<void> {
    await soon(() => this.alert.text()).toContain(text);
  }

  /** Expect an error in the dialog. */
  async dialogComplains(text: string): Promise<void> {
    await soon(() => this.dialogAlert.text()).toContain(text);
  }

  /** Press a button of “Security”. */
  async secure(button: string): Promise<void> {
    await this.tab('Security').click();
    await this.button(button).click();
  }

  /** The id of the key in the current session. */
  async credentialId(): Promise<string> {
    await this.tab('Security').click();
    return (await this.card.getByRole('code').text()) ?? '';
  }

  /** Ask for a payment, up to the dialog that asks for a confirmation. */
  async order(to: string, euros: string): Promise<void> {
    await this.tab('Payments').click();
    await this.panel.getByLabel('To whom').fill(to);
    await this.panel.getByLabel('Euros').fill(euros);
    await this.button('Send a payment').click();
  }

  async confirm(secret = pin): Promise<void> {
    await this.dialog.getByLabel('PIN').fill(secret);
    await this.dialog.getByRole('button', { name: /^Pay / }).click();
  }

  async pay(to: string, euros: string): Promise<void> {
    await this.order(to, euros);
    await this.confirm();
    await soon(() => this.payments.first.text()).toContain(to);
  }

  async fillNewPin(current: string, newPin: string): Promise<void> {
    await this.dialog.getByLabel('Current PIN').fill(current);
    await this.dialog.getByLabel('New PIN').fill(newPin);
    await this.dialog.getByLabel('The same PIN again').fill(newPin);
    await this.dialog.getByRole('button', { name: 'Change PIN' }).click();
  }

  async changePin(current: string, newPin: string): Promise<void> {
    await this.secure('Change PIN');
    await this.fillNewPin(current, newPin);
  }

  /** Save the key of the current session, and give the content of the file. */
  async saveKey(secret = pin): Promise<string> {
    await this.secure('Save key as a file');
    await this.dialog.getByLabel('Your PIN').fill(secret);
    return this.download();
  }

  /** Save the file through the dialog. */
  async download(): Promise<string> {
    return this.device.download(() => this.dialog.getByRole('button', { name: 'Save file' }).click());
  }

  async chooseFile(blob: string): Promise<void> {
    await this.tab('Bring a key').click();
    await this.panel.getByLabel('Key file').setFile(this.device.writeFile(blob));
  }

  async bringKey(blob: string, secret = pin): Promise<void> {
    await this.chooseFile(blob);
    await this.finishBringing(secret);
  }

  async finishBringing(secret = pin): Promise<void> {
    await this.panel.getByLabel('The PIN it was saved under').fill(secret);
    await this.panel.getByRole('button', { name: 'Bring the key in' }).click();
  }

  /** Bring a key from a file under a passphrase. This device gets a PIN of its own. */
  async bringKeyByPassphrase(blob: string, passphrase: string, newPin: string): Promise<void> {
    await this.chooseFile(blob);
    await this.panel.getByLabel('The passphrase it was saved under').fill(passphrase);
    await this.panel.getByLabel('New PIN for this device').fill(newPin);
    await this.panel.getByLabel('The same PIN again').fill(newPin);
    await this.panel.getByRole('button', { name: 'Bring the key in' }).click();
  }
}
