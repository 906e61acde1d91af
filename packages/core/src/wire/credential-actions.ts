/** The actions of the protocol that a person confirms over the exact body of the request (section 9). */
export const renameCredentialAction = 'zkp-auth:rename-credential';
export const revokeCredentialAction = 'zkp-auth:revoke-credential';
export const unlockPinAction = 'zkp-auth:unlock-pin';
