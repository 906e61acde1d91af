// types.spec.ts checks the types.
// oxlint-disable-next-line import/no-default-export -- what Next.js looks for
export default { typescript: { ignoreBuildErrors: true } };
