// The prepack step of each package. It puts the package's pages beside its README.
import { basename } from 'node:path';
import { writePackageDocs } from './package-docs.ts';

writePackageDocs(basename(process.cwd()));
