import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';

export interface Certificate {
  crt: string;
  key: string;
  /** Certificate and key in one file. */
  pem: string;
}

/** Create a certificate for 127.0.0.1 in a folder, and make this process trust it. */
export function trustedCertificate(folder: string): Certificate {
  const paths = { crt: join(folder, 'app.crt'), key: join(folder, 'app.key'), pem: join(folder, 'app.pem') };
  execFileSync(
    process.env['OPENSSL_PATH'] ?? 'openssl',
    `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=zkp-auth-test`
      .split(' ')
      .concat('-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', paths.key, '-out', paths.crt),
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const crt = readFileSync(paths.crt, 'utf8');
  writeFileSync(paths.pem, crt + readFileSync(paths.key, 'utf8'), { mode: 0o600 });
  setDefaultCACertificates([...getCACertificates('default'), crt]);
  return paths;
}
