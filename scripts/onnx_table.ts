/**
 * Writes the table of docs/onnx.md, "Differences", from a run of every network of the tests in every runtime.
 *
 *   npm run docs -- onnx
 */
import fs from 'node:fs';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import * as native from 'onnxruntime-node';
import * as web from 'onnxruntime-web';
import * as prettier from 'prettier';
import '../src/index.js';
import { exportCase, type ExportedCase } from '../test/interop/support/onnx_exports.js';
import { NETWORKS } from '../test/interop/support/onnx_networks.js';
import { differenceOfRuns, runFile } from '../test/interop/support/onnx_runtimes.js';
import { checkFiles, openvinoAbsence } from '../test/interop/support/openvino.js';

const target = path.resolve(__dirname, '../docs/onnx.md');
const HEADING = '## Differences';

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

/** Writes a difference as 2.3e-7. */
const brief = (difference: number): string => difference.toExponential(1);

/** Lines of the table: the worst difference of each network in each runtime. */
async function table(): Promise<string[]> {
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
  const titles = ['network', 'onnxruntime', 'onnxruntime-web', 'OpenVINO'];
  return [row(titles), row(titles.map(() => '---')), ...rows.map(row)];
}

async function main(): Promise<void> {
  const absence = openvinoAbsence();
  if (absence !== undefined) throw new Error(`Cannot write the table: ${absence}`);
  web.env.wasm.numThreads = 1;
  await tf.setBackend('wasm');
  const text = fs.readFileSync(target, 'utf8');
  const start = text.indexOf('\n| network', text.indexOf(HEADING));
  const end = text.indexOf('\n\n', start + 1);
  const section = `${text.slice(0, start)}\n${(await table()).join('\n')}${text.slice(end)}`;
  const options = await prettier.resolveConfig(target);
  fs.writeFileSync(target, await prettier.format(section, { ...options, filepath: target }));
}

void main();
