/** General category Cc: C0, DEL and C1. None may stand in a name. */
export const controlCharacter: RegExp = /\p{Cc}/u;
