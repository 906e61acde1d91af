import { connection } from 'next/server';
import { Application } from './application.jsx';

// oxlint-disable-next-line import/no-default-export -- Next.js looks for it
export default async function Page() {
  await connection();
  return <Application />;
}
