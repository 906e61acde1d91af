/** The directive that refused each address, as the browser reported it. */
let refusals: Map<string, string | undefined> | undefined;

/** Listen from now on to reports of the Content-Security-Policy about an address. */
export function watchPolicy(address: string): void {
  if (refusals === undefined) {
    refusals = new Map();
    const { document = globalThis } = globalThis as { document?: Pick<Document, 'addEventListener'> };
    document.addEventListener('securitypolicyviolation', onViolation as EventListener);
  }
  refusals.set(address, undefined);
}

/** The directive that refused an address since the last call of {@link watchPolicy} for it. */
export function refusedBy(address: string): string | undefined {
  return refusals?.get(address);
}

function onViolation({ blockedURI, disposition, effectiveDirective }: SecurityPolicyViolationEvent): void {
  if (disposition === 'enforce' && refusals?.has(blockedURI) === true) {
    refusals.set(blockedURI, effectiveDirective);
  }
}
