/** ReceptiveFieldBlock: equality with its layers applied one by one, and the parameter counts of RFBNet. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import { describeBackends } from '../support/backends.js';
import { expectClose } from '../support/compare.js';
import {
  built,
  callLayer,
  composed,
  expectFormatsAgree,
  expectRefusal,
  normalizerNames,
  randomTensor,
  snapshot,
} from './support/layers.js';
import { runLayerTest } from './support/run_layer_test.js';

/** Kernels of a block by unit; each is followed by batch normalisation. */
type Kernels = Readonly<Record<string, readonly [number, number, number, number]>>;

function weightsOf(kernels: Kernels): Pick<Parameters<typeof runLayerTest>[1], 'trainable' | 'nonTrainable'> {
  const of = (names: (unit: string, kernel: readonly number[]) => [string, readonly number[]][]): object =>
    Object.fromEntries(Object.entries(kernels).flatMap(([unit, kernel]) => names(unit, kernel)));
  return {
    trainable: of((unit, kernel) => [
      [`${unit}_kernel`, kernel],
      [`${unit}_gamma`, [kernel[3]!]],
      [`${unit}_beta`, [kernel[3]!]],
    ]) as Record<string, readonly number[]>,
    nonTrainable: of((unit, kernel) => [
      [`${unit}_moving_mean`, [kernel[3]!]],
      [`${unit}_moving_variance`, [kernel[3]!]],
    ]) as Record<string, readonly number[]>,
  };
}

const RFB: Kernels = {
  branch_1_conv_1: [1, 1, 32, 8],
  branch_1_conv_2: [3, 3, 8, 8],
  branch_2_conv_1: [1, 1, 32, 4],
  branch_2_conv_2: [3, 3, 4, 8],
  branch_2_conv_3: [3, 3, 8, 8],
  branch_3_conv_1: [1, 1, 32, 4],
  branch_3_conv_2: [3, 3, 4, 6],
  branch_3_conv_3: [3, 3, 6, 8],
  branch_3_conv_4: [3, 3, 8, 8],
  project: [1, 1, 24, 5],
  shortcut: [1, 1, 32, 5],
};

const RFB_A: Kernels = {
  branch_1_conv_1: [1, 1, 32, 8],
  branch_1_conv_2: [3, 3, 8, 8],
  branch_2_conv_1: [1, 1, 32, 8],
  branch_2_conv_2: [3, 1, 8, 8],
  branch_2_conv_3: [3, 3, 8, 8],
  branch_3_conv_1: [1, 1, 32, 8],
  branch_3_conv_2: [1, 3, 8, 8],
  branch_3_conv_3: [3, 3, 8, 8],
  branch_4_conv_1: [1, 1, 32, 4],
  branch_4_conv_2: [1, 3, 4, 6],
  branch_4_conv_3: [3, 1, 6, 8],
  branch_4_conv_4: [3, 3, 8, 8],
  project: [1, 1, 32, 5],
  shortcut: [1, 1, 32, 5],
};

runLayerTest('ReceptiveFieldBlock', {
  Layer: conv.ReceptiveFieldBlock,
  args: { filters: 5, strides: 2, scale: 0.5, visual: 2, kernelInitializer: 'heNormal', kernelRegularizer: 'l2' },
  inputShapes: [[3, 5, 6, 32]],
  outputShape: [3, 3, 3, 5],
  gradientsOfInference: true,
  ...weightsOf(RFB),
});

runLayerTest('ReceptiveFieldBlock, variant a', {
  Layer: conv.ReceptiveFieldBlock,
  args: { filters: 5, variant: 'rfb-a', scale: 1, momentum: 0.9, epsilon: 0.01, dataFormat: 'channelsFirst' },
  inputShapes: [[3, 32, 5, 4]],
  outputShape: [3, 5, 5, 4],
  gradientsOfInference: true,
  ...weightsOf(RFB_A),
});

describeBackends('ReceptiveFieldBlock', ({ tolerance }) => {
  it('equals its branches, layer by layer, in training and in inference', async () => {
    const x = randomTensor(1, [3, 7, 6, 32]);
    // [dilation of the last convolution, index of the strided one] of every branch, as in the released code.
    const cases = [
      ['rfb', RFB, [[2, 1], [3, 2], [5, 3]]], // prettier-ignore
      ['rfb-a', RFB_A, [[1, 1], [3, 2], [3, 2], [5, 3]]], // prettier-ignore
    ] as const;
    for (const [variant, kernels, branches] of cases) {
      const visual = variant === 'rfb' ? { visual: 2 } : {};
      const layer = built(conv.layers.receptiveFieldBlock({ filters: 5, variant, strides: 2, ...visual }), x);
      const weights = snapshot(layer);
      const step = (
        unit: string,
        options: { strides?: number; dilationRate?: number; linear: boolean },
      ): (readonly [tf.layers.Layer, tf.Tensor[]])[] => {
        const [height, width, , filters] = kernels[unit]!;
        const { strides = 1, dilationRate = 1, linear } = options;
        const padding = [((height - 1) / 2) * dilationRate, ((width - 1) / 2) * dilationRate] as const;
        const args = { filters, kernelSize: [height, width] as const, strides, dilationRate, padding, useBias: false };
        return [
          [conv.layers.conv2d(args), weights(`${unit}_kernel`)],
          [
            conv.layers.batchNormalization({ epsilon: 1e-5, activation: linear ? 'linear' : 'relu' }),
            weights(...normalizerNames(unit)),
          ],
        ];
      };
      for (const training of [false, true]) {
        const outputs = branches.map(([dilation, strided], branch) => {
          const units = Object.keys(kernels).filter((unit) => unit.startsWith(`branch_${branch + 1}_`));
          const steps = units.flatMap((unit, index) => {
            const last = index === units.length - 1;
            const strides = index + 1 === strided ? 2 : 1;
            return step(unit, { strides, dilationRate: last ? dilation : 1, linear: last });
          });
          return composed(x, steps, training);
        });
        const project = composed(tf.concat(outputs, 3), step('project', { linear: true }), training);
        const shortcut = composed(x, step('shortcut', { strides: 2, linear: true }), training);
        const wanted = tf.relu(tf.add(tf.mul(project, 0.1), shortcut));
        await expectClose(callLayer(layer, x, training), wanted, 10 * tolerance);
      }
    }
  });

  it('supports channelsFirst', async () => {
    const make = (format: object): tf.layers.Layer => conv.layers.receptiveFieldBlock({ filters: 3, ...format });
    await expectFormatsAgree(make, randomTensor(2, [2, 4, 3, 8]), 10 * tolerance);
  });
});

describe('ReceptiveFieldBlock', () => {
  it.each([
    // Variant, channels, parameters, receptive field.
    ['rfb', 1024, 5_095_296, 11],
    ['rfb-a', 512, 1_502_016, 13],
    ['rfb-a', 64, 24_008, 13],
  ] as const)(
    'has the parameters and receptive field of RFBNet: %s with %d channels',
    (variant, channels, count, field) => {
      const layer = conv.layers.receptiveFieldBlock({ filters: channels, variant, inputShape: [3, 2, channels] });
      const model = tf.sequential({ layers: [layer] });
      const { params, macs } = conv.cost(model).total;
      expect(params.trainable).toBe(count);
      const normalization = conv.cost(model).total.otherOps.normalization / 6;
      expect(macs).toBe((count - 2 * normalization) * 6);
      expect(conv.receptiveField(model).layers.at(-1)).toMatchObject({
        size: [field, field],
        padding: [(field - 1) / 2, (field - 1) / 2],
        global: false,
      });
    },
  );

  it('rejects invalid arguments', () => {
    expectRefusal(
      () => conv.layers.receptiveFieldBlock({ name: 'mine', filters: 8, strides: 3 }),
      RangeError,
      "Cannot build layer 'mine': strides must be 1 or 2, received strides = 3",
    );
    expectRefusal(
      () => conv.layers.receptiveFieldBlock({ filters: 8, variant: 'rfb-a', visual: 2 }),
      RangeError,
      "visual requires variant 'rfb', received visual = 2",
    );
    expectRefusal(
      () => conv.layers.receptiveFieldBlock({ filters: 8 }).apply(tf.zeros([1, 3, 3, 4])),
      RangeError,
      "variant 'rfb' requires at least 8 input channels, received input channels = 4",
    );
  });
});
