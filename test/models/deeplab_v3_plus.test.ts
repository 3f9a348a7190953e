/** DeepLabv3+ on MobileNetV2: figures by formula and as published, the names of Keras, dilation in place of strides. */
import * as tf from '@tensorflow/tfjs';
import {
  cost,
  deepLabV3Plus,
  Dropout,
  mobileNetV2,
  receptiveField,
  type DeepLabV3PlusOptions,
} from '../../src/index.js';
import { expectClose } from '../support/compare.js';
import { randomTensor } from '../layers/support/layers.js';
import { runDenseTest } from './support/dense.js';
import { copyWeights, countParams, paramsOf, randomize, weightShapes } from './support/models.js';

/** keras.applications.MobileNetV2 without top, less Conv_1 and its normalisation; less its moving averages. */
const TRUNK = 2_257_984 - 320 * 1280 - 4 * 1280;
const TRUNK_TRAINABLE = TRUNK - (34_112 - 2 * 1280);

describe('deepLabV3Plus()', () => {
  beforeAll(() => tf.setBackend('cpu'));

  // ASPP on 320 channels, trainable: as torchvision counts it, and with separable branches.
  it.each([
    [false, 2_706_432],
    [true, 750_912],
  ])('has a pyramid of the known size (separable: %p)', (separable, count) => {
    const aspp = deepLabV3Plus({ separable }).getLayer('aspp');
    expect(countParams(aspp.trainableWeights)).toBe(count);
  });

  it('has the parameters of its parts', () => {
    const normalization = 48 + 256 + 256;
    const decoder = 144 * 48 + 9 * (256 + 48) * 256 + 9 * 256 * 256 + 2 * normalization;
    const trainable = TRUNK_TRAINABLE + 2_706_432 + decoder + (256 * 21 + 21);
    const moving = TRUNK - TRUNK_TRAINABLE + 2 * 6 * 256 + 2 * normalization;
    expect(paramsOf(deepLabV3Plus())).toEqual([trainable + moving, trainable]);
    expect(trainable).toBe(5_821_813);
  });

  it('has the parameters of its parts where separable', () => {
    const unit = (from: number): number => 9 * from + 2 * from + from * 256 + 2 * 256;
    const trainable = TRUNK_TRAINABLE + 750_912 + (144 * 48 + 2 * 48) + unit(256 + 48) + unit(256) + (256 * 21 + 21);
    expect(paramsOf(deepLabV3Plus({ separable: true }))[1]).toBe(trainable);
  });

  it('equals, without pyramid and decoder, the network of Sandler et al. 2018, Table 7: 2.11 M parameters', () => {
    const model = deepLabV3Plus({ decoder: false, rates: [], inputShape: [513, 513, 3] });
    const [, trainable] = paramsOf(model);
    // Branches `point`, `pool` and `project`, of which each is normalised, and the classifier.
    expect(trainable).toBe(TRUNK_TRAINABLE + 2 * 320 * 256 + 512 * 256 + 3 * 2 * 256 + (256 * 21 + 21));
    expect(trainable / 1e6).toBeCloseTo(2.11, 2);
    // Published are 2.75 B multiply-adds; ours omit the upsampling of the scores, 5.5 M samples.
    const { macs, otherOps } = cost(model).total;
    expect(macs).toBe(2_740_709_056);
    expect(otherOps.sampling).toBe(513 * 513 * 21);
    expect((macs + otherOps.sampling) / 1e9).toBeCloseTo(2.75, 2);
  });

  it.each([
    [16, 32],
    [8, 64],
  ] as const)('has the multiply-adds of its parts at output stride %d', (outputStride, side) => {
    const { layers, total } = cost(deepLabV3Plus({ outputStride }));
    const macsOf = (name: string): number => layers.find((layer) => layer.name === name)!.macs;
    // The branch of the whole image works on one position.
    const joined = 5 * 256;
    expect(macsOf('aspp')).toBe(side ** 2 * (320 * 256 + 3 * 9 * 320 * 256 + joined * 256) + 320 * 256);
    const decoder = 128 ** 2 * (144 * 48 + 9 * 304 * 256 + 9 * 256 * 256 + 256 * 21);
    const names = ['decoder_low_level', 'decoder_conv0', 'decoder_conv1', 'logits'];
    expect(names.reduce((sum, name) => sum + macsOf(name), 0)).toBe(decoder);
    // The trunk works as in MobileNetV2, but from block 13 (from 6) on with as many positions as before it.
    const plain = cost(mobileNetV2({ inputShape: [512, 512, 3], includeTop: false })).layers;
    const trunk = plain.reduce((sum, { name, macs, outputShape }) => {
      const [own] = outputShape as [number];
      if (name === 'Conv_1') return sum;
      // Expansion of a block that lost its stride already worked on the larger map.
      return sum + macs * (own < side ? (side / own) ** 2 : 1);
    }, 0);
    expect(total.macs).toBe(trunk + macsOf('aspp') + decoder);
  });

  // 491 of the trunk and the widest branch. A pixel reads two rows of the map at stride 4, twice 3×3 makes six of them, and
  // these read at most four rows of the map at stride 16, or five of the one at stride 8.
  it.each([
    [16, 491 + 2 * 18 * 16 + (4 - 1) * 16],
    [8, 491 + 2 * 36 * 8 + (5 - 1) * 8],
  ] as const)('has the receptive field of its parts and the whole image at output stride %d', (outputStride, size) => {
    const { layers } = receptiveField(deepLabV3Plus({ alpha: 0.35, filters: 8, outputStride }));
    expect(layers.at(-1)).toMatchObject({ size: [size, size], stride: [1, 1], global: true });
    const trunk = layers.find(({ name }) => name === 'block_16_project');
    expect(trunk).toMatchObject({ size: [491, 491], stride: [outputStride, outputStride] });
  });

  it.each([
    [16, { 12: 1, 13: 1, 14: 2, 16: 2 }],
    [8, { 5: 1, 6: 1, 7: 2, 13: 2, 14: 4, 16: 4 }],
  ] as const)('dilates in place of the omitted strides, at output stride %d', (outputStride, rates) => {
    const model = deepLabV3Plus({ alpha: 0.35, outputStride });
    for (const [block, rate] of Object.entries(rates)) {
      const config = model.getLayer(`block_${block}_depthwise`).getConfig();
      expect(config).toMatchObject({ dilationRate: [rate, rate], strides: [1, 1] });
    }
    expect(model.getLayer('aspp').getConfig().rates).toEqual(outputStride === 8 ? [12, 24, 36] : [6, 12, 18]);
  });

  it('has the weights of keras.applications.MobileNetV2 in its trunk', () => {
    const keras = weightShapes(mobileNetV2({ includeTop: false }));
    const own = weightShapes(deepLabV3Plus());
    const expected = Object.entries(keras).filter(([name]) => !name.startsWith('Conv_1'));
    expect(Object.fromEntries(Object.entries(own).filter(([name]) => name in keras))).toEqual(
      Object.fromEntries(expected),
    );
  });

  it('computes at every 2nd position of block 13 what the trunk with strides computes', async () => {
    const shape = [32, 32, 3];
    const plain = mobileNetV2({ alpha: 0.125, inputShape: shape, includeTop: false });
    const atrous = deepLabV3Plus({ alpha: 0.125, inputShape: shape, filters: 4, classes: 2 });
    randomize(plain);
    copyWeights(plain, atrous);
    const outputOf = (model: tf.LayersModel, layer: string): tf.Tensor =>
      tf
        .model({ inputs: model.inputs, outputs: model.getLayer(layer).output })
        .predict(randomTensor(1, [1, ...shape])) as tf.Tensor;
    // Where an even map is padded for stride 2, the windows start at the odd rows.
    const sparse = outputOf(plain, 'block_13_project_BN');
    const dense = outputOf(atrous, 'block_13_project_BN');
    expect([sparse.shape[1], dense.shape[1]]).toEqual([1, 2]);
    await expectClose(tf.slice(dense, [0, 1, 1, 0], [1, 1, 1, -1]), sparse, 1e-5);
  });

  it('supports deformable blocks, including dilated ones', () => {
    const model = deepLabV3Plus({ alpha: 0.125, deformable: { last: 1 }, inputShape: [64, 64, 3], filters: 8 });
    const layer = model.getLayer('block_16_depthwise');
    expect(layer.getClassName()).toBe('Convolutions>DeformableConv2D');
    expect(layer.getConfig()).toMatchObject({ depthwise: true, dilationRate: [2, 2] });
    expect(receptiveField(model).layers.at(-1)).toMatchObject({ dataDependent: true });
  });

  it('applies the options normalizationMomentum and dropout', () => {
    const model = deepLabV3Plus({ alpha: 0.125, normalizationMomentum: 0.75, dropout: 0.4, filters: 8 });
    const momenta = model.layers.map((layer) => layer.getConfig().momentum).filter((value) => value !== undefined);
    expect(momenta.length).toBeGreaterThan(50);
    expect(new Set(momenta)).toEqual(new Set([0.75]));
    expect(model.getLayer('aspp_dropout')).toBeInstanceOf(Dropout);
    expect(model.getLayer('aspp_dropout').getConfig().rate).toBe(0.4);
    const names = deepLabV3Plus({ alpha: 0.125, dropout: 0, filters: 8 }).layers.map(({ name }) => name);
    expect(names).not.toContain('aspp_dropout');
  });
});

runDenseTest<DeepLabV3PlusOptions>({
  name: 'deepLabV3Plus',
  build: deepLabV3Plus,
  tiny: { alpha: 0.125, classes: 3, filters: 8, lowLevelFilters: 4, rates: [1, 2], separable: true, dropout: 0 },
  inputShape: [33, 47, 3],
  channels: 3,
  probabilities: true,
  refusals: [
    [{ outputStride: 32 }, RangeError, 'outputStride must be 8 or 16, received outputStride = 32'],
    [{ rates: 6 }, TypeError, 'received rates = 6'],
    [{ rates: [0] }, RangeError, 'received rates = 0'],
    [{ rates: [6, 6] }, RangeError, 'rates must all differ, received rates = [6, 6]'],
    [{ filters: 0 }, RangeError, 'received filters = 0'],
    [{ lowLevelFilters: 0.5 }, RangeError, 'received lowLevelFilters = 0.5'],
    [{ separable: 1 }, TypeError, 'received separable = 1'],
    [{ decoder: 'yes' }, TypeError, "received decoder = 'yes'"],
    [{ dropout: 1 }, RangeError, 'received dropout = 1'],
    [{ alpha: 0 }, RangeError, 'received alpha = 0'],
    [{ classes: 0 }, RangeError, 'received classes = 0'],
    [{ deformable: { last: 18 } }, RangeError, 'received deformable.last = 18'],
    [{ classifierActivation: 'argmax' }, RangeError, "received classifierActivation = 'argmax'"],
  ],
});
