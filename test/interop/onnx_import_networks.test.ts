/** Networks of torchvision and timm as their exporters write them, and trained ones: computed, trained and exported again. */
import fs from 'node:fs';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { importOnnx } from '../../src/interop/index.js';
import { GRAPH_NAMES, graphWithWeights } from './support/onnx_files.js';
import {
  differenceFrom,
  differenceOfExport,
  strokesOf,
  train,
  type MakeInput,
  type Shape,
} from './support/imported.js';

const LARGEST_DIFFERENCE = 1e-4;
const SIZES = [
  [2, 3, 64, 64],
  [1, 3, 64, 64],
];

beforeAll(() => tf.setBackend('wasm'));

/** Imports a file, compares the outputs, trains some steps, and exports the model. */
async function checkFile(file: Uint8Array, shapes: readonly Shape[], input: string, make?: MakeInput): Promise<void> {
  const model = await importOnnx(file);
  expect(await differenceFrom(file, model, shapes, input, make)).toBeLessThan(LARGEST_DIFFERENCE);
  const { losses, still } = await train(model, shapes[0]!, 2);
  expect(losses.at(-1)).toBeLessThan(losses[0]!);
  expect(still).toEqual([]);
  expect(await differenceOfExport(model, shapes[0]!, make)).toBeLessThan(LARGEST_DIFFERENCE);
  model.dispose();
}

describe('importOnnx()', () => {
  test('has both forms of seven networks', () => {
    expect(GRAPH_NAMES).toHaveLength(14);
  });

  // Both forms of a network become the same layers: one is trained.
  test.each(GRAPH_NAMES.filter((name) => name.endsWith('dynamo')))(
    'gives the outputs of %s, trains it, and exports it again',
    async (name) => {
      await checkFile(await graphWithWeights(name), SIZES, 'image');
    },
  );

  test.each(GRAPH_NAMES.filter((name) => name.endsWith('script')))('gives the outputs of %s', async (name) => {
    const file = await graphWithWeights(name);
    const model = await importOnnx(file);
    expect(await differenceFrom(file, model, SIZES, 'image')).toBeLessThan(LARGEST_DIFFERENCE);
    model.dispose();
  });
});

const MODELS = path.resolve(__dirname, '../../.python/rapidocr/rapidocr_onnxruntime/models');
const isThere = fs.existsSync(MODELS);
const suite = isThere ? describe : describe.skip;

suite(
  isThere ? 'importOnnx() [rapidocr]' : 'importOnnx() [rapidocr: skipped, not installed: npm run setup -- interop]',
  () => {
    // The sides of images of the detector are multiples of 32.
    const cases: readonly [string, string, readonly Shape[]][] = [
      ['classifier', 'ch_ppocr_mobile_v2.0_cls_infer.onnx', [[2, 3, 48, 96], [1, 3, 48, 80]]], // prettier-ignore
      ['detector', 'ch_PP-OCRv4_det_infer.onnx', [[2, 3, 64, 96], [1, 3, 96, 64]]], // prettier-ignore
    ];

    test.each(cases)(
      'gives the outputs of the trained %s, trains it, and exports it again',
      async (_, name, shapes) => {
        await checkFile(fs.readFileSync(path.join(MODELS, name)), shapes, 'x', strokesOf);
      },
    );
  },
);
