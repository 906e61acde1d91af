// prepack of each package: its pages, beside its README.
import { basename } from 'node:path';
import { writePackageDocs } from './package-docs.ts';

writePackageDocs(basename(process.cwd()));
