import { connection } from 'next/server';
import { Application } from './application.jsx';

// oxlint-disable-next-line import/no-default-export -- what Next.js looks for
export default async function Page() {
  await connection();
  return <Application />;
}
