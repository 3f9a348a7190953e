/** ONNX files of ten networks in onnxruntime-web, made and run in the browser. */
import * as tf from '@tensorflow/tfjs';
import * as ort from 'onnxruntime-web/wasm';
import { exportCase } from '../interop/support/onnx_exports.js';
import { NETWORKS } from '../interop/support/onnx_networks.js';
import { differenceOfRuns, runFile } from '../interop/support/onnx_runtimes.js';

const LARGEST_DIFFERENCE = 1e-4;

/** One of each family, and both forms of deformable layers. */
const NAMES = [
  ...['mobileNetV1, deformable', 'mobileNetV2, deformable', 'mobileNetV3Small', 'squeezeNet', 'shuffleNetV1'],
  ...[
    'shuffleNetV2, deformable',
    'deepLabV3Plus, deformable',
    'mobileNetUNet',
    'superResolution',
    'deformableRFCNHead',
  ],
] as const;

const chosen = NETWORKS.filter(({ name }) => (NAMES as readonly string[]).includes(name));

beforeAll(async () => {
  await tf.setBackend('cpu');
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.wasmPaths = { wasm: '/ort-wasm-simd-threaded.wasm' };
});

test('ten networks are chosen', () => {
  expect(chosen).toHaveLength(NAMES.length);
});

describe.each(['native', 'decomposed'] as const)('exportOnnx() with deformable layers %s', (deformable) => {
  const networks = chosen.filter(({ deforms }) => deformable === 'native' || deforms);

  test.each(networks)('gives the outputs of $name in onnxruntime-web', async (network) => {
    const { file, inputs, outputs } = await exportCase(network, { deformable });
    expect(differenceOfRuns(await runFile(ort, file, inputs, 'wasm'), outputs)).toBeLessThan(LARGEST_DIFFERENCE);
  });
});
