/** Writes docs/support.md: `npm run docs -- support`. test/recipes.test.ts fails if it is not up to date. */
import fs from 'node:fs';
import path from 'node:path';
import * as prettier from 'prettier';
import { supportTable } from './support_table.js';

const target = path.resolve(__dirname, '../docs/support.md');

async function main(): Promise<void> {
  const text = await prettier.format(supportTable(), { ...(await prettier.resolveConfig(target)), filepath: target });
  fs.writeFileSync(target, text);
}

void main();
