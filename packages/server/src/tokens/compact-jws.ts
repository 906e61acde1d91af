/** One JWS in its compact form (RFC 7515 section 3.1). Two header fields would have been joined by a comma. */
export const compactJws: RegExp = /^[\w-]+\.[\w-]+\.[\w-]+$/;
