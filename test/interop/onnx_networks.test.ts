/** Every network as an ONNX file on two batch sizes and two image sizes, in onnxruntime; decomposed ones in OpenVINO. */
import * as tf from '@tensorflow/tfjs';
import * as ort from 'onnxruntime-node';
import { exportCase, type ExportCase, type ExportedCase } from './support/onnx_exports.js';
import { NETWORKS } from './support/onnx_networks.js';
import { differenceOfRuns, runFile } from './support/onnx_runtimes.js';
import { checkFiles, openvinoAbsence, type CheckedFile } from './support/openvino.js';

const LARGEST_DIFFERENCE = 1e-4;
const exported = new Map<ExportCase, Promise<ExportedCase>>();

/** Exports a network, decomposed, once for all tests. */
function exportDecomposed(network: ExportCase): Promise<ExportedCase> {
  const known = exported.get(network) ?? exportCase(network, { deformable: 'decomposed' });
  exported.set(network, known);
  return known;
}

const run = ({ file, inputs }: ExportedCase): ReturnType<typeof runFile> => runFile(ort, file, inputs);

beforeAll(() => tf.setBackend('wasm'));

describe('exportOnnx()', () => {
  test.each(NETWORKS)('gives the outputs of $name', async (network) => {
    const each = await exportDecomposed(network);
    expect(differenceOfRuns(await run(each), each.outputs)).toBeLessThan(LARGEST_DIFFERENCE);
  });

  test.each(NETWORKS.filter(({ deforms }) => deforms))('gives the outputs of $name by DeformConv', async (network) => {
    const each = await exportCase(network, { foldBatchNormalization: true });
    expect(differenceOfRuns(await run(each), each.outputs)).toBeLessThan(LARGEST_DIFFERENCE);
  });
});

const absence = openvinoAbsence();
const suite = absence === undefined ? describe : describe.skip;

suite(absence === undefined ? 'networks [openvino]' : `networks [openvino: skipped, ${absence}]`, () => {
  let results: readonly CheckedFile[];

  beforeAll(async () => {
    const files = [];
    for (const network of NETWORKS) files.push({ exported: await exportDecomposed(network), run: true });
    results = checkFiles(files);
  }, 240_000);

  test.each(NETWORKS.map((network, index) => ({ ...network, network, index })))(
    '$name: the checker accepts it, and OpenVINO gives the same outputs',
    async ({ network, index }) => {
      const { problem, runs } = results[index]!;
      expect(problem).toBeNull();
      expect(differenceOfRuns(runs, (await exportDecomposed(network)).outputs)).toBeLessThan(LARGEST_DIFFERENCE);
    },
  );
});
