// Pack the quickstart as for publication into a folder, for all suites that drive it in a browser.
import { packApp } from '../e2e/pack-app.ts';

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('usage: pack-quickstart.ts FOLDER');
console.log(packApp(folder));
