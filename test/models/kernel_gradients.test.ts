/**
 * Every network's kernel gradients, layer by layer, on wasm against tfjs-node with only TensorFlow's own operators
 * (support/stock_tensorflow.ts): cpu and wasm of the host share faults, so that neither shows the other's. Deformable layers
 * and pooled regions sample by the same wasm kernels on tfjs-node; they are compared with the cpu backend, whose kernels are
 * other code.
 *
 * Two right backends differ by what rounding makes of a network: a ReLU or a maximum that tips over moves whole gradients.
 * So each network sets its own tolerance: the same network on wasm, on images that are larger or smaller by a factor of
 * 1 ± 2e-7, and of 1 ± 1e-6, which is what rounding has come to behind fifty layers. A wrong kernel is wrong on every image;
 * a unit so near its threshold that only the other backend crosses it is not: up to six pairs of images are tried.
 *
 *     GRADIENT_TABLE=1 npm test -- --selectProjects node test/models/kernel_gradients.test.ts
 *
 * prints the table of docs/accuracy.md.
 */
import * as tf from '@tensorflow/tfjs';
import { loadNative, nativeAbsence } from '../support/native.js';
import { withHostPooling } from './support/host_pooling.js';
import { furthest, kernelGradients, type Distance, type Gradients } from './support/kernel_gradients.js';
import { NETWORKS, type Draw, type Network } from './support/networks.js';
import { withStockTensorFlow } from './support/stock_tensorflow.js';

/** Below this a network's own variation is dominated by chance. */
const FLOOR = 1e-4;

/** Images on which a network varies by more than this would hide faults. */
const CEILING = 0.03;

const SEEDS = [7, 8, 9, 10, 11, 12] as const;

const SCALES = [1 + 2e-7, 1 - 2e-7, 1 + 1e-6, 1 - 1e-6] as const;

/** Networks that the host's poolings on wasm give gradients that this test rejects. */
const HOST_TRAINS_WRONG = ['inceptionV3', 'shuffleNetV1', 'xception'];

const isSampling = ({ name }: Network): boolean => /deformable/.test(name);
const absence = nativeAbsence();
const withNative = absence === undefined ? describe : describe.skip;
const reason = absence === undefined ? '' : ` [tensorflow: skipped, ${absence}]`;

const rows: string[] = [];

async function on(backend: string, network: Network, draw: Draw): Promise<Gradients> {
  await tf.setBackend(backend);
  return kernelGradients(network, draw);
}

/** Result of one pair of images. */
interface Shown {
  readonly seed: number;
  /** From the reference. */
  readonly distance: Distance;
  /** Variation of the network itself. */
  readonly baseline: number;
  readonly gradients: Gradients;
  readonly reference: Gradients;
}

/** Asserts that, on one of the pairs of images, wasm is within three times the network's own variation. */
async function expectNear(network: Network, reference: (draw: Draw) => Promise<Gradients>): Promise<Shown> {
  const seen: Shown[] = [];
  for (const seed of SEEDS) {
    const gradients = await on('wasm', network, { seed });
    const moved = SCALES.map((scale) => kernelGradients(network, { seed, scale }));
    const baseline = Math.max(...moved.map((other) => furthest(other, gradients).relative));
    const wanted = await reference({ seed });
    const shown = { seed, distance: furthest(gradients, wanted), baseline, gradients, reference: wanted };
    if (baseline < CEILING && isNear(shown.distance, baseline)) return shown;
    seen.push(shown);
  }
  const all = seen.map(({ seed, distance, baseline }) => {
    return `images ${seed}: off by ${show(distance)}, varies by ${baseline.toExponential(1)}`;
  });
  throw new Error(`The gradients of ${network.name} are not those of the reference; ${all.join('; ')}`);
}

const isNear = ({ relative }: Distance, baseline: number): boolean => relative <= 3 * Math.max(baseline, FLOOR);

const show = ({ kernel, relative }: Distance): string => `${relative.toExponential(1)} (\`${kernel}\`)`;

function addRow({ name }: Network, backend: string, { gradients, distance, baseline }: Shown, host = '–'): void {
  const cells = [`\`${name}\``, backend, gradients.size, show(distance), baseline.toExponential(1), host];
  rows.push(`| ${cells.join(' | ')} |`);
}

describe('kernel gradients of whole networks', () => {
  afterAll(() => {
    if (process.env['GRADIENT_TABLE'] !== undefined) process.stdout.write(`${rows.join('\n')}\n`);
  });

  withNative(`on wasm, beside tfjs-node${reason}`, () => {
    beforeAll(loadNative);

    test.each(NETWORKS.filter((network) => !isSampling(network)))('$name', async (network) => {
      const shown = await expectNear(network, async (draw) => {
        await tf.setBackend('tensorflow');
        const { result, shared } = withStockTensorFlow(() => kernelGradients(network, draw));
        expect(shared).toEqual([]);
        return result;
      });
      await tf.setBackend('wasm');
      const hosts = withHostPooling(() => kernelGradients(network, shown));
      const before = furthest(hosts, shown.reference);
      addRow(network, 'tfjs-node', shown, show(before));
      // The reason for this test: with the host's gradients of poolings it fails.
      if (HOST_TRAINS_WRONG.includes(network.name)) expect(isNear(before, shown.baseline)).toBe(false);
    });
  });

  test.each(NETWORKS.filter(isSampling))('$name, on wasm against cpu', async (network) => {
    addRow(network, 'cpu', await expectNear(network, (draw) => on('cpu', network, draw)));
  });
});
