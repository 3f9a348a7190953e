/** Conv2DTranspose: values of the oracle, Keras's and PyTorch's sizes, the layer of tfjs, cost and receptive field. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import { conv2dTranspose } from '../oracle/conv2d_transpose.js';
import { describeBackends } from '../support/backends.js';
import { expectClose, values } from '../support/compare.js';
import {
  built,
  callLayer,
  expectFormatsAgree,
  expectRefusal,
  map,
  randomTensor,
  weightValues,
} from './support/layers.js';
import { runLayerTest } from './support/run_layer_test.js';

runLayerTest('Conv2DTranspose', {
  Layer: conv.Conv2DTranspose,
  args: { filters: 4, kernelSize: 3, strides: 2, padding: 'same' },
  inputShapes: [[2, 4, 3, 3]],
  outputShape: [2, 8, 6, 4],
  trainable: { kernel: [3, 3, 4, 3], bias: [4] },
});

runLayerTest('Conv2DTranspose with every option', {
  Layer: conv.Conv2DTranspose,
  args: {
    filters: 6,
    kernelSize: [3, 2],
    strides: [2, 1],
    padding: [
      [1, 0],
      [2, 1],
    ],
    outputPadding: [1, 2],
    dilationRate: [1, 3],
    groups: 2,
    dataFormat: 'channelsFirst',
    activation: 'elu',
    kernelInitializer: 'heUniform',
    kernelRegularizer: 'l1',
    kernelConstraint: 'maxNorm',
    biasInitializer: 'ones',
  },
  inputShapes: [[2, 4, 3, 5]],
  // (3 − 1)·2 − 1 + 3 + 1 = 7 and (5 − 1)·1 − 3 + 4 + 2 = 7.
  outputShape: [2, 6, 7, 7],
  trainable: { kernel: [3, 2, 3, 4], bias: [6] },
});

describeBackends('Conv2DTranspose', ({ tolerance }) => {
  it('computes activation(conv2dTranspose(x, kernel) + bias) with every option of the window', async () => {
    const x = randomTensor(1, [2, 4, 3, 6]);
    const options = {
      strides: [3, 2],
      dilations: [1, 3],
      padding: [
        [2, 1],
        [0, 2],
      ],
      outputPadding: [2, 1],
      groups: 3,
    } as const;
    const { dilations, ...args } = options;
    const layer = built(
      conv.layers.conv2dTranspose({
        ...args,
        filters: 9,
        kernelSize: [3, 2],
        dilationRate: dilations,
        activation: 'tanh',
      }),
      x,
    );
    const inputs = {
      x: await values(x),
      filter: await weightValues(layer, 'kernel'),
      bias: await weightValues(layer, 'bias'),
    };
    await expectClose(callLayer(layer, x), map(conv2dTranspose(inputs, options), Math.tanh), tolerance);
  });

  it('matches conv2dTranspose of tfjs for options that both support', async () => {
    const x = randomTensor(2, [2, 5, 4, 3]);
    for (const padding of ['same', 'valid'] as const) {
      for (const [kernelSize, strides] of [
        [3, 2],
        [4, 2],
        [2, 3],
        [3, 1],
      ] as const) {
        const args = { filters: 2, kernelSize, strides, padding };
        const layer = built(conv.layers.conv2dTranspose(args), x);
        const stock = tf.layers.conv2dTranspose(args);
        callLayer(stock, x);
        stock.setWeights(layer.getWeights());
        await expectClose(callLayer(layer, x), callLayer(stock, x), tolerance, `${padding} ${kernelSize}/${strides}`);
      }
    }
  });

  it('supports channelsFirst', async () => {
    const make = (format: object): tf.layers.Layer =>
      conv.layers.conv2dTranspose({ filters: 4, kernelSize: 3, strides: 2, groups: 2, ...format });
    await expectFormatsAgree(make, randomTensor(3, [2, 4, 3, 6]), tolerance);
  });
});

describe('Conv2DTranspose', () => {
  type Sizes = [string, number, Omit<conv.Conv2DTransposeArgs, 'filters'>, number];
  const sizes: Sizes[] = [
    // Keras's own test vectors, then the size formulas of both libraries.
    ['Keras', 8, { kernelSize: 2, strides: 3, padding: 'same', outputPadding: 2 }, 23],
    ['Keras', 8, { kernelSize: 2, strides: 2, padding: 'valid' }, 16],
    ['Keras', 14, { kernelSize: 7, strides: 16, padding: 'valid' }, 224],
    ['Keras', 4, { kernelSize: 3, strides: 2, padding: 'same' }, 8],
    ['Keras', 4, { kernelSize: 3, strides: 2, padding: 'same', outputPadding: 0 }, 7],
    ['Keras', 4, { kernelSize: 3, strides: 2, padding: 'valid', outputPadding: 1 }, 10],
    ['Keras', 4, { kernelSize: 3, padding: 'valid', dilationRate: 2 }, 8],
    ['PyTorch', 4, { kernelSize: 3, strides: 2, padding: 1, outputPadding: 1 }, 8],
    ['PyTorch', 4, { kernelSize: 4, strides: 2, padding: 1 }, 8],
    ['PyTorch', 4, { kernelSize: 3, strides: 2, padding: 0, outputPadding: 1, dilationRate: 2 }, 12],
    ['PyTorch', 5, { kernelSize: 3, strides: 3, padding: 1, outputPadding: 2, dilationRate: 2 }, 17],
    ['PyTorch', 6, { kernelSize: 4, padding: 2 }, 5],
  ];

  it.each(sizes)('has the size of %s: %d pixels with %j give %d', (_, size, args, wanted) => {
    const layer = conv.layers.conv2dTranspose({ filters: 2, ...args });
    expect(layer.computeOutputShape([1, size, null, 3])).toEqual([1, wanted, null, 2]);
    expect(callLayer(layer, tf.zeros([1, size, size, 1])).shape).toEqual([1, wanted, wanted, 2]);
  });

  it.each([
    // From, to, kernel, stride, groups, size, multiply-adds: published corrections of counters.
    [3, 1, 2, 2, 1, 2, 48],
    [32, 1, 3, 1, 1, 1, 288],
    [4, 6, 4, 2, 1, 8, 24_576],
    [4, 4, 3, 2, 4, 8, 2_304],
    [6, 6, 2, 2, 3, 8, 3_072],
  ])('counts input positions: %d to %d channels, kernel %d/%d, %d groups, %d pixels: %d', (...row) => {
    const [from, filters, kernelSize, strides, groups, size, macs] = row;
    const args = { filters, kernelSize, strides, groups, useBias: false, inputShape: [size, size, from] };
    const { total } = conv.cost(tf.sequential({ layers: [conv.layers.conv2dTranspose(args)] }));
    expect(total.macs).toBe(macs);
    expect(total.params.trainable).toBe((kernelSize ** 2 * from * filters) / groups);
  });

  const windows: Omit<conv.Conv2DTransposeArgs, 'filters'>[] = [
    { kernelSize: 3, strides: 2, padding: 'same' },
    { kernelSize: 4, strides: 2, padding: 1 },
    { kernelSize: 5, strides: 2, padding: 'valid' },
    { kernelSize: 2, strides: 3, padding: 'same', outputPadding: 2 },
    { kernelSize: 3, strides: 3, dilationRate: 2 },
    { kernelSize: 4, strides: 2, dilationRate: 2, padding: 2 },
    { kernelSize: 4, strides: 2, dilationRate: 3, padding: 1, outputPadding: 1 },
    { kernelSize: 3, strides: 1, dilationRate: 2, padding: 2 },
  ];

  it.each(windows)('has the receptive field measured by its gradients: %j', async (args) => {
    await tf.setBackend('cpu');
    const layer = conv.layers.conv2dTranspose({
      ...args,
      filters: 1,
      kernelInitializer: 'ones',
      inputShape: [9, 1, 1],
      kernelSize: [args.kernelSize as number, 1],
      strides: [args.strides as number, 1],
      dilationRate: [(args.dilationRate ?? 1) as number, 1],
      padding: typeof args.padding === 'number' ? [args.padding, 0] : args.padding!,
      ...(args.outputPadding === undefined ? {} : { outputPadding: [args.outputPadding as number, 0] }),
    });
    const model = tf.sequential({ layers: [layer] });
    const { size, stride, padding } = conv.receptiveField(model).layers.at(-1)!;
    const rows = model.outputShape[1] as number;
    // [row, first input, last input] of every output row that reads any input.
    const reads = Array.from({ length: rows }, (_, row) => {
      const of = (x: tf.Tensor): tf.Scalar =>
        tf.sum(tf.slice(model.apply(x) as tf.Tensor, [0, row, 0, 0], [1, 1, -1, 1]));
      const gradient = [
        ...tf
          .grad(of)(tf.zeros([1, 9, 1, 1]))
          .dataSync(),
      ];
      const inputs = gradient.flatMap((value, input) => (value === 0 ? [] : [input]));
      return [row, inputs[0], inputs.at(-1)] as const;
    }).filter((read): read is [number, number, number] => read[1] !== undefined);
    expect(size[0]).toBe(Math.max(...reads.map(([, first, last]) => last - first + 1)));
    expect(stride[0]).toBe(1 / (args.strides as number));
    // The description is exact for the positions in phase with the first one.
    const aligned = reads.filter(([row]) => row % (args.strides as number) === 0);
    const starts = aligned.map(([row, first]) => first - (row * stride[0] - padding[0]));
    expect(aligned.length).toBeGreaterThan(2);
    expect(Math.min(...starts)).toBe(0);
    for (const [row, , last] of aligned) expect(last).toBeLessThanOrEqual(row * stride[0] - padding[0] + size[0] - 1);
  });

  it('rejects invalid arguments', () => {
    const args = { name: 'mine', filters: 4, kernelSize: 3, strides: 2 };
    expectRefusal(
      () => conv.layers.conv2dTranspose({ ...args, groups: 3 }),
      RangeError,
      "Cannot build layer 'mine': groups must divide filters (4), received groups = 3",
    );
    expectRefusal(
      () => conv.layers.conv2dTranspose({ ...args, padding: 'same', outputPadding: 2 }).apply(tf.zeros([1, 4, 4, 1])),
      RangeError,
      'outputPadding must be below the stride 2',
    );
    expectRefusal(
      () => conv.layers.conv2dTranspose({ ...args, padding: 4 }).apply(tf.zeros([1, 2, 2, 1])),
      RangeError,
      'the output must not be empty',
    );
    expectRefusal(
      () => conv.layers.conv2dTranspose({ ...args, paddingMode: 'reflect' } as never),
      TypeError,
      'Conv2DTranspose takes only',
    );
  });
});
