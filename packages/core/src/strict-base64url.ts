/**
 * Base64url without padding, and without set bits that belong to no byte. So each value has one text. If the last
 * group has two or three letters, the lowest four or two bits of its last letter are zero.
 */
export const strictBase64url: RegExp = /^(?:[\w-]{4})*(?:[\w-][AQgw]|[\w-]{2}[AEIMQUYcgkosw048])?$/;
