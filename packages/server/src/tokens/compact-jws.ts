/** One JWS in its compact form (RFC 7515 section 3.1). Node.js would have joined two header fields with a comma. */
export const compactJws: RegExp = /^[\w-]+\.[\w-]+\.[\w-]+$/;
