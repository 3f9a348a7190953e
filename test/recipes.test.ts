/** The steps of CONTRIBUTING.md's recipes ("Add a layer", "Add an operator", "Add a model"): whichever is forgotten is named. */
import fs from 'node:fs';
import path from 'node:path';
import * as conv from '../src/index.js';
import { MODEL_NAMES } from '../src/cli/model_names.js';
import { buildNamedModel } from '../src/cli/named_models.js';
import { LAYERS } from '../src/layers/registry.js';
import * as models from '../src/models/index.js';
import * as operators from '../src/ops/index.js';
import { OPS } from '../src/ops/registry.js';
import { supportTable } from '../scripts/support_table.js';
import { NETWORKS } from './models/support/networks.js';
import { structureOnly } from './models/support/structure_only.js';

const ROOT = path.resolve(__dirname, '..');
const read = (file: string): string => fs.readFileSync(path.join(ROOT, file), 'utf8');

/** Paths and texts of the files of a folder whose names end so. */
function textsOf(folder: string, end: string): { file: string; text: string }[] {
  const names = fs.readdirSync(path.join(ROOT, folder)).filter((name) => name.endsWith(end));
  return names.map((name) => ({ file: `${folder}/${name}`, text: read(`${folder}/${name}`) }));
}

const functionsOf = (entry: object): string[] =>
  Object.entries(entry)
    .filter(([, value]: [string, unknown]) => typeof value === 'function')
    .map(([name]) => name);

const mentions = (text: string, name: string): boolean => new RegExp(`\\b${name}\\b`).test(text);

describe('Add a layer', () => {
  const names = LAYERS.map(({ name }) => name);

  test('every layer class is exported by src/layers/index.ts', () => {
    const classes = textsOf('src/layers', '.ts').flatMap(({ file, text }) =>
      [...text.matchAll(/^export class (\w+) .*\{\n {2}static override readonly className\b/gm)].map(([, name]) => ({
        file,
        name: name!,
      })),
    );
    const forgotten = classes
      .filter(({ name }) => !names.includes(name))
      .map(({ name, file }) => `layer ${name} of ${file} has no line in src/layers/index.ts`);
    expect(forgotten).toEqual([]);
    expect(classes.map(({ name }) => name).sort()).toEqual([...names].sort());
  });

  test('every layer class has a factory, named as TensorFlow.js would name it', () => {
    // Files are named after their layers, in snake_case.
    const index = read('src/layers/index.ts');
    const files = [...index.matchAll(/^export \* from '\.\/(\w+)\.js'/gm)].map(([, file]) => file!);
    const wanted = files.map((file) => file.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()));
    expect(Object.keys(conv.layers).sort()).toEqual(wanted.sort());
    expect(wanted).toHaveLength(LAYERS.length);
    expect(wanted).toEqual(expect.arrayContaining(['deformableConv2dV3', 'deformablePsRoiPool']));
    expect(conv.layers.deformableConv2d({ filters: 1, kernelSize: 1 })).toBeInstanceOf(conv.DeformableConv2D);
    expect(conv.layers.batchNormalization()).toBeInstanceOf(conv.BatchNormalization);
  });

  test('every layer is handed to the harness', () => {
    const tests = textsOf('test/layers', '.test.ts').filter(({ text }) => mentions(text, 'runLayerTest'));
    const forgotten = names
      .filter((name) => !tests.some(({ text }) => mentions(text, `Layer: conv\\.${name}`)))
      .map((name) => `layer ${name} has no test that calls runLayerTest`);
    expect(forgotten).toEqual([]);
  });
});

test('functions of assembly/ take at most seven parameters; more are one structure', () => {
  const functions = textsOf('assembly', '.ts').flatMap(({ file, text }) =>
    [...text.matchAll(/^ *(?:export )?function (\w+)(?:<[^>]*>)?\(([^)]*)\)/gm)].map(([, name, parameters]) => ({
      name: `${name!} of ${file}`,
      count: parameters!.split(',').filter((parameter) => parameter.trim() !== '').length,
    })),
  );
  expect(functions).toContainEqual({ name: 'kernel4x8 of assembly/gemm.ts', count: 7 });
  expect(functions.filter(({ count }) => count > 7)).toEqual([]);
});

test('CONTRIBUTING.md says when to take which base class', () => {
  const bases = textsOf('src/layers', '.ts').flatMap(({ text }) =>
    [...text.matchAll(/^export abstract class (\w+)/gm)].map(([, name]) => name!),
  );
  expect(bases).toContain('BaseConv');
  expect(bases.filter((name) => !read('CONTRIBUTING.md').includes(`\`${name}\``))).toEqual([]);
});

describe('Add an operator', () => {
  test('every descriptor is in src/ops/registry.ts', () => {
    const registered = OPS.map(({ name }) => name);
    const folders = fs.readdirSync(path.join(ROOT, 'src/ops'), { withFileTypes: true }).filter((e) => e.isDirectory());
    const described = folders
      .map(({ name }) => `src/ops/${name}/index.ts`)
      .filter((file) => fs.existsSync(path.join(ROOT, file)))
      .flatMap((file) =>
        [...read(file).matchAll(/^export const (\w+)Op\b/gm)].map(([, name]) => ({ file, name: name! })),
      );
    expect(described.length).toBeGreaterThan(0);
    const forgotten = described
      .filter(({ name }) => !registered.includes(name))
      .map(({ file, name }) => `operator ${name} of ${file} has no line in src/ops/registry.ts`);
    expect(forgotten).toEqual([]);
  });

  test('kernels are named in kernels.ts, and nowhere else', () => {
    const sources = fs.readdirSync(path.join(ROOT, 'src/ops'), { recursive: true, encoding: 'utf8' });
    const naming = sources.filter((file) => file.endsWith('.ts') && read(`src/ops/${file}`).includes("'Convolutions/"));
    expect(naming).toContain('conv2d/kernels.ts');
    expect(naming.filter((file) => path.basename(file) !== 'kernels.ts')).toEqual([]);
  });

  test('docs/support.md has every operator and is up to date', () => {
    const table = supportTable();
    const forgotten = functionsOf(operators)
      .filter((name) => !table.includes(`\`${name}\``))
      .map((name) => `operator ${name} is neither in src/ops/registry.ts nor in COMPOSED of scripts/support_table.ts`);
    expect(forgotten).toEqual([]);
    // Prettier aligns the columns.
    const plain = (text: string): string => text.replace(/-+/g, '-').replace(/\s+/g, ' ').trim();
    const upToDate = plain(read('docs/support.md')) === plain(table);
    expect(upToDate ? '' : 'docs/support.md is not up to date: npm run docs -- support').toBe('');
  });

  test('every public operator has a test in test/ops', () => {
    const tests = textsOf('test/ops', '.test.ts');
    const forgotten = functionsOf(operators)
      .filter((name) => !tests.some(({ text }) => mentions(text, name)))
      .map((name) => `operator ${name} has no test in test/ops`);
    expect(forgotten).toEqual([]);
  });
});

describe('Add a model', () => {
  /** Functions that change a model instead of building one. */
  const CHANGES = [
    'convertToDeformable',
    'foldBatchNormalization',
    'freeze',
    'freezeNormalizations',
    'replaceHead',
    'toStockLayers',
    'unfreeze',
  ];
  const names = functionsOf(models).filter((name) => !CHANGES.includes(name));
  const sources = textsOf('src/models', '.ts');
  const builders = sources.flatMap(({ file, text }) =>
    [...text.matchAll(/^export function (\w+)\(.*\boptions: \w+Options\b.*\): tf\.LayersModel \{$/gm)].map(
      ([, name]) => ({ file, name: name!, classifies: mentions(text, 'readClassifier') }),
    ),
  );

  test('every builder is exported by src/models/index.ts', () => {
    const exported = functionsOf(models);
    const forgotten = builders
      .filter(({ name }) => !exported.includes(name))
      .map(({ name, file }) => `model ${name} of ${file} has no line in src/models/index.ts`);
    expect(forgotten).toEqual([]);
    expect(names.filter((name) => !builders.some((builder) => builder.name === name))).toEqual([]);
  });

  test('every model has a test, in which a harness gets it', () => {
    const harness = /\b(runClassifierTest|runDenseTest|expectTrainsWithoutLeak|describeBackends)\b/;
    const tests = textsOf('test/models', '.test.ts').filter(({ text }) => harness.test(text));
    const forgotten = names
      .filter((name) => !tests.some(({ text }) => mentions(text, name)))
      .map((name) => `model ${name} has no test in test/models that calls runClassifierTest or runDenseTest`);
    expect(forgotten).toEqual([]);
  });

  test('the gradients of every model are compared with those of another backend', () => {
    const compared = new Set(NETWORKS.map(({ name }) => name.replace(/,.*/, '')));
    const forgotten = names
      .filter((name) => !compared.has(name))
      .map((name) => `model ${name} has no line in test/models/support/networks.ts`);
    expect(forgotten).toEqual([]);
  });

  test('the command line knows every classifier', () => {
    const forgotten = builders
      .filter(({ name, classifies }) => classifies && !MODEL_NAMES.some((known) => known.replace(/-.*/, '') === name))
      .map(({ name }) => `model ${name} is not among the names of src/cli/model_names.ts`);
    expect(builders.some(({ classifies }) => classifies)).toBe(true);
    expect(forgotten).toEqual([]);
  });

  describe('on the command line', () => {
    structureOnly();

    test.each(MODEL_NAMES)('%s is built for images of any size by default', (model) => {
      for (const size of [28, 224]) {
        const settings = { model, size, alpha: 0.5, deformable: 1, channels: 3, classes: 2, seed: 1 };
        const built = buildNamedModel(settings);
        expect(built.outputShape).toEqual([null, 2]);
        built.dispose();
      }
    });
  });
});

test('docs/library.md names every operator, layer and model', () => {
  const text = read('docs/library.md');
  const layers = LAYERS.map(({ name }) => name);
  const all = [...functionsOf(operators), ...layers, ...functionsOf(models)];
  const forgotten = all.filter((name) => !text.includes(`\`${name}\``)).map((name) => `docs/library.md lacks ${name}`);
  expect(forgotten).toEqual([]);
  expect(all.filter((name) => !(name in conv))).toEqual([]);
});
