/** DeepLabv3 as torchvision has it: its numbers of weights, dilation in place of strides, receptive field. */
import * as tf from '@tensorflow/tfjs';
import {
  cost,
  deepLabV3,
  mobileNetV3Large,
  receptiveField,
  resNeXt50,
  type DeepLabV3Options,
} from '../../src/index.js';
import { runDenseTest } from './support/dense.js';
import { paramsOf, weightShapes } from './support/models.js';
import { structureOnly } from './support/structure_only.js';

const TINY = { alpha: 0.125, filters: 8, classes: 3 };

/** Dilation of the convolutions with these names. */
function dilationsOf(model: tf.LayersModel, names: readonly string[]): unknown[] {
  return names.map((name) => {
    const { dilationRate, strides } = model.getLayer(name).getConfig();
    expect(strides).toEqual([1, 1]);
    return (dilationRate as number[])[0];
  });
}

describe('deepLabV3()', () => {
  structureOnly();

  // torchvision 0.29: parameters, and parameters with running statistics, without an auxiliary classifier.
  it.each([
    ['mobileNetV3Large', 11_025_477, 11_053_461],
    ['resNet50', 39_638_869, 39_695_573],
  ] as const)('has as many weights as that of torchvision on %s', (trunk, trainable, all) => {
    expect(paramsOf(deepLabV3({ trunk }))).toEqual([all, trainable]);
  });

  it('is on mobileNetV3Large unless told otherwise', () => {
    expect(weightShapes(deepLabV3(TINY))).toEqual(weightShapes(deepLabV3({ ...TINY, trunk: 'mobileNetV3Large' })));
  });

  it.each([
    ['mobileNetV3Large', () => mobileNetV3Large({ alpha: 0.35, includeTop: false })],
    ['resNet50', () => resNeXt50({ alpha: 0.35, includeTop: false, cardinality: 1, groupWidth: 64 })],
  ] as const)('has the weights of %s in its trunk', (trunk, build) => {
    const own = weightShapes(deepLabV3({ trunk, alpha: 0.35, filters: 8 }));
    const plain = weightShapes(build());
    expect(Object.fromEntries(Object.entries(own).filter(([name]) => name in plain))).toEqual(plain);
  });

  // In MobileNetV3 the convolution that loses its stride dilates too, in residual networks those after it.
  it('dilates in place of the omitted strides', () => {
    const mobile = deepLabV3({ ...TINY, inputShape: [64, 64, 3] });
    expect(
      dilationsOf(
        mobile,
        [11, 12, 13, 14].map((block) => `expanded_conv_${block}_depthwise`),
      ),
    ).toEqual([1, 2, 2, 2]);
    const residual = deepLabV3({ ...TINY, inputShape: [64, 64, 3], trunk: 'resNet50' });
    const names = ['conv3_block4', 'conv4_block1', 'conv4_block2', 'conv4_block6', 'conv5_block1', 'conv5_block2'];
    expect(
      dilationsOf(
        residual,
        names.map((name) => `${name}_2_conv`),
      ),
    ).toEqual([1, 1, 2, 2, 2, 4]);
    const sizes = [mobile, residual].map((model) => (model.getLayer('aspp').output as tf.SymbolicTensor).shape);
    expect(sizes).toEqual([
      [null, 4, 4, 8],
      [null, 8, 8, 8],
    ]);
    for (const model of [mobile, residual]) expect(model.getLayer('aspp').getConfig().rates).toEqual([12, 24, 36]);
  });

  it('reads the whole image, at the stride of its scores', () => {
    const { layers } = receptiveField(deepLabV3({ ...TINY, trunk: 'resNet50' }));
    expect(layers.at(-1)).toMatchObject({ stride: [1, 1], global: true });
    expect(layers.find(({ name }) => name === 'conv5_block3_out')).toMatchObject({ stride: [8, 8] });
  });

  it('has the multiply-adds of its parts after the trunk', () => {
    const { layers } = cost(deepLabV3({ inputShape: [512, 512, 3] }));
    const macsOf = (name: string): number => layers.find((layer) => layer.name === name)!.macs;
    const [positions, channels] = [32 * 32, 960];
    expect(macsOf('aspp')).toBe(positions * 256 * (channels + 3 * 9 * channels + 5 * 256) + channels * 256);
    expect(macsOf('head_conv')).toBe(positions * 9 * 256 * 256);
    expect(macsOf('logits')).toBe(positions * 256 * 21);
  });

  it('makes the last convolutions of its trunk deformable', () => {
    const options = { ...TINY, inputShape: [64, 64, 3], deformable: { last: 1 } };
    const layer = deepLabV3(options).getLayer('expanded_conv_14_depthwise');
    expect([layer.getClassName(), layer.getConfig()]).toMatchObject([
      'Convolutions>DeformableConv2D',
      { dilationRate: [2, 2] },
    ]);
    const residual = deepLabV3({ ...options, trunk: 'resNet50' }).getLayer('conv5_block3_2_conv');
    expect([residual.getClassName(), residual.getConfig()]).toMatchObject([
      'Convolutions>DeformableConv2D',
      { dilationRate: [4, 4] },
    ]);
  });

  it('applies normalizationMomentum everywhere; without it, momenta are those of torchvision', () => {
    const momentaOf = (options: DeepLabV3Options): Set<unknown> =>
      new Set(deepLabV3(options).layers.flatMap((layer) => layer.getConfig().momentum ?? []));
    expect(momentaOf({ ...TINY, normalizationMomentum: 0.75 })).toEqual(new Set([0.75]));
    expect(momentaOf(TINY)).toEqual(new Set([0.99, 0.9]));
    expect(momentaOf({ ...TINY, trunk: 'resNet50' })).toEqual(new Set([0.9]));
  });
});

for (const trunk of ['mobileNetV3Large', 'resNet50'] as const) {
  runDenseTest<DeepLabV3Options>({
    name: 'deepLabV3',
    build: (options) => deepLabV3({ ...options, trunk: (options as { trunk?: typeof trunk }).trunk ?? trunk }),
    tiny: { ...TINY, rates: [1, 2], dropout: 0 },
    inputShape: [33, 47, 3],
    channels: 3,
    probabilities: true,
    refusals: [
      [{ trunk: 'resNet101' }, RangeError, "received trunk = 'resNet101'"],
      [{ trunk: 50 }, TypeError, 'received trunk = 50'],
      [{ rates: 6 }, TypeError, 'received rates = 6'],
      [{ rates: [0] }, RangeError, 'received rates = 0'],
      [{ rates: [6, 6] }, RangeError, 'rates must all differ, received rates = [6, 6]'],
      [{ filters: 0 }, RangeError, 'received filters = 0'],
      [{ dropout: 1 }, RangeError, 'received dropout = 1'],
      [{ alpha: 0 }, RangeError, 'received alpha = 0'],
      [{ classes: 0 }, RangeError, 'received classes = 0'],
      [{ deformable: { last: 17 } }, RangeError, 'received deformable.last = 17'],
      [{ outputStride: 8 }, TypeError, 'received outputStride = 8'],
    ],
  });
}
