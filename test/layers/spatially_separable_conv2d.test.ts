/** SpatiallySeparableConv2D: it equals two convolutions, and fromKernel() is as accurate as its rank allows. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import * as oracle from '../oracle/conv2d.js';
import { describeBackends } from '../support/backends.js';
import { expectClose, values } from '../support/compare.js';
import {
  built,
  callLayer,
  expectFormatsAgree,
  expectRefusal,
  map,
  randomTensor,
  weightOf,
  weightValues,
} from './support/layers.js';
import { runLayerTest } from './support/run_layer_test.js';

runLayerTest('SpatiallySeparableConv2D', {
  Layer: conv.SpatiallySeparableConv2D,
  args: { filters: 4, kernelSize: 3, padding: 'same' },
  inputShapes: [[2, 6, 5, 3]],
  outputShape: [2, 6, 5, 4],
  trainable: { vertical_kernel: [3, 1, 3, 4], horizontal_kernel: [1, 3, 4, 4], bias: [4] },
});

runLayerTest('SpatiallySeparableConv2D with every option', {
  Layer: conv.SpatiallySeparableConv2D,
  args: {
    filters: 5,
    kernelSize: [3, 2],
    rank: 6,
    order: 'horizontalFirst',
    midActivation: 'swish',
    strides: [1, 2],
    padding: [
      [2, 1],
      [0, 1],
    ],
    paddingMode: 'reflect',
    dilationRate: [2, 1],
    dataFormat: 'channelsFirst',
    activation: 'softplus',
    useBias: false,
    kernelInitializer: 'heNormal',
    kernelRegularizer: 'l2',
    kernelConstraint: 'maxNorm',
  },
  inputShapes: [[2, 4, 6, 5]],
  outputShape: [2, 5, 5, 3],
  trainable: { horizontal_kernel: [1, 2, 4, 6], vertical_kernel: [3, 1, 6, 5] },
});

const SOBEL = [
  [1, 0, -1],
  [2, 0, -2],
  [1, 0, -1],
];
const LAPLACE = [
  [0, 1, 0],
  [1, -4, 1],
  [0, 1, 0],
];

describeBackends('SpatiallySeparableConv2D', ({ tolerance }) => {
  it('equals a vertical and a horizontal convolution', async () => {
    const x = randomTensor(1, [2, 8, 7, 3]);
    for (const order of ['verticalFirst', 'horizontalFirst'] as const) {
      const layer = built(
        conv.layers.spatiallySeparableConv2d({
          filters: 4,
          rank: 2,
          order,
          kernelSize: [3, 2],
          strides: [2, 3],
          dilationRate: [1, 2],
          padding: [
            [2, 0],
            [1, 3],
          ],
          midActivation: 'tanh',
        }),
        x,
      );
      const windows = {
        vertical: { strides: [2, 1], padding: [[2, 0], [0, 0]] }, // prettier-ignore
        horizontal: { strides: [1, 3], dilations: [1, 2], padding: [[0, 0], [1, 3]] }, // prettier-ignore
      } as const;
      const [first, second] =
        order === 'verticalFirst' ? (['vertical', 'horizontal'] as const) : (['horizontal', 'vertical'] as const);
      const filter = await weightValues(layer, `${first}_kernel`);
      const between = map(oracle.conv2d({ x: await values(x), filter }, windows[first]), Math.tanh);
      const wanted = oracle.conv2d(
        { x: between, filter: await weightValues(layer, `${second}_kernel`), bias: await weightValues(layer, 'bias') },
        windows[second],
      );
      await expectClose(callLayer(layer, x), wanted, tolerance);
    }
  });

  it('fromKernel() reproduces Sobel and Gaussian kernels exactly', async () => {
    const x = randomTensor(2, [2, 7, 6, 1]);
    const gauss = [1, 4, 6, 4, 1].map((a) => [1, 4, 6, 4, 1].map((b) => (a * b) / 256));
    for (const kernel of [SOBEL, gauss]) {
      for (const order of ['verticalFirst', 'horizontalFirst'] as const) {
        const { layer, loss } = await conv.SpatiallySeparableConv2D.fromKernel(kernel, { padding: 'same', order });
        expect(layer.rank).toBe(1);
        expect(layer.countParams()).toBe(2 * kernel.length);
        expect(loss).toBeLessThan(1e-7);
        const filter = await values(tf.reshape(tf.tensor2d(kernel), [kernel.length, kernel.length, 1, 1]));
        const wanted = oracle.conv2d({ x: await values(x), filter }, { padding: 'same' });
        await expectClose(callLayer(layer, x), wanted, tolerance);
      }
    }
  });

  it('fromKernel() reports the exact loss for a general kernel', async () => {
    const full = randomTensor(3, [3, 2, 4, 5]) as tf.Tensor4D;
    const size = async (tensor: tf.Tensor): Promise<number> => (await tf.norm(tensor).data())[0]!;
    const norm = await size(full);
    const losses: number[] = [];
    for (const rank of [1, 5, 9, 10]) {
      const { layer, loss, singularValues } = await conv.SpatiallySeparableConv2D.fromKernel(full, { rank });
      expect(singularValues.length).toBe(10);
      const [vertical, horizontal] = ['vertical_kernel', 'horizontal_kernel'].map((name) => weightOf(layer, name));
      const product = tf.reshape(
        tf.matMul(tf.reshape(vertical!, [12, rank]), tf.reshape(tf.transpose(horizontal!, [0, 2, 1, 3]), [rank, 10])),
        [3, 4, 2, 5],
      );
      const left = await size(tf.sub(tf.transpose(product, [0, 2, 1, 3]), full));
      expect(left / norm).toBeCloseTo(loss, 5);
      losses.push(loss);
    }
    expect(losses).toEqual([...losses].sort((a, b) => b - a));
    expect(losses[0]).toBeGreaterThan(0.5);
    expect(losses[3]).toBe(0);
  });

  it('fromKernel() reproduces a full convolution at full rank', async () => {
    const kernel = randomTensor(4, [3, 3, 2, 3]) as tf.Tensor4D;
    const bias = tf.tensor1d([1, 2, 3]);
    const x = randomTensor(5, [1, 2, 6, 5]);
    const args = { strides: 2, dilationRate: 2, padding: 2, useBias: true, dataFormat: 'channelsFirst' } as const;
    const { layer } = await conv.SpatiallySeparableConv2D.fromKernel(kernel, { ...args, activation: 'relu' });
    layer.setWeights([...layer.getWeights().slice(0, 2), bias]);
    const plain = conv.layers.conv2d({ ...args, filters: 3, kernelSize: 3, activation: 'relu' });
    callLayer(plain, x);
    plain.setWeights([kernel, bias]);
    await expectClose(callLayer(layer, x), callLayer(plain, x), 10 * tolerance);
  });

  it('supports channelsFirst', async () => {
    const make = (format: object): tf.layers.Layer =>
      conv.layers.spatiallySeparableConv2d({ filters: 4, kernelSize: 2, rank: 3, strides: 2, ...format });
    await expectFormatsAgree(make, randomTensor(6, [2, 4, 5, 3]), tolerance);
  });
});

describe('SpatiallySeparableConv2D', () => {
  it('costs kernel · rank · (channels + filters) at every position', () => {
    const layer = conv.layers.spatiallySeparableConv2d({
      filters: 64,
      kernelSize: 7,
      rank: 16,
      padding: 'same',
      useBias: false,
      inputShape: [17, 17, 32],
    });
    const model = tf.sequential({ layers: [layer] });
    expect(conv.cost(model).total).toMatchObject({ params: { trainable: 10_752 }, macs: 10_752 * 289 });
    expect(conv.receptiveField(model).layers.at(-1)).toMatchObject({ size: [7, 7], padding: [3, 3] });
  });

  it('counts the first convolution before the second one strides', () => {
    const of = (order: conv.SeparableOrder): number => {
      const args = { filters: 5, kernelSize: [3, 1], rank: 2, strides: [2, 4], useBias: false, order } as const;
      const layer = conv.layers.spatiallySeparableConv2d({ ...args, inputShape: [9, 8, 3] });
      return conv.cost(tf.sequential({ layers: [layer] })).total.macs;
    };
    expect(of('verticalFirst')).toBe(4 * 8 * 3 * 3 * 2 + 4 * 2 * 2 * 5);
    expect(of('horizontalFirst')).toBe(9 * 2 * 3 * 2 + 4 * 2 * 3 * 2 * 5);
  });

  it('saves a layer made by fromKernel()', async () => {
    await tf.setBackend('cpu');
    const { layer, loss, singularValues } = await conv.SpatiallySeparableConv2D.fromKernel(LAPLACE, { rank: 1 });
    // Its two singular values are 2 ± √6.
    expect(singularValues[0]).toBeCloseTo(2 + Math.sqrt(6), 6);
    expect(singularValues[1]).toBeCloseTo(Math.sqrt(6) - 2, 6);
    expect(loss).toBeCloseTo(singularValues[1]! / Math.sqrt(20), 6);
    const copy = conv.layers.spatiallySeparableConv2d(layer.getConfig() as never);
    const x = randomTensor(7, [1, 5, 5, 1]);
    callLayer(copy, x);
    copy.setWeights(layer.getWeights());
    await expectClose(callLayer(copy, x), callLayer(layer, x), 0);
    expect(layer.weights.map(({ originalName }) => originalName)).toEqual([
      `${layer.name}/vertical_kernel`,
      `${layer.name}/horizontal_kernel`,
    ]);
  });

  it('rejects kernels and ranks that it cannot factor', async () => {
    const refusal = async (...args: unknown[]): Promise<() => never> => {
      const error: unknown = await conv.SpatiallySeparableConv2D.fromKernel(...(args as [never])).catch(
        (thrown: unknown) => thrown,
      );
      return () => {
        throw error as Error;
      };
    };
    expectRefusal(await refusal(LAPLACE, { rank: 4 }), RangeError, 'rank must be at most 3 for a kernel of this shape');
    expectRefusal(await refusal(tf.zeros([3])), RangeError, 'Cannot factor a kernel: kernel must be an array of rows');
    expectRefusal(await refusal('sobel'), TypeError, "received kernel = 'sobel'");
    expectRefusal(await refusal([[1, NaN]]), RangeError, 'kernel must be finite');
    expectRefusal(await refusal(tf.zeros([3, 3], 'int32')), TypeError, "received kernel.dtype = 'int32'");
    expectRefusal(
      () => conv.layers.spatiallySeparableConv2d({ filters: 1, kernelSize: 3, order: 'both' as never }),
      RangeError,
      "received order = 'both'",
    );
  });
});
