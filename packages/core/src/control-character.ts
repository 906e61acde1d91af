/** General category Cc: C0, DEL and C1. A name may contain none of them. */
export const controlCharacter: RegExp = /\p{Cc}/u;
