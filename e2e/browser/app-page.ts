import { readFileSync } from 'node:fs';
import { expect, type Locator, type Page } from '@playwright/test';

export const pin = '482913';
export const otherPin = '771204';

export function appUrl(): string {
  const url = process.env['APP_URL'];
  if (url === undefined) throw new Error('the app was not started');
  return url;
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

  static async open(page: Page): Promise<AppPage> {
    await page.goto(appUrl());
    return new AppPage(page);
  }

  tab(name: string): Locator {
    return this.page.getByRole('tab', { name });
  }

  /** The form that is shown. */
  get panel(): Locator {
    return this.page.getByRole('tabpanel');
  }

  get alert(): Locator {
    return this.page.getByRole('alert');
  }

  get status(): Locator {
    return this.page.getByRole('status');
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
    await this.panel.getByRole('button', { name: 'Sign in' }).click();
  }

  async expectSignedIn(userId: string): Promise<void> {
    await expect(this.page.getByRole('heading', { name: userId, exact: true })).toBeVisible();
  }

  async signOut(): Promise<void> {
    await this.page.getByRole('button', { name: 'Sign out' }).click();
  }

  /** Save the key of who is signed in, and give the file's content. */
  async saveKey(secret = pin): Promise<string> {
    await this.page.getByRole('button', { name: 'Save key as a file' }).click();
    const dialog = this.page.getByRole('dialog');
    await dialog.getByLabel('PIN').fill(secret);
    const download = this.page.waitForEvent('download');
    await dialog.getByRole('button', { name: 'Save file' }).click();
    return readFileSync(await (await download).path(), 'utf8');
  }

  async bringKey(blob: string, secret = pin): Promise<void> {
    await this.tab('Bring a key').click();
    const file = { name: 'key.json', mimeType: 'application/json', buffer: Buffer.from(blob) };
    await this.panel.getByLabel('Key file').setInputFiles(file);
    await this.finishBringing(secret);
  }

  async finishBringing(secret = pin): Promise<void> {
    await this.panel.getByLabel('The PIN it was saved under').fill(secret);
    await this.panel.getByRole('button', { name: 'Bring the key in' }).click();
  }
}
