// Stands in for the person's browser: writes the address that it was given into a file, for a test to visit.
import { renameSync, writeFileSync } from 'node:fs';

const [file, url] = process.argv.slice(2);
writeFileSync(`${file}.new`, url);
renameSync(`${file}.new`, file);
