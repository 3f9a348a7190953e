/**
 * Writes the table of docs/onnx_import.md, "Differences": networks of other libraries imported, trained some steps, and
 * exported again.
 *
 *   npm run docs -- onnx
 */
import fs from 'node:fs';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import '../src/index.js';
import { importOnnx } from '../src/interop/index.js';
import {
  differenceFrom,
  differenceOfExport,
  inputOf,
  strokesOf,
  train,
  type MakeInput,
  type Shape,
} from '../test/interop/support/imported.js';
import { GRAPH_NAMES, graphWithWeights } from '../test/interop/support/onnx_files.js';
import { brief, writeTable } from './write_table.js';

const STEPS = 10;
const MODELS = path.resolve(__dirname, '../.python/rapidocr/rapidocr_onnxruntime/models');

/** A file to import, and its inputs. */
interface ImportCase {
  readonly name: string;
  readonly file: () => Uint8Array | Promise<Uint8Array>;
  readonly input: string;
  readonly shapes: readonly Shape[];
  readonly make: MakeInput;
}

const IMAGES: readonly Shape[] = [
  [2, 3, 64, 64],
  [1, 3, 64, 64],
];

const rapid = (name: string, file: string, shapes: readonly Shape[]): ImportCase => ({
  ...{ name, input: 'x', shapes, make: strokesOf },
  file: () => fs.readFileSync(path.join(MODELS, file)),
});

const CASES: readonly ImportCase[] = [
  ...GRAPH_NAMES.filter((name) => name.endsWith('dynamo')).map((name): ImportCase => {
    const library = name.startsWith('convnext') ? 'timm' : 'torchvision';
    return {
      ...{ name: `${library}: ${name.replace('_dynamo', '')}`, input: 'image', shapes: IMAGES, make: inputOf },
      file: () => graphWithWeights(name),
    };
  }),
  rapid('RapidOCR: classifier, trained', 'ch_ppocr_mobile_v2.0_cls_infer.onnx', [[2, 3, 48, 96], [1, 3, 48, 80]]), // prettier-ignore
  rapid('RapidOCR: detector, trained', 'ch_PP-OCRv4_det_infer.onnx', [[2, 3, 64, 96], [1, 3, 96, 64]]), // prettier-ignore
];

async function rowOf({ name, file, input, shapes, make }: ImportCase): Promise<string[]> {
  const bytes = await file();
  const model = await importOnnx(bytes);
  const difference = await differenceFrom(bytes, model, shapes, input, make);
  const { losses, still } = await train(model, shapes[0]!, STEPS);
  if (still.length > 0) throw new Error(`Cannot write the table: ${name} does not train ${still.join(', ')}`);
  const again = await differenceOfExport(model, shapes[0]!, make);
  model.dispose();
  const loss = [losses[0]!, losses.at(-1)!].map((value) => value.toPrecision(3)).join(' → ');
  return [name, brief(difference), loss, brief(again)];
}

async function main(): Promise<void> {
  if (!fs.existsSync(MODELS)) {
    throw new Error('Cannot write the table: RapidOCR must be installed (npm run setup -- interop)');
  }
  await tf.setBackend('wasm');
  const rows = [['network', 'imported', 'loss', 'exported again']];
  for (const each of CASES) rows.push(await rowOf(each));
  await writeTable('docs/onnx_import.md', '## Differences', rows);
}

void main();
