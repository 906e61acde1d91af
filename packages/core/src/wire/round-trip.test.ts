import * as fc from 'fast-check';
import { describe, expect, expectTypeOf, it } from 'vitest';
import {
  bytes,
  deviceName,
  members,
  milliseconds,
  optional,
  origin,
  text,
  userId,
} from '../../test/any-message.js';
import type { Purpose } from '../bound-message.js';
import {
  formatChallengeRequest,
  formatChallengeResponse,
  parseChallengeRequest,
  parseChallengeResponse,
} from './challenge.js';
import { formatChangePinRequest, parseChangePinRequest } from './change-pin.js';
import { formatConfirmation, parseConfirmation } from './confirmation.js';
import { formatCredentialListResponse, parseCredentialListResponse } from './credential-list.js';
import { formatEndSessionsRequest, parseEndSessionsRequest } from './end-sessions.js';
import type { JsonOf } from './members.js';
import { formatOpenKeyRequest, parseOpenKeyRequest } from './open-key.js';
import { formatRegisterRequest, parseRegisterRequest } from './register.js';
import { formatDeleteAccountRequest, parseDeleteAccountRequest } from './delete-account.js';
import { formatRenameCredentialRequest, parseRenameCredentialRequest } from './rename-credential.js';
import {
  formatRevokeCredentialRequest,
  formatRevokeCredentialResponse,
  parseRevokeCredentialRequest,
  parseRevokeCredentialResponse,
} from './revoke-credential.js';
import { formatRotateKeyRequest, parseRotateKeyRequest } from './rotate-key.js';
import type { AnswerOf, RequestOf, RouteName } from './routes.js';
import {
  formatNewKeyResponse,
  formatRegistrationResponse,
  formatSessionResponse,
  parseNewKeyResponse,
  parseRegistrationResponse,
  parseSessionResponse,
} from './session.js';
import { formatSessionListResponse, parseSessionListResponse } from './session-list.js';
import { formatSessionRequest, parseSessionRequest } from './session-request.js';
import { formatTryReturn, parseTryReturn } from './try-return.js';
import {
  formatUnlockPinRequest,
  formatUnlockPinResponse,
  parseUnlockPinRequest,
  parseUnlockPinResponse,
} from './unlock-pin.js';
import { formatVerifyRequest, parseVerifyRequest, type VerifyRequest } from './verify.js';

/** A message that one side formats and the other side parses. */
interface Trip<Message> {
  any: fc.Arbitrary<Message>;
  format: (message: Message) => object | string;
  parse: (body: unknown) => unknown;
}

/** `null` if there is no body. */
type TripOf<Message> = [Message] extends [undefined] ? null : Trip<Message>;

const purposes: Purpose[] = ['register', 'login', 'confirm', 'change-pin', 'rotate-key'];

const tryReturn = fc.record({
  challengeId: text(16),
  challenge: bytes(32),
  origin,
  audience: origin,
  proof: bytes(64),
});
const { proof, openKey, credential } = members;
const sessionStart = { sessionKey: optional(bytes(32)), refreshToken: optional(text(80)) };
const session = fc.record({
  ...credential,
  sessionId: text(32),
  token: fc.stringMatching(/^[\w.~+/-]{1,40}={0,2}$/),
  tokenType: fc.constantFrom('Bearer', 'DPoP'),
  expiresInMs: milliseconds,
  sessionExpiresInMs: optional(milliseconds),
  refreshToken: optional(text(80)),
  recordCloneSuspectedAtMs: optional(milliseconds),
  newPinDue: optional(fc.constant(true)),
  waysBack: optional(fc.record({ otherDevices: fc.nat(), recoveryKit: fc.boolean() })),
});

const openKeyRequest = { any: fc.record(openKey), format: formatOpenKeyRequest, parse: parseOpenKeyRequest };
const sessionRequest = {
  any: fc.record({
    sessionId: text(32),
    audience: origin,
    refreshToken: optional(text(80)),
    userId: optional(userId),
    credentialId: optional(text(16)),
  }),
  format: formatSessionRequest,
  parse: parseSessionRequest,
};
const sessionResponse = { any: session, format: formatSessionResponse, parse: parseSessionResponse };
const newKeyResponse = {
  any: fc.oneof(session, fc.record(credential)),
  format: formatNewKeyResponse,
  parse: parseNewKeyResponse,
};

const requests: { [Route in RouteName]: TripOf<RequestOf<Route>> } = {
  challenge: {
    any: fc.record({
      ...credential,
      purpose: fc.constantFrom(...purposes),
      pin: optional(
        fc.record({
          id: optional(bytes(16)),
          blinded: bytes(32),
          returns: optional(fc.array(tryReturn, { minLength: 1, maxLength: 10 })),
        }),
      ),
    }),
    format: formatChallengeRequest,
    parse: (body) => parseChallengeRequest(body, purposes),
  },
  register: {
    any: fc.record({
      ...proof,
      ...sessionStart,
      publicKey: bytes(32),
      device: optional(fc.record({ name: deviceName })),
      pinId: optional(bytes(16)),
    }),
    format: formatRegisterRequest,
    parse: parseRegisterRequest,
  },
  verify: {
    any: fc.record({ ...openKey, ...sessionStart, device: optional(fc.record({ name: deviceName })) }),
    format: formatVerifyRequest,
    parse: parseVerifyRequest,
  },
  pin: {
    any: fc.record({
      ...openKey,
      oldPinId: optional(bytes(16)),
      newPinId: bytes(16),
      newPin: optional(fc.constant(true)),
    }),
    format: formatChangePinRequest,
    parse: parseChangePinRequest,
  },
  rotateKey: {
    any: fc.record({
      ...openKey,
      newPublicKey: bytes(32),
      newProof: bytes(64),
      pinId: optional(bytes(16)),
    }),
    format: formatRotateKeyRequest,
    parse: parseRotateKeyRequest,
  },
  openKey: openKeyRequest,
  refresh: sessionRequest,
  signOut: sessionRequest,
  sessions: null,
  endSessions: {
    any: fc.oneof(fc.record({ sessionId: text(32) }), fc.record({ which: fc.constantFrom('others', 'all') })),
    format: formatEndSessionsRequest,
    parse: parseEndSessionsRequest,
  },
  credentials: null,
  renameCredential: {
    any: fc.record({ credentialId: text(16), name: deviceName }),
    format: formatRenameCredentialRequest,
    parse: parseRenameCredentialRequest,
  },
  revokeCredential: {
    any: fc.record({ credentialId: text(16), evenTheLast: optional(fc.constant(true)) }),
    format: formatRevokeCredentialRequest,
    parse: parseRevokeCredentialRequest,
  },
  unlockPin: {
    any: fc.record({ credentialId: text(16) }),
    format: formatUnlockPinRequest,
    parse: parseUnlockPinRequest,
  },
  deleteAccount: {
    any: fc.record({ userId }),
    format: formatDeleteAccountRequest,
    parse: parseDeleteAccountRequest,
  },
};

const answers: { [Route in RouteName]: TripOf<AnswerOf<Route>> } = {
  challenge: {
    any: fc.record({
      challengeId: text(16),
      challenge: bytes(32),
      expiresInMs: milliseconds,
      pin: optional(
        fc.record({
          id: bytes(16),
          evaluated: bytes(32),
          attemptsLeft: fc.nat(),
          failedTries: optional(fc.nat()),
        }),
      ),
    }),
    format: formatChallengeResponse,
    parse: parseChallengeResponse,
  },
  register: newKeyResponse,
  verify: sessionResponse,
  pin: null,
  rotateKey: newKeyResponse,
  openKey: null,
  refresh: sessionResponse,
  signOut: null,
  sessions: {
    any: fc.record({
      sessions: fc.array(
        fc.record({
          sessionId: text(32),
          credentialId: text(16),
          deviceName: fc.option(deviceName),
          createdAtMs: milliseconds,
          lastUsedAtMs: milliseconds,
          current: fc.boolean(),
        }),
        { maxLength: 5 },
      ),
    }),
    format: formatSessionListResponse,
    parse: parseSessionListResponse,
  },
  endSessions: null,
  credentials: {
    any: fc.record({
      credentials: fc.array(
        fc.record({
          credentialId: text(16),
          kind: fc.constantFrom('device', 'recovery'),
          state: fc.constantFrom('live', 'pending', 'revoked', 'replaced'),
          name: fc.option(deviceName),
          addedBy: fc.option(text(16)),
          createdAtMs: milliseconds,
          lastUsedAtMs: fc.option(milliseconds),
          pendingUntilMs: optional(milliseconds),
          endedAtMs: optional(milliseconds),
          pinLocked: optional(fc.boolean()),
          current: fc.boolean(),
        }),
        { maxLength: 5 },
      ),
    }),
    format: formatCredentialListResponse,
    parse: parseCredentialListResponse,
  },
  renameCredential: null,
  revokeCredential: {
    any: fc.record({ credentialId: text(16), added: fc.array(text(16), { maxLength: 32 }) }),
    format: formatRevokeCredentialResponse,
    parse: parseRevokeCredentialResponse,
  },
  unlockPin: {
    any: fc.record({ unlocked: fc.boolean() }),
    format: formatUnlockPinResponse,
    parse: parseUnlockPinResponse,
  },
  deleteAccount: null,
};

/** A message with one unknown member in each of its objects. */
function withStrangers<Message>(message: Message): Message;
function withStrangers(message: unknown): unknown {
  if (typeof message !== 'object' || message === null || message instanceof Uint8Array) return message;
  if (Array.isArray(message)) return message.map((item: unknown) => withStrangers(item));
  const members = Object.entries(message).map(([name, value]) => [name, withStrangers(value)] as const);
  return { ...Object.fromEntries(members), secretKey: new Uint8Array(32) };
}

function check<Message>(name: string, { any, format, parse }: Trip<Message>): void {
  it(`${name} is read as it was written`, () => {
    fc.assert(
      fc.property(any, (message) => {
        expect(parse(JSON.parse(JSON.stringify(format(message))))).toEqual(message);
      }),
    );
  });

  it(`${name} takes along no member that is not its own`, () => {
    fc.assert(
      fc.property(any, (message) => {
        expect(JSON.stringify(format(withStrangers(message)))).toBe(JSON.stringify(format(message)));
      }),
    );
  });
}

describe('the request of', () => {
  for (const [route, trip] of Object.entries(requests))
    if (trip !== null) check(route, trip as Trip<unknown>);
});

describe('the answer of', () => {
  for (const [route, trip] of Object.entries(answers)) if (trip !== null) check(route, trip as Trip<unknown>);
});

describe('of the messages that are no route’s own,', () => {
  check('a proof that gives a try back', {
    any: tryReturn,
    format: formatTryReturn,
    parse: parseTryReturn,
  });
  check('a registration without a session', {
    any: fc.record(credential),
    format: formatRegistrationResponse,
    parse: parseRegistrationResponse,
  });
  check('a confirmation', {
    any: fc.record(openKey),
    format: formatConfirmation,
    parse: (header) => parseConfirmation(header as string),
  });
});

it('a formatter that forgets a member, an optional one too, does not compile', () => {
  expectTypeOf(formatVerifyRequest).returns.toExtend<JsonOf<VerifyRequest>>();
  expectTypeOf(formatOpenKeyRequest).returns.not.toExtend<JsonOf<VerifyRequest>>();
  expectTypeOf<JsonOf<{ id?: Uint8Array; names: string[] }>>().toEqualTypeOf<{
    id: string | undefined;
    names: string[];
  }>();
});
