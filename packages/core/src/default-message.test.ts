import { expect, it } from 'vitest';
import { defaultMessage as nodeMessage } from './default-message.node.js';
import { defaultMessage as vaultMessage } from './default-message.vault.js';
import { defaultMessage as webMessage, provideMessages } from './default-message.web.js';
import { clientMessages } from './error-messages.js';
import { managementMessages } from './management-messages.js';

it('a page has the code in the place of a sentence until the sentences are there', () => {
  expect(webMessage('NETWORK_ERROR')).toBe('NETWORK_ERROR');
  provideMessages(clientMessages);
  expect(webMessage('NETWORK_ERROR')).toBe(clientMessages.NETWORK_ERROR);
  expect(webMessage('NETWORK_ERROR')).toBe(nodeMessage('NETWORK_ERROR'));
  expect(webMessage('LAST_SLOT')).toBe('LAST_SLOT');
  provideMessages(managementMessages);
  expect(webMessage('LAST_SLOT')).toBe(nodeMessage('LAST_SLOT'));
  expect(webMessage('LAST_SLOT')).toBe(managementMessages.LAST_SLOT);
  expect(webMessage('NETWORK_ERROR')).toBe(clientMessages.NETWORK_ERROR);
  expect(webMessage('LOGIN_REJECTED')).toBe('LOGIN_REJECTED');
});

it('the vault worker has codes alone', () => {
  expect(vaultMessage('NETWORK_ERROR')).toBe('NETWORK_ERROR');
});
