import { type CredentialProof, formatCredentialProof } from './credential-proof.js';
import { noBody, type Route } from './route.js';

export {
  formatCredentialProof as formatOpenKeyRequest,
  parseCredentialProof as parseOpenKeyRequest,
} from './credential-proof.js';

/** Body of `POST {base}/open-key`, a proof by a credential and nothing else. */
export type OpenKeyRequest = CredentialProof;

/** Confirm that a credential's key is opened to be changed. */
export const openKeyRoute: Route<OpenKeyRequest, undefined> = {
  path: '/open-key',
  method: 'POST',
  status: 204,
  format: formatCredentialProof,
  parse: noBody,
};
