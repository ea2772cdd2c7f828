// Stands in for the person's browser: writes the address that it was given into a file, for a test to visit, and prints
// the link that the test found there, as soon as it lies beside it.
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

const [file, url] = process.argv.slice(2);
writeFileSync(`${file}.new`, url);
renameSync(`${file}.new`, file);
while (!existsSync(`${file}.link`)) await pause(50);
console.log('a line that is no request');
console.log(readFileSync(`${file}.link`, 'utf8'));
rmSync(`${file}.link`);
