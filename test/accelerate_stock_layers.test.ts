/**
 * accelerateStockLayers(): what it replaces and puts back, and that stock layers then compute on wasm what they compute
 * on cpu. The kernels themselves: test/ops/stock_convolutions.test.ts.
 */
import * as tf from '@tensorflow/tfjs';
import { accelerateStockLayers } from '../src/index.js';
import { STOCK_KERNELS } from '../src/ops/stock_convolutions/index.js';
import { correctAveragePool3d, STOCK_POOLING_KERNELS } from '../src/ops/stock_pooling/index.js';
import { SHARING_KERNELS } from '../src/ops/stock_copies.js';
import { expectClose, values } from './support/compare.js';
import { toTensor } from './support/gradient_check.js';
import { Random } from './support/random.js';
import { scoped } from './support/scoped.js';
import type { Array64 } from './oracle/array64.js';

const TOLERANCE = 1e-5;
const REPLACED = [...STOCK_KERNELS, ...STOCK_POOLING_KERNELS, ...correctAveragePool3d, ...SHARING_KERNELS]
  .map(({ kernelName, backendName }) => [kernelName, backendName] as const)
  // The WebGPU backend is not there.
  .filter((key) => (tf.getKernel(...key) as tf.KernelConfig | undefined) !== undefined);
const registered = (): tf.KernelConfig[] => REPLACED.map((key) => tf.getKernel(...key));

// Before any backend has started: a kernel that the host sets up at the start must be set up all the same.
const HOST = registered();
const restore = accelerateStockLayers();
const OURS = registered();

afterEach(() => {
  accelerateStockLayers();
});

describe('accelerateStockLayers()', () => {
  test('replaces every kernel that the host has, and keeps the ones that this package brought', () => {
    OURS.forEach((kernel, index) => {
      const brought = STOCK_KERNELS.includes(HOST[index]!);
      expect({ name: kernel.kernelName, replaced: kernel !== HOST[index] }).toEqual({
        name: kernel.kernelName,
        replaced: !brought,
      });
    });
    expect(HOST.filter((kernel) => STOCK_KERNELS.includes(kernel)).map(({ kernelName }) => kernelName)).toEqual([
      tf.Conv2DBackpropFilter,
      tf.DepthwiseConv2dNativeBackpropInput,
      tf.DepthwiseConv2dNativeBackpropFilter,
    ]);
  });

  test('changes nothing the second time', () => {
    accelerateStockLayers();
    expect(registered()).toEqual(OURS);
    registered().forEach((kernel, index) => {
      expect(kernel).toBe(OURS[index]);
    });
  });

  test('is undone by the function that it returns, and can be called again', async () => {
    restore();
    registered().forEach((kernel, index) => {
      expect(kernel).toBe(HOST[index]);
    });
    // The host's wasm kernel works although ours stood in its place when the backend started.
    await tf.setBackend('wasm');
    const y = tf.conv2d(tf.ones<tf.Rank.R4>([1, 3, 3, 1]), tf.ones<tf.Rank.R4>([3, 3, 1, 1]), 1, 'valid');
    expect(y.dataSync()[0]).toBe(9);
    restore();
    accelerateStockLayers();
    registered().forEach((kernel, index) => {
      expect(kernel !== HOST[index]).toBe(!STOCK_KERNELS.includes(HOST[index]!));
    });
  });

  test('makes clones on wasm share their values, which live as long as one of them', async () => {
    await tf.setBackend('wasm');
    const x = tf.tensor1d([1, -2, 3]);
    const before = tf.engine().backend.numDataIds();
    const copies = [tf.clone(x), tf.cast(x, 'float32')];
    expect(tf.engine().backend.numDataIds()).toBe(before);
    x.dispose();
    for (const copy of copies) {
      expect(await copy.array()).toEqual([1, -2, 3]);
      copy.dispose();
    }
    expect(tf.engine().backend.numDataIds()).toBe(before - 1);
  });

  test('leaves the host what changes the values, or is no number', async () => {
    await tf.setBackend('wasm');
    await scoped(async () => {
      expect(await tf.cast(tf.tensor1d([1.5, -2.5]), 'int32').array()).toEqual([1, -2]);
      expect(await tf.cast(tf.tensor1d([0, 1], 'int32'), 'bool').array()).toEqual([0, 1]);
      expect(await tf.clone(tf.tensor1d(['one', 'two'])).array()).toEqual(['one', 'two']);
    });
  });

  test('leaves a kernel that somebody else has put there since', () => {
    const foreign = { ...tf.getKernel(tf.Conv2D, 'wasm') };
    tf.unregisterKernel(tf.Conv2D, 'wasm');
    tf.registerKernel(foreign);
    restore();
    expect(tf.getKernel(tf.Conv2D, 'wasm')).toBe(foreign);
    tf.unregisterKernel(tf.Conv2D, 'wasm');
    tf.registerKernel(HOST[0]!);
  });
});

/** Layers of the host with weights that do not depend on the backend. */
interface LayerCase {
  readonly title: string;
  readonly make: () => tf.layers.Layer;
}

const SHAPE: [number, number, number] = [9, 8, 5];

const LAYERS: readonly LayerCase[] = (['same', 'valid'] as const).flatMap((padding) =>
  [1, 2, 3].flatMap((stride) =>
    [1, 2, 3].flatMap((kernelSize) => {
      const shared = { kernelSize, strides: stride, padding };
      const makers: Record<string, () => tf.layers.Layer> = {
        conv2d: () => tf.layers.conv2d({ ...shared, filters: 4, activation: 'relu' }),
        depthwiseConv2d: () => tf.layers.depthwiseConv2d({ ...shared, depthMultiplier: 2 }),
        separableConv2d: () => tf.layers.separableConv2d({ ...shared, filters: 4 }),
        conv2dTranspose: () => tf.layers.conv2dTranspose({ ...shared, filters: 4 }),
      };
      return Object.entries(makers).map(([name, make]) => ({
        title: `${name}, kernel ${kernelSize}, stride ${stride}, '${padding}'`,
        make,
      }));
    }),
  ),
);

/** Output of the layer, and the gradients of its inner product with fixed numbers for x and every weight. */
async function layerResults(make: () => tf.layers.Layer): Promise<Array64[]> {
  const random = new Random(5);
  const layer = make();
  layer.build([null, ...SHAPE]);
  layer.setWeights(layer.getWeights().map((weight) => toTensor(random.array(weight.shape))));
  const results = await scoped(async () => {
    const x = toTensor(random.array([2, ...SHAPE]));
    const y = layer.apply(x) as tf.Tensor;
    const dy = toTensor(random.array(y.shape));
    const loss = (given: tf.Tensor): tf.Scalar => tf.sum(tf.mul(layer.apply(given) as tf.Tensor, dy));
    const { grads } = tf.variableGrads(() => loss(x));
    const gradients = [tf.grad(loss)(x), ...layer.trainableWeights.map(({ name }) => grads[name]!)];
    return Promise.all([y, ...gradients].map(values));
  });
  layer.weights.forEach((weight) => {
    weight.dispose();
  });
  return results;
}

const BACKENDS = ['wasm', 'cpu'];

describe('stock layers after accelerateStockLayers()', () => {
  test.each(LAYERS)('have on wasm the values and gradients of the host’s cpu: $title', async ({ make }) => {
    restore();
    await tf.setBackend('cpu');
    const want = await layerResults(make);
    accelerateStockLayers();
    for (const backend of BACKENDS) {
      await tf.setBackend(backend);
      for (const [index, result] of (await layerResults(make)).entries()) {
        await expectClose(result, want[index]!, TOLERANCE, `${backend}, result ${index}`);
      }
    }
  });
});
