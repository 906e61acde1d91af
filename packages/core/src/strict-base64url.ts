/**
 * Base64url without padding, and without set bits that belong to no byte, so that each value has one text: a last
 * group of two or three letters ends with one whose lowest four or two bits are zero.
 */
export const strictBase64url: RegExp = /^(?:[\w-]{4})*(?:[\w-][AQgw]|[\w-]{2}[AEIMQUYcgkosw048])?$/;
