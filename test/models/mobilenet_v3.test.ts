/** MobileNetV3: the figures of the paper and of keras.applications, names and shapes for Keras weights, and training. */
import * as tf from '@tensorflow/tfjs';
import { cost, mobileNetV3Large, mobileNetV3Small, receptiveField, type MobileNetV3Options } from '../../src/index.js';
import { expectClose } from '../support/compare.js';
import { randomTensor } from '../layers/support/layers.js';
import { fieldOf, paramsOf, randomize, runClassifierTest, weightedLayers, weightShapes } from './support/models.js';
import { structureOnly } from './support/structure_only.js';

const SIZES = { small: mobileNetV3Small, large: mobileNetV3Large } as const;
const BUILDS = [['small'], ['large']] as const;

/** Layers with weights of the blocks, as Keras names them. */
function blockLayers(count: number, squeezed: readonly number[]): string[] {
  return Array.from({ length: count }, (_, index) => {
    const prefix = index === 0 ? 'expanded_conv' : `expanded_conv_${index}`;
    const pair = (part: string): string[] => [`${prefix}_${part}`, `${prefix}_${part}_bn`];
    const squeeze = [`${prefix}_squeeze_excite_conv`, `${prefix}_squeeze_excite_conv_1`];
    return [
      ...(index === 0 ? [] : pair('expand')),
      ...pair('depthwise'),
      ...(squeezed.includes(index) ? squeeze : []),
      ...pair('project'),
    ];
  }).flat();
}

describe('mobileNetV3Small(), mobileNetV3Large()', () => {
  structureOnly();

  // keras.applications' own table says 66 M and 2.9 M for Small, which were those of an earlier network.
  it.each([
    ['small', 1, false, 2_554_968, 939_120, 56_510_400],
    ['small', 0.75, false, 2_051_552, 583_160, 43_399_344],
    ['small', 1, true, 2_056_848, 441_000, 52_288_448],
    ['large', 1, false, 5_507_432, 2_996_352, 216_589_760],
    ['large', 0.75, false, 4_012_616, 1_808_736, 154_560_624],
    ['large', 1, true, 3_948_688, 1_437_608, 209_136_704],
  ] as const)(
    '%s, alpha %d, minimalistic %s: parameters of Keras, exact multiply-adds',
    (size, alpha, minimalistic, total, withoutTop, macs) => {
      const model = SIZES[size]({ alpha, minimalistic });
      expect(model.countParams()).toBe(total);
      expect(cost(model).total.macs).toBe(macs);
      expect(SIZES[size]({ alpha, minimalistic, includeTop: false }).countParams()).toBe(withoutTop);
    },
  );

  it('widens the head only above alpha 1', () => {
    const head = (alpha: number): unknown => weightShapes(mobileNetV3Small({ alpha, classes: 2 }))['conv_2/kernel'];
    expect(head(0.5)).toEqual([1, 1, 288, 1024]);
    expect(head(1.25)).toEqual([1, 1, 720, 1280]);
  });

  it.each([
    ['small', false, [639, 32, 288]],
    ['large', false, [595, 32, 266]],
    ['small', true, 335],
    ['large', true, 395],
  ] as const)('%s, minimalistic %s, has a receptive field of %j pixels', (size, minimalistic, field) => {
    const model = SIZES[size]({ alpha: 0.25, minimalistic });
    const found = fieldOf(model, 'conv_1_activation');
    expect(typeof field === 'number' ? found[0] : found).toEqual(field);
    // Squeeze-and-excitation also depends on the whole image.
    expect(receptiveField(model, { layer: 'conv_1_activation' }).global).toBe(!minimalistic);
  });

  it('has the layers of Keras, in its order', () => {
    const around = (blocks: string[]): string[] => [
      'conv',
      'conv_bn',
      ...blocks,
      ...['conv_1', 'conv_1_bn', 'conv_2', 'logits'],
    ];
    const small = weightedLayers(mobileNetV3Small({ alpha: 0.25 }));
    expect(small).toEqual(around(blockLayers(11, [0, 3, 4, 5, 6, 7, 8, 9, 10])));
    const large = weightedLayers(mobileNetV3Large({ alpha: 0.25 }));
    expect(large).toEqual(around(blockLayers(15, [3, 4, 5, 10, 11, 12, 13, 14])));
    const least = weightedLayers(mobileNetV3Large({ alpha: 0.25, minimalistic: true }));
    expect(least).toEqual(around(blockLayers(15, [])));
  });

  it.each([
    ['small', 210],
    ['large', 266],
  ] as const)('%s has %d weights', (size, count) => {
    expect(SIZES[size]({ alpha: 0.25 }).weights.length).toBe(count);
  });

  it('has weights of the shapes of Keras', () => {
    expect(weightShapes(mobileNetV3Small())).toMatchObject({
      'conv/kernel': [3, 3, 3, 16],
      'conv_bn/moving_mean': [16],
      'expanded_conv_depthwise/depthwise_kernel': [3, 3, 16, 1],
      'expanded_conv_squeeze_excite_conv/kernel': [1, 1, 16, 8],
      'expanded_conv_squeeze_excite_conv/bias': [8],
      'expanded_conv_squeeze_excite_conv_1/kernel': [1, 1, 8, 16],
      'expanded_conv_1_expand/kernel': [1, 1, 16, 72],
      'expanded_conv_2_expand/kernel': [1, 1, 24, 88],
      'expanded_conv_3_depthwise/depthwise_kernel': [5, 5, 96, 1],
      'expanded_conv_4_squeeze_excite_conv/kernel': [1, 1, 240, 64],
      'expanded_conv_10_project_bn/gamma': [96],
      'conv_1/kernel': [1, 1, 96, 576],
      'conv_2/kernel': [1, 1, 576, 1024],
      'conv_2/bias': [1024],
      'logits/kernel': [1, 1, 1024, 1000],
      'logits/bias': [1000],
    });
    expect(weightShapes(mobileNetV3Large())).toMatchObject({
      'expanded_conv_7_expand/kernel': [1, 1, 80, 200],
      'expanded_conv_8_expand/kernel': [1, 1, 80, 184],
      'expanded_conv_12_squeeze_excite_conv/kernel': [1, 1, 672, 168],
      'expanded_conv_12_depthwise/depthwise_kernel': [5, 5, 672, 1],
      'conv_1/kernel': [1, 1, 160, 960],
    });
  });

  it.each(BUILDS)('%s: trains all but the moving averages', (size) => {
    const model = SIZES[size]();
    const [total, trainable] = paramsOf(model);
    // keras.applications: 12,112 and 24,400 moving means and variances.
    expect(total - trainable).toBe({ small: 12_112, large: 24_400 }[size]);
  });

  it.each(BUILDS)('%s normalises as Keras, linearly after each projection', (size) => {
    for (const layer of SIZES[size]({ alpha: 0.25 }).layers) {
      if (!layer.getClassName().endsWith('BatchNormalization')) continue;
      expect(layer.getConfig()).toMatchObject({ epsilon: 1e-3, momentum: 0.999, axis: -1 });
      if (layer.name.endsWith('project_bn')) expect(layer.getConfig().activation).toBe('linear');
    }
  });

  it.each([
    ['small', 224, [112, 56, 28, 28, 14, 14, 7, 7]],
    ['small', 97, [49, 25, 13, 13, 7, 7, 4, 4]],
    ['large', 224, [112, 112, 56, 56, 28, 14, 7, 7]],
    ['large', 75, [38, 38, 19, 19, 10, 5, 3, 3]],
    ['large', 33, [17, 17, 9, 9, 5, 3, 2, 2]],
  ] as const)('%s has the maps of Keras for images of %d pixels', (size, side, maps) => {
    const model = SIZES[size]({ alpha: 0.25, inputShape: [side, side, 3] });
    const blocks = { small: ['', '_1', '_2', '_3', '_6', '_8'], large: ['', '_1', '_2', '_3', '_6', '_12'] }[size];
    const layers = ['conv', ...blocks.map((block) => `expanded_conv${block}_project`), 'conv_1'];
    expect(layers.map((name) => model.getLayer(name).outputShape[1])).toEqual(maps);
  });

  it('pads 5×5 kernels of stride 2 as Keras', () => {
    const model = mobileNetV3Large({ alpha: 0.25, inputShape: [100, 98, 3] });
    const padding = (block: number): unknown => model.getLayer(`expanded_conv_${block}_depthwise`).getConfig().padding;
    // The input of block 3 is 25 × 25, that of block 12 7 × 7, that of block 6 13 × 13.
    expect(padding(3)).toEqual([
      [2, 2],
      [2, 2],
    ]);
    expect(padding(1)).toEqual([
      [0, 1],
      [1, 1],
    ]);
  });

  it('scales images in [0, 255] itself, unless told otherwise', async () => {
    const options = { alpha: 0.25, inputShape: [32, 32, 3], classes: 4, downsampling: 2 };
    const with255 = mobileNetV3Small(options);
    const without = mobileNetV3Small({ ...options, includePreprocessing: false });
    randomize(with255);
    without.setWeights(with255.getWeights());
    const x = randomTensor(1, [1, 32, 32, 3], 0, 255);
    const scaled = tf.sub(tf.div(x, 127.5), 1);
    await expectClose(without.predict(scaled) as tf.Tensor, with255.predict(x) as tf.Tensor, 1e-3);
  });
});

for (const [size, last, count] of [
  ['Small', 10, 11],
  ['Large', 14, 15],
] as const) {
  runClassifierTest<MobileNetV3Options>({
    name: `mobileNetV3${size}`,
    build: size === 'Small' ? mobileNetV3Small : mobileNetV3Large,
    tiny: { alpha: 0.125, includePreprocessing: false },
    size: 16,
    deformable: { count, last: [`expanded_conv_${last - 1}_depthwise`, `expanded_conv_${last}_depthwise`] },
    strideLayers: 5,
    refusals: [
      [{ alpha: 0 }, RangeError, 'received alpha = 0'],
      [{ minimalistic: 1 }, TypeError, 'received minimalistic = 1'],
      [{ includePreprocessing: 'yes' }, TypeError, "received includePreprocessing = 'yes'"],
    ],
  });
}
