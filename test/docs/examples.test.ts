/**
 * Every example that a reader can copy runs: the ```ts blocks of `@example` in the sources, with `tf` and `conv` in
 * scope, and those of README.md, which import what they use.
 */
import fs from 'node:fs';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import ts from 'typescript';
import * as conv from '../../src/index';

const ROOT = path.resolve(__dirname, '../..');
const SOURCES = (fs.readdirSync(path.join(ROOT, 'src'), { recursive: true }) as string[])
  .filter((file) => file.endsWith('.ts') && !file.includes('generated'))
  .map((file) => path.join('src', file))
  .sort();

/** The ```ts blocks of a text. */
function codeBlocks(text: string): string[] {
  return [...text.matchAll(/```ts\n(.*?)```/gs)].map((match) => match[1]!);
}

/** The doc comments of a source file, without their stars. */
function docComments(text: string): string[] {
  return [...text.matchAll(/\/\*\*(.*?)\*\//gs)].map((match) => match[1]!.replace(/^ *\* ?/gm, ''));
}

function read(file: string): string {
  return fs.readFileSync(path.join(ROOT, file), 'utf8');
}

/** Runs one block as the body of an async function; an example imports the package by its name. */
async function execute(code: string): Promise<void> {
  const { outputText } = ts.transpileModule(code, {
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022, esModuleInterop: true },
  });
  const modules: Readonly<Record<string, unknown>> = { '@tensorflow/tfjs': tf, 'tfjs-convolutions': conv };
  const load = (name: string): unknown => {
    if (!(name in modules)) throw new Error(`An example imports '${name}', which this test does not know`);
    return modules[name];
  };
  const parameters = { tf, conv, require: load, exports: {} };
  // eslint has no reason to know that documentation is code; the language offers no other door to an async body.
  const AsyncFunction = (async (): Promise<void> => Promise.resolve()).constructor as new (
    ...source: string[]
  ) => (...values: unknown[]) => Promise<void>;
  const names = Object.keys(parameters).filter((name) => !new RegExp(`\\bconst ${name} =`).test(outputText));
  await new AsyncFunction(...names, outputText)(...names.map((name) => parameters[name as keyof typeof parameters]));
}

const examples = SOURCES.flatMap((file) =>
  docComments(read(file))
    .flatMap((comment) => codeBlocks(comment.split('@example').slice(1).join('\n')))
    .map((code, index) => ({ title: `${file}, example ${index + 1}`, code })),
);

beforeAll(async () => {
  await tf.setBackend('wasm');
});

test.each(examples)('$title runs', async ({ code }) => {
  await execute(code);
});

test.each(codeBlocks(read('README.md')).map((code, index) => ({ index: index + 1, code })))(
  'README.md, example $index runs',
  async ({ code }) => {
    await execute(code);
  },
);

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
