// types.spec.ts checks the types.
// oxlint-disable-next-line import/no-default-export -- Next.js looks for it
export default { typescript: { ignoreBuildErrors: true } };
