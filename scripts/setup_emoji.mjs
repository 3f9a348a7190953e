#!/usr/bin/env node
// Fetches the drawings that the trained networks of pretrained/ come from, and those of another vendor that they are tried on,
// from npm: emoji-datasource-twitter (drawings CC-BY 4.0), @iconify-json/fluent-emoji-flat and fluent-emoji (MIT), emojione and
// streamline-emojis (CC-BY 4.0), and to try them on, emoji-datasource-google (drawings Apache-2.0); 155 MB. All goes into
// .bench/emoji/ and nowhere else. What is there already is left as it is.
//
//   npm run setup -- emoji
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { root } from './freshness.mjs';

const FOLDER = path.join(root, '.bench', 'emoji');
const VENDOR_FILES = (vendor) => ['emoji.json', 'README.md', `img/${vendor}/64`];
const ICON_FILES = ['icons.json', 'chars.json', 'info.json'];
/** Package, version and the files that are wanted, by the folder that they go to. */
const PACKAGES = {
  twitter: ['emoji-datasource-twitter', '16.0.0', VENDOR_FILES('twitter')],
  google: ['emoji-datasource-google', '16.0.0', VENDOR_FILES('google')],
  'fluent-emoji-flat': ['@iconify-json/fluent-emoji-flat', '1.2.6', ICON_FILES],
  'fluent-emoji': ['@iconify-json/fluent-emoji', '1.2.7', ICON_FILES],
  emojione: ['@iconify-json/emojione', '1.2.3', ICON_FILES],
  'streamline-emojis': ['@iconify-json/streamline-emojis', '1.2.4', ICON_FILES],
};

for (const [name, [source, version, files]] of Object.entries(PACKAGES)) {
  const target = path.join(FOLDER, name);
  if (fs.existsSync(path.join(target, 'package.json'))) {
    console.log(`${target} is there`);
    continue;
  }
  fs.mkdirSync(FOLDER, { recursive: true });
  const draft = fs.mkdtempSync(path.join(FOLDER, '.draft-'));
  try {
    execFileSync('npm', ['pack', '--silent', '--pack-destination', draft, `${source}@${version}`], { stdio: 'ignore' });
    const [archive] = fs.readdirSync(draft);
    const wanted = ['package.json', ...files].map((each) => `package/${each}`);
    execFileSync('tar', ['-xzf', path.join(draft, archive), '-C', draft, ...wanted]);
    fs.rmSync(target, { recursive: true, force: true });
    fs.renameSync(path.join(draft, 'package'), target);
    console.log(`fetched ${target}`);
  } finally {
    fs.rmSync(draft, { recursive: true, force: true });
  }
}
