import { createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { Pool } from 'undici';
import { buildMessage, credentialIdOf, loginContext, registerContext } from '@zkp-auth/core';

export const origin = 'https://app.example';
export const audience = 'https://api.example';

/** Requests under way at once. */
const lanes = 32;

/**
 * Somebody who signs in as fast as the server lets them. The key is an ordinary Ed25519 key: its signatures
 * satisfy the proof's equation, and making them natively leaves the load to the server.
 */
export class LoginLoad {
  readonly #pool: Pool;
  readonly #privateKey = generateKeyPairSync('ed25519').privateKey;
  readonly #publicKey: Uint8Array;
  readonly #credentialId: string;

  constructor(port: number) {
    this.#pool = new Pool(`http://127.0.0.1:${port}`, { connections: lanes });
    this.#publicKey = createPublicKey(this.#privateKey).export({ type: 'spki', format: 'der' }).subarray(-32);
    this.#credentialId = credentialIdOf(this.#publicKey);
  }

  async register(): Promise<void> {
    const publicKey = Buffer.from(this.#publicKey).toString('base64url');
    await this.#post('/auth/register', { ...(await this.#prove('register')), publicKey }, 201);
  }

  async login(): Promise<void> {
    const fields = await this.#prove('login');
    const { token } = await this.#post('/auth/verify', { ...fields, credentialId: this.#credentialId }, 200);
    if (typeof token !== 'string') throw new Error('a login gave no token');
  }

  /** Complete logins per second over a while. */
  async loginsPerSecond(forMs: number): Promise<number> {
    const started = performance.now();
    let logins = 0;
    const lane = async (): Promise<void> => {
      while (performance.now() - started < forMs) {
        await this.login();
        logins++;
      }
    };
    await Promise.all(Array.from({ length: lanes }, lane));
    return logins / ((performance.now() - started) / 1000);
  }

  async close(): Promise<void> {
    await this.#pool.destroy();
  }

  async #prove(purpose: 'register' | 'login'): Promise<Record<string, string>> {
    const bound = { userId: 'alice', origin, audience };
    const request = { purpose, userId: bound.userId, credentialId: this.#credentialId };
    const { challengeId, challenge } = (await this.#post('/auth/challenge', request, 200)) as Record<
      string,
      string
    >;
    const message = buildMessage({
      ...bound,
      purpose,
      credentialId: this.#credentialId,
      challengeId: challengeId as string,
      challenge: Buffer.from(challenge as string, 'base64url'),
      context: purpose === 'login' ? loginContext() : registerContext({ publicKey: this.#publicKey }),
    });
    return {
      ...bound,
      challengeId: challengeId as string,
      proof: sign(null, message, this.#privateKey).toString('base64url'),
      // For the floor, which builds no message of its own; the product ignores it.
      message: Buffer.from(message).toString('base64url'),
    };
  }

  async #post(path: string, body: object, expected: number): Promise<Record<string, unknown>> {
    const { statusCode, body: answer } = await this.#pool.request({
      path,
      method: 'POST',
      headers: { 'content-type': 'application/json', origin },
      body: JSON.stringify(body),
    });
    const json = (await answer.json()) as Record<string, unknown>;
    if (statusCode !== expected) throw new Error(`${path} answered ${statusCode}: ${JSON.stringify(json)}`);
    return json;
  }
}
