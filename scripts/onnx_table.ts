/**
 * Writes the table of docs/onnx.md, "Differences", from a run of every network of the tests in every runtime, in Keras on
 * every backend, and in torchvision.
 *
 *   npm run docs -- onnx
 */
import * as tf from '@tensorflow/tfjs';
import * as native from 'onnxruntime-node';
import * as web from 'onnxruntime-web';
import '../src/index.js';
import { exportCase, type ExportedCase } from '../test/interop/support/onnx_exports.js';
import { NETWORKS } from '../test/interop/support/onnx_networks.js';
import { differenceOfRuns, runFile } from '../test/interop/support/onnx_runtimes.js';
import { checkFiles, openvinoAbsence } from '../test/interop/support/openvino.js';
import { PYTHON_TITLES, pythonColumns } from './python_columns.js';
import { brief, writeTable } from './write_table.js';

/** Rows of the table: the worst difference of each network in each runtime. */
async function table(): Promise<string[][]> {
  const rows: string[][] = [];
  const decomposed: ExportedCase[] = [];
  for (const network of NETWORKS) {
    const exported = await exportCase(network);
    const { file, inputs, outputs } = exported;
    const inNative = differenceOfRuns(await runFile(native, file, inputs), outputs);
    const inWeb = differenceOfRuns(await runFile(web, file, inputs, 'wasm'), outputs);
    rows.push([network.name.replace(/^\w+/, '`$&`'), brief(inNative), brief(inWeb)]);
    decomposed.push(network.deforms === true ? await exportCase(network, { deformable: 'decomposed' }) : exported);
  }
  checkFiles(decomposed.map((exported) => ({ exported, run: true }))).forEach(({ problem, runs }, index) => {
    if (problem !== null) throw new Error(`Cannot write the table: ${problem}`);
    rows[index]!.push(brief(differenceOfRuns(runs, decomposed[index]!.outputs)));
  });
  const columns = await pythonColumns(NETWORKS);
  for (const [index, { name }] of NETWORKS.entries()) {
    for (const title of PYTHON_TITLES) {
      const difference = columns.get(title)!.get(name);
      rows[index]!.push(difference === undefined ? '–' : brief(difference));
    }
  }
  const titles = ['network', 'onnxruntime', 'onnxruntime-web', 'OpenVINO', ...PYTHON_TITLES];
  return [titles, ...rows];
}

async function main(): Promise<void> {
  const absence = openvinoAbsence();
  if (absence !== undefined) throw new Error(`Cannot write the table: ${absence}`);
  web.env.wasm.numThreads = 1;
  await tf.setBackend('wasm');
  await writeTable('docs/onnx.md', '## Differences', await table());
}

void main();
