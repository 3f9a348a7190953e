/** The check of the site's links: what it lets pass, and what it names. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { temporaryFolder } from '../training/support/temporary_folder.js';

const inFolder = temporaryFolder();
const SCRIPT = pathToFileURL(path.join(__dirname, '../../scripts/dead_links.mjs')).href;

/** Lines about a site of these files. */
function linesOf(files: Readonly<Record<string, string>>): string[] {
  const site = fs.mkdtempSync(inFolder('site-'));
  for (const [name, text] of Object.entries(files)) fs.writeFileSync(path.join(site, name), text);
  const program = `import { deadLinks } from ${JSON.stringify(SCRIPT)}; console.log(JSON.stringify(deadLinks(process.argv[1], '/base/')));`;
  return JSON.parse(execFileSync(process.execPath, ['--input-type=module', '-e', program, site], { encoding: 'utf8' })) as string[]; // prettier-ignore
}

test('anchors count as browsers find them, as they stand or decoded', () => {
  const headings = '<h1 id="2-%C2%B7-a">a</h1><h2 id="한국">b</h2>';
  const links = '<a href="#2-%C2%B7-a">1</a><a href="b.html#%ED%95%9C%EA%B5%AD">2</a><a href="/base/b.html">3</a>';
  expect(linesOf({ 'a.html': headings + links, 'b.html': headings })).toEqual([]);
});

test('files and anchors that do not exist are named', () => {
  expect(linesOf({ 'a.html': '<a href="b.html">1</a><a href="a.html#none">2</a><img src="../c.png">' })).toEqual([
    'a.html links to b.html, which does not exist',
    'a.html links to a.html#none, which has no such heading',
    'a.html links to ../c.png, which does not exist',
  ]);
});
