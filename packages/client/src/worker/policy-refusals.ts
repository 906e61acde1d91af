/** The directive that refused an address, as the browser reported it, by address. */
let refusals: Map<string, string | undefined> | undefined;

/** Listen from now on to what the Content-Security-Policy says of an address. */
export function watchPolicy(address: string): void {
  if (refusals === undefined) {
    refusals = new Map();
    const { document = globalThis } = globalThis as { document?: Pick<Document, 'addEventListener'> };
    document.addEventListener('securitypolicyviolation', onViolation as EventListener);
  }
  refusals.set(address, undefined);
}

/** The directive that refused an address since it was watched last. */
export function refusedBy(address: string): string | undefined {
  return refusals?.get(address);
}

function onViolation({ blockedURI, disposition, effectiveDirective }: SecurityPolicyViolationEvent): void {
  if (disposition === 'enforce' && refusals?.has(blockedURI) === true) {
    refusals.set(blockedURI, effectiveDirective);
  }
}
