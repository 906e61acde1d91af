import { readFileSync } from 'node:fs';
import { expect, type Locator, type Page } from '@playwright/test';

export const pin = '482913';
export const otherPin = '738294';

/** What the global setup has published. */
export function setting(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error('the app was not started');
  return value;
}

export function appUrl(): string {
  return setting('APP_URL');
}

/** Let requests go nowhere until the test is done with them: then they are lost. */
export async function holdRequests(page: Page, pattern: string): Promise<() => Promise<void>> {
  let lose: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (lose = resolve));
  const lost: Promise<void>[] = [];
  await page.route(pattern, (route) => {
    // The page may have given the request up by then.
    lost.push(held.then(() => route.abort()).catch(() => undefined));
  });
  return async () => {
    lose();
    // Without its route, what is still held would leave.
    await Promise.all(lost);
    await page.unroute(pattern);
  };
}

let users = 0;

/** A name that no other test uses. */
export function newUser(stem = 'user'): string {
  return `${stem}-${process.pid}-${users++}`;
}

/** The quickstart as a person uses it: by names and roles, not by ids. */
export class AppPage {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  static async open(page: Page, url = appUrl()): Promise<AppPage> {
    await page.goto(url);
    return new AppPage(page);
  }

  tab(name: string): Locator {
    return this.page.getByRole('tab', { name });
  }

  /** The form that is shown. */
  get panel(): Locator {
    return this.page.getByRole('tabpanel');
  }

  /** Where the card says what went wrong; a dialog says it in itself. */
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

  /** What opens the key of who is signed in. */
  get slots(): Locator {
    return this.page.getByRole('list', { name: 'What opens this key' }).getByRole('listitem');
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
    await this.tab('Create account').click();
    await this.panel.getByLabel('User name').fill(userId);
    await this.panel.getByLabel('New PIN').fill(secret);
    await this.panel.getByLabel('The same PIN again').fill(secret);
    await this.panel.getByRole('button', { name: 'Create account' }).click();
  }

  async login(userId: string, secret = pin): Promise<void> {
    await this.tab('Sign in').click();
    await this.panel.getByLabel('User name').fill(userId);
    await this.panel.getByLabel('PIN', { exact: true }).fill(secret);
    await this.panel.getByRole('button', { name: 'Sign in', exact: true }).click();
  }

  async expectSignedIn(userId: string): Promise<void> {
    await expect(this.page.getByRole('heading', { name: userId, exact: true })).toBeVisible();
  }

  async signOut(): Promise<void> {
    await this.button('Sign out').click();
  }

  /** The id of the key that is signed in. */
  async credentialId(): Promise<string> {
    return (await this.card.getByRole('code').textContent()) ?? '';
  }

  /** Fill in the dialog for a new PIN; without the current one it is the dialog that a passkey opens. */
  async fillNewPin(current: string | null, newPin: string): Promise<void> {
    if (current !== null) await this.dialog.getByLabel('Current PIN').fill(current);
    await this.dialog.getByLabel('New PIN').fill(newPin);
    await this.dialog.getByLabel('The same PIN again').fill(newPin);
    await this.dialog.getByRole('button', { name: 'Change PIN' }).click();
  }

  async changePin(current: string, newPin: string): Promise<void> {
    await this.button('Change PIN').click();
    await this.fillNewPin(current, newPin);
  }

  async addPasskey(secret = pin): Promise<void> {
    await this.button('Add a passkey').click();
    await this.dialog.getByLabel('PIN').fill(secret);
    await this.dialog.getByRole('button', { name: 'Add passkey' }).click();
    await expect(this.status).toContainText('The passkey is added.');
  }

  /** Save the key of who is signed in, and give the file's content. */
  async saveKey(secret = pin): Promise<string> {
    await this.button('Save key as a file').click();
    await this.dialog.getByLabel('Your PIN').fill(secret);
    return this.download();
  }

  /** Have the dialog save the file. */
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

  /** A file under a passphrase: this device gets a PIN of its own. */
  async bringKeyByPassphrase(blob: string, passphrase: string, newPin: string): Promise<void> {
    await this.chooseFile(blob);
    await this.panel.getByLabel('The passphrase it was saved under').fill(passphrase);
    await this.panel.getByLabel('New PIN for this device').fill(newPin);
    await this.panel.getByLabel('The same PIN again').fill(newPin);
    await this.panel.getByRole('button', { name: 'Bring the key in' }).click();
  }
}
