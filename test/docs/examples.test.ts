/**
 * Every example runs and prints what its comments say: the blocks of `@example` in the sources, with `tf` and `conv` in
 * scope, and those of README.md and docs/, which import what they use.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { inspect } from 'node:util';
import * as tf from '@tensorflow/tfjs';
import ts from 'typescript';
import * as conv from '../../src/index';
import * as geometry from '../../src/geometry/index';
import * as interop from '../../src/interop/index';
import * as plots from '../../src/plots/index';
import * as training from '../../src/training/index';

const ROOT = path.resolve(__dirname, '../..');
const SOURCES = (fs.readdirSync(path.join(ROOT, 'src'), { recursive: true }) as string[])
  .filter((file) => file.endsWith('.ts') && !file.includes('generated'))
  .map((file) => path.join('src', file))
  .sort();

const pagesIn = (folder: string): string[] =>
  fs
    .readdirSync(path.join(ROOT, folder))
    .filter((file) => file.endsWith('.md'))
    .map((file) => `${folder}/${file}`)
    .sort();

/** README.md and the pages of docs/. Translations have the same code (test/docs/guide.test.ts). */
const PAGES = ['README.md', ...pagesIn('docs'), ...pagesIn('docs/convolutions')];

/** Returns the ```ts blocks of a text. */
function codeBlocks(text: string): string[] {
  return [...text.matchAll(/```ts\n(.*?)```/gs)].map((match) => match[1]!);
}

/** Returns the doc comments of a source file, without their stars. */
function docComments(text: string): string[] {
  return [...text.matchAll(/\/\*\*(.*?)\*\//gs)].map((match) => match[1]!.replace(/^ *\* ?/gm, ''));
}

function read(file: string): string {
  return fs.readFileSync(path.join(ROOT, file), 'utf8');
}

/** Formats values as console.log does, on one line and without blanks inside brackets. */
function show(values: readonly unknown[]): string {
  const texts = values.map((value) =>
    typeof value === 'string' ? value : inspect(value, { breakLength: Infinity, compact: true }),
  );
  return texts.join(' ').replace(/(?<=[[{]) | (?=[\]}])/g, '');
}

const MODULES: Readonly<Record<string, unknown>> = {
  '@tensorflow/tfjs': tf,
  'tfjs-convolutions': conv,
  'tfjs-convolutions/geometry': geometry,
  'tfjs-convolutions/interop': interop,
  'tfjs-convolutions/plots': plots,
  'tfjs-convolutions/training': training,
};

/** Globals that an example can use. */
const SCOPE: Readonly<Record<string, unknown>> = {
  tf,
  conv,
  exports: {},
  require: (name: string) => {
    if (!(name in MODULES)) throw new Error(`An example imports '${name}', which this test does not know`);
    return MODULES[name];
  },
  console: { log: () => undefined },
  expectPrinted: (expected: string, ...values: unknown[]) => {
    expect(show(values)).toBe(expected);
  },
};

// Examples use await, so each is the body of an async function, whose constructor has no global name.
const AsyncFunction = (async (): Promise<void> => Promise.resolve()).constructor as new (
  ...source: string[]
) => (...values: unknown[]) => Promise<void>;

/** Runs one block; a comment after a `console.log` is its expected output. */
async function execute(code: string): Promise<void> {
  const checked = code.replace(
    /console\.log\((.*)\); \/\/ (.+)$/gm,
    (_, values: string, expected: string) => `expectPrinted(${JSON.stringify(expected)}, ${values});`,
  );
  const { outputText } = ts.transpileModule(checked, {
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022, esModuleInterop: true },
  });
  // An example that imports `tf` or `conv` declares it itself.
  const names = Object.keys(SCOPE).filter((name) => !outputText.includes(`const ${name} = __importStar(`));
  if (code.includes('useThreads(')) withdrawWasm();
  await new AsyncFunction(...names, outputText)(...names.map((name) => SCOPE[name]));
}

/** Stops the wasm backend, for examples of what to do before it starts. */
function withdrawWasm(): void {
  const factory = tf.findBackendFactory('wasm');
  tf.removeBackend('wasm');
  tf.registerBackend('wasm', factory);
}

const examples = SOURCES.flatMap((file) =>
  docComments(read(file))
    .flatMap((comment) => codeBlocks(comment.split('@example').slice(1).join('\n')))
    .map((code, index) => ({ title: `${file}, example ${index + 1}`, code })),
);

// Examples that write files run in a temporary folder.
const start = process.cwd();
let workFolder: string;

beforeAll(async () => {
  await tf.setBackend('wasm');
  workFolder = fs.mkdtempSync(path.join(os.tmpdir(), 'examples-'));
  process.chdir(workFolder);
});
afterAll(() => {
  process.chdir(start);
  fs.rmSync(workFolder, { recursive: true, force: true });
});

test.each(examples)('$title runs', async ({ code }) => {
  await execute(code);
});

const pageExamples = PAGES.flatMap((page) =>
  codeBlocks(read(page)).map((code, index) => ({ title: `${page}, example ${index + 1}`, code })),
);

test.each(pageExamples)('$title runs', async ({ code }) => {
  await execute(code);
});

test('no example is in another language, which could not be run', () => {
  const comments = SOURCES.flatMap((file) => docComments(read(file)).map((comment) => ({ file, comment })));
  const other = comments.filter(({ comment }) => /@example[^@]*```(?!ts\n|\s)/.test(comment)).map(({ file }) => file);
  expect(other).toEqual([]);
});

test('every public function and layer class has an example', () => {
  const documented = SOURCES.map(read).join('\n');
  const missing = Object.entries(conv)
    .filter(([name, value]) => typeof value === 'function' && !name.endsWith('Error'))
    .map(([name]) => name)
    .filter((name) => {
      const declaration = new RegExp(`export (?:async )?(?:function|class) ${name}\\b`).exec(documented);
      if (!declaration) return true;
      const before = documented.slice(0, declaration.index).trimEnd();
      return !before.endsWith('*/') || !before.slice(before.lastIndexOf('/**')).includes('@example');
    });
  expect(missing).toEqual([]);
});

describe.each([...PAGES, ...pagesIn('docs/ko'), ...pagesIn('docs/ko/convolutions'), 'CONTRIBUTING.md'])(
  '%s',
  (document) => {
    const text = read(document);

    test('links to files that exist', () => {
      const links = [...text.matchAll(/\]\((?!https?:)([^)#]+)\)|<img src="([^"]+)"/g)].map(
        ([, link, image]) => link ?? image!,
      );
      const folder = path.join(ROOT, path.dirname(document));
      expect(links.filter((link) => !fs.existsSync(path.join(folder, link)))).toEqual([]);
    });

    test('names commands that exist', () => {
      const command =
        /npm (?:run(?: -w (?<of>\w+))? (?<script>[\w:-]+)|(?<short>start|test)(?: -w (?<shortOf>\w+))?)(?=[`\s])/g;
      const commands = [...text.matchAll(command)].map(({ groups }) => {
        const { of, script, short, shortOf } = groups!;
        return { folder: of ?? shortOf ?? '.', script: script ?? short! };
      });
      const isMissing = ({ folder, script }: (typeof commands)[number]): boolean => {
        const { scripts } = JSON.parse(read(path.join(folder, 'package.json'))) as { scripts: Record<string, string> };
        return !(script in scripts);
      };
      expect(commands.filter(isMissing)).toEqual([]);
    });
  },
);

test('CONTRIBUTING.md names every command', () => {
  const text = read('CONTRIBUTING.md');
  const commands = ['.', 'page', 'bench', 'docs'].flatMap((folder) => {
    const { scripts } = JSON.parse(read(path.join(folder, 'package.json'))) as { scripts: Record<string, string> };
    const workspace = folder === '.' ? '' : `-w ${folder} `;
    return Object.keys(scripts).map((script) =>
      script === 'start' || script === 'test' ? `npm ${script} ${workspace}`.trim() : `npm run ${workspace}${script}`,
    );
  });
  expect(commands.filter((command) => !new RegExp(`${command}(?=[\\s\`])`).test(text))).toEqual([]);
});

test('README.md is one screen, and links to every other page', () => {
  const text = read('README.md');
  expect(text.length).toBeLessThan(6000);
  expect(text.split('\n').length).toBeLessThan(120);
  const pages = pagesIn('docs');
  expect(pages.length).toBeGreaterThan(10);
  expect(pages.filter((page) => !text.includes(`](${page})`))).toEqual([]);
});

test('docs/examples.md lists every program of examples/node', () => {
  const table = read('docs/examples.md');
  const programs = fs.readdirSync(path.join(ROOT, 'examples/node')).filter((file) => file.endsWith('.ts'));
  expect(programs.filter((file) => !table.includes(`| \`${file}\` `))).toEqual([]);
});

test('docs/library.md lists exports that exist', () => {
  const table = /## Operators, layers and models\n\n((?:\|.*\n)+)/.exec(read('docs/library.md'))![1]!;
  const names = [...table.matchAll(/`([A-Za-z]\w+)`/g)].map((match) => match[1]!);
  expect(names.length).toBeGreaterThan(20);
  expect(names.filter((name) => ![conv, geometry, interop, plots, training].some((entry) => name in entry))).toEqual(
    [],
  );
});
