/** The guide: its figures, its Keras and PyTorch code, and its links into the page. */
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { figures } from '../../scripts/figures/figures';
import { ENVIRONMENT, torchAbsence } from '../interop/support/cluster';

const DOCS = path.resolve(__dirname, '../../docs');
const read = (file: string): string => fs.readFileSync(path.join(DOCS, file), 'utf8');

/** Articles, named from docs/. */
const ARTICLES = fs
  .readdirSync(path.join(DOCS, 'convolutions'))
  .filter((file) => file.endsWith('.md'))
  .map((file) => `convolutions/${file}`)
  .sort();

test.each(Object.entries(figures()))('docs/images/figures/%s.svg is drawn from the geometry', (name, svg) => {
  // npm run docs -- figures
  expect(read(`images/figures/${name}.svg`)).toBe(svg);
  expect(read(`convolutions/${name}.md`)).toContain(`(../images/figures/${name}.svg)`);
});

test('every article is on the home page, has a figure, exercises, answers and is short', () => {
  const home = read('index.md');
  expect(ARTICLES.length).toBe(Object.keys(figures()).length);
  for (const article of ARTICLES) {
    const text = read(article);
    expect(home).toContain(`](${article})`);
    expect(text).toMatch(/## Exercises\n\n1\. .*\n2\. .*\n3\. .*\n\n<details>\n<summary>Answers<\/summary>/s);
    expect(text.split('\n').length).toBeLessThan(150);
  }
});

test('the Korean guide has the same pages, figures, links into the page and code', () => {
  const pages = ['index.md', ...ARTICLES];
  const korean = fs.readdirSync(path.join(DOCS, 'ko'), { recursive: true }) as string[];
  expect(korean.filter((file) => file.endsWith('.md')).sort()).toEqual([...pages].sort());
  const kept = (text: string): string[] =>
    text.match(/^```\w+\n.*?^```$|images\/figures\/\w+\.svg|page\.md#[^)]+|https:[^)]+/gms) ?? [];
  for (const page of pages) {
    const translation = read(`ko/${page}`);
    expect(kept(translation)).toEqual(kept(read(page)));
    expect(translation.match(/^#+ |^\d\. |^- \*\*“/gm)).toEqual(read(page).match(/^#+ |^\d\. |^- \*\*“/gm));
    expect(translation.split('\n').length).toBeLessThan(150);
  }
});

test('links into Explore name a convolution and its settings', () => {
  // As text, since the page's own modules are for browsers.
  const explore = path.resolve(DOCS, '../page/src/explore');
  const source = (file: string): string => fs.readFileSync(path.join(explore, file), 'utf8');
  const names = fs.readdirSync(path.join(explore, 'convolutions')).map((file) => source(`convolutions/${file}`));
  const settings = source('model/settings.ts');
  const links = ARTICLES.flatMap((article) => [...read(article).matchAll(/page\.md#explore\/([\w-]+)\??([^)]*)\)/g)]);
  expect(links.length).toBeGreaterThan(8);
  for (const [link, name, query] of links) {
    expect([link, names.filter((text) => text.includes(`  name: '${name!}',`)).length]).toEqual([link, 1]);
    const keys = [...new URLSearchParams(query).keys()];
    expect(keys.filter((key) => !new RegExp(`^  ${key}: `, 'm').test(settings))).toEqual([]);
  }
});

const absence = torchAbsence();
const suite = absence === undefined ? describe : describe.skip;
suite(absence === undefined ? 'the guide [torchrun]' : `the guide [torchrun: skipped, ${absence}]`, () => {
  test('prints in Keras and PyTorch what it says', async () => {
    const files = ARTICLES.map((article) => path.join(DOCS, article));
    const env = { ...process.env, ...ENVIRONMENT };
    const args = [path.join(__dirname, 'run_python.py'), ...files];
    const { stdout } = await promisify(execFile)('python3', args, { env });
    const blocks = files.flatMap((file) => fs.readFileSync(file, 'utf8').match(/```python\n/g) ?? []).length;
    expect(stdout).toBe(`${blocks} blocks\n`);
  });
});
