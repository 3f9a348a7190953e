#!/usr/bin/env node
// Fetches the drawings that the trained networks of pretrained/ come from, and those of another vendor that they are tried on:
// emoji-datasource-twitter (drawings CC-BY 4.0) and emoji-datasource-google (drawings Apache-2.0), from npm (136 MB). All goes
// into .bench/emoji/ and nowhere else. What is there already is left as it is.
//
//   npm run setup -- emoji
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { root } from './freshness.mjs';

const VERSION = '16.0.0';
const FOLDER = path.join(root, '.bench', 'emoji');

for (const vendor of ['twitter', 'google']) {
  const target = path.join(FOLDER, vendor);
  if (fs.existsSync(path.join(target, 'emoji.json'))) {
    console.log(`${target} is there`);
    continue;
  }
  fs.mkdirSync(FOLDER, { recursive: true });
  const draft = fs.mkdtempSync(path.join(FOLDER, '.draft-'));
  try {
    const name = `emoji-datasource-${vendor}`;
    execFileSync('npm', ['pack', '--silent', '--pack-destination', draft, `${name}@${VERSION}`], { stdio: 'inherit' });
    const wanted = ['emoji.json', 'package.json', 'README.md', `img/${vendor}/64`].map((each) => `package/${each}`);
    execFileSync('tar', ['-xzf', path.join(draft, `${name}-${VERSION}.tgz`), '-C', draft, ...wanted]);
    fs.rmSync(target, { recursive: true, force: true });
    fs.renameSync(path.join(draft, 'package'), target);
    console.log(`fetched ${target}`);
  } finally {
    fs.rmSync(draft, { recursive: true, force: true });
  }
}
