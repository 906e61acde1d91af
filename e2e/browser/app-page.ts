import { readFileSync } from 'node:fs';
import { expect, type Locator, type Page } from '@playwright/test';

export const pin = '482913';
export const otherPin = '738294';

/** Read a setting that the global setup has published. */
export function setting(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error('the app was not started');
  return value;
}

export function appUrl(): string {
  return setting('APP_URL');
}

let users = 0;

/** A name that no other test uses. */
export function newUser(stem = 'user'): string {
  return `${stem}-${process.pid}-${users++}`;
}

/** The quickstart as a person uses it, by names and roles, not by ids. */
export class AppPage {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  static async open(page: Page, url = appUrl()): Promise<AppPage> {
    await page.goto(url);
    return new AppPage(page);
  }

  /** The quickstart as it is right after a registration. */
  static async signedIn(page: Page, user: string): Promise<AppPage> {
    const app = await AppPage.open(page);
    await app.register(user);
    await app.expectSignedIn(user);
    return app;
  }

  tab(name: string): Locator {
    return this.page.getByRole('tab', { name });
  }

  /** The visible form. */
  get panel(): Locator {
    return this.page.getByRole('tabpanel');
  }

  /** The error of the card. A dialog shows its own error. */
  get alert(): Locator {
    return this.card.getByRole('alert');
  }

  get status(): Locator {
    return this.card.getByRole('status');
  }

  get card(): Locator {
    return this.page.getByRole('region', { name: 'Your account' });
  }

  get dialog(): Locator {
    return this.page.getByRole('dialog');
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

  button(name: string): Locator {
    return this.page.getByRole('button', { name, exact: true });
  }

  account(userId: string): Locator {
    return this.page
      .getByRole('region', { name: 'Accounts on this device' })
      .getByRole('listitem')
      .filter({ hasText: userId });
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
    await this.panel.getByLabel('PIN', { exact: true }).fill(secret);
    return this.panel.getByRole('button', { name: 'Sign in', exact: true });
  }

  async expectSignedIn(userId: string): Promise<void> {
    await expect(this.page.getByRole('heading', { name: userId, exact: true })).toBeVisible();
  }

  async signOut(): Promise<void> {
    await this.button('Sign out').click();
    await expect(this.tab('Sign in')).toBeVisible();
  }

  /** Expect the page of a person whose session ended, but not through this tab. */
  async expectSignedOutElsewhere(userId: string): Promise<void> {
    await expect(this.status).toContainText('You are signed out');
    await expect(this.panel.getByLabel('User name')).toHaveValue(userId);
    await expect(this.panel.getByLabel('PIN', { exact: true })).toBeFocused();
  }

  /** Press a button of “Security”. */
  async secure(button: string): Promise<void> {
    await this.tab('Security').click();
    await this.button(button).click();
  }

  /** The id of the key in the current session. */
  async credentialId(): Promise<string> {
    await this.tab('Security').click();
    return (await this.card.getByRole('code').textContent()) ?? '';
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
    await expect(this.payments.first()).toContainText(to);
  }

  /** Fill in the dialog for a new PIN. Without the current PIN, it is the dialog that a passkey opens. */
  async fillNewPin(current: string | null, newPin: string): Promise<void> {
    if (current !== null) await this.dialog.getByLabel('Current PIN').fill(current);
    await this.dialog.getByLabel('New PIN').fill(newPin);
    await this.dialog.getByLabel('The same PIN again').fill(newPin);
    await this.dialog.getByRole('button', { name: 'Change PIN' }).click();
  }

  async changePin(current: string, newPin: string): Promise<void> {
    await this.secure('Change PIN');
    await this.fillNewPin(current, newPin);
  }

  async addPasskey(secret = pin): Promise<void> {
    await this.secure('Add a passkey');
    await this.dialog.getByLabel('PIN').fill(secret);
    await this.dialog.getByRole('button', { name: 'Add passkey' }).click();
    await expect(this.status).toContainText('The passkey is added.');
  }

  /** Save the key of the current session, and give the content of the file. */
  async saveKey(secret = pin): Promise<string> {
    await this.secure('Save key as a file');
    await this.dialog.getByLabel('Your PIN').fill(secret);
    return this.download();
  }

  /** Save the file through the dialog. */
  async download(): Promise<string> {
    const download = this.page.waitForEvent('download');
    await this.dialog.getByRole('button', { name: 'Save file' }).click();
    return readFileSync(await (await download).path(), 'utf8');
  }

  async chooseFile(blob: string): Promise<void> {
    await this.tab('Bring a key').click();
    const file = { name: 'key.json', mimeType: 'application/json', buffer: Buffer.from(blob) };
    await this.panel.getByLabel('Key file').setInputFiles(file);
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
