export { argon2id } from '../../packages/client/test/cheap-argon2.ts';
