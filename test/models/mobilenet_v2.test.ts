/** MobileNetV2: the figures of the paper and of keras.applications, names and shapes for Keras weights, and training. */
import { cost, mobileNetV2, type MobileNetV2Options } from '../../src/index.js';
import { fieldOf, paramsOf, runClassifierTest, weightedLayers, weightShapes } from './support/models.js';
import { structureOnly } from './support/structure_only.js';

describe('mobileNetV2()', () => {
  structureOnly();

  // Parameters of keras.applications.MobileNetV2; multiply-adds of convolutions and of the classifier.
  it.each([
    [1.4, 6_156_712, 4_363_712, 582_195_824],
    [1.3, 5_431_048, 3_766_048, 509_374_560],
    [1, 3_538_984, 2_257_984, 300_774_272],
    [0.75, 2_663_064, 1_382_064, 209_069_792],
    [0.5, 1_987_224, 706_224, 97_131_840],
    [0.35, 1_691_208, 410_208, 59_285_808],
  ])('has the parameters of Keras and the exact multiply-adds at alpha %d', (alpha, total, withoutTop, macs) => {
    const model = mobileNetV2({ alpha });
    expect(model.countParams()).toBe(total);
    expect(cost(model).total.macs).toBe(macs);
    expect(mobileNetV2({ alpha, includeTop: false }).countParams()).toBe(withoutTop);
  });

  it('trains all but the moving averages: 3.47 M in the table of slim leaves out gamma and beta as well', () => {
    const model = mobileNetV2();
    // keras.applications: 34,112 moving means and variances.
    expect(paramsOf(model)).toEqual([3_538_984, 3_504_872]);
    const normalizations = model.layers.filter((layer) => layer.getClassName().endsWith('BatchNormalization'));
    expect(normalizations.reduce((sum, layer) => sum - layer.countParams(), 3_538_984)).toBe(3_470_760);
  });

  it.each([
    [192, 221_316_608],
    [160, 154_083_200],
    [128, 99_074_048],
    [96, 56_289_152],
  ])('has the exact multiply-adds at %d pixels', (size, macs) => {
    expect(cost(mobileNetV2(), { inputShape: [size, size, 3] }).total.macs).toBe(macs);
  });

  it('has a receptive field of 491 pixels', () => {
    expect(fieldOf(mobileNetV2({ alpha: 0.35 }), 'out_relu')).toEqual([491, 32, 214]);
  });

  it('has the layers of Keras, in its order', () => {
    const block = (prefix: string, ...parts: string[]): string[] =>
      parts.flatMap((part) => [`${prefix}_${part}`, `${prefix}_${part}_BN`]);
    const model = mobileNetV2({ alpha: 0.35 });
    expect(weightedLayers(model)).toEqual([
      'Conv1',
      'bn_Conv1',
      ...block('expanded_conv', 'depthwise', 'project'),
      ...Array.from({ length: 16 }, (_, i) => block(`block_${i + 1}`, 'expand', 'depthwise', 'project')).flat(),
      'Conv_1',
      'Conv_1_bn',
      'predictions',
    ]);
    const names = model.layers.map(({ name }) => name);
    const ending = (end: string): string[] => names.filter((name) => name.endsWith(end));
    expect(ending('_pad')).toEqual([1, 3, 6, 13].map((index) => `block_${index}_pad`));
    expect(ending('_add')).toEqual([2, 4, 5, 7, 8, 9, 11, 12, 14, 15].map((index) => `block_${index}_add`));
    expect(ending('_relu')).toEqual([
      'Conv1_relu',
      'expanded_conv_depthwise_relu',
      ...Array.from({ length: 16 }, (_, i) => [`block_${i + 1}_expand_relu`, `block_${i + 1}_depthwise_relu`]).flat(),
      'out_relu',
    ]);
  });

  it('has 262 weights of the shapes of Keras', () => {
    const shapes = weightShapes(mobileNetV2());
    expect(Object.keys(shapes).length).toBe(262);
    expect(shapes).toMatchObject({
      'Conv1/kernel': [3, 3, 3, 32],
      'bn_Conv1/gamma': [32],
      'expanded_conv_depthwise/depthwise_kernel': [3, 3, 32, 1],
      'expanded_conv_project/kernel': [1, 1, 32, 16],
      'block_1_expand/kernel': [1, 1, 16, 96],
      'block_16_project/kernel': [1, 1, 960, 320],
      'block_16_project_BN/moving_variance': [320],
      'Conv_1/kernel': [1, 1, 320, 1280],
      'predictions/kernel': [1280, 1000],
      'predictions/bias': [1000],
    });
  });

  it('normalises as Keras, linearly after each projection', () => {
    for (const layer of mobileNetV2({ alpha: 0.35 }).layers) {
      if (!layer.getClassName().endsWith('BatchNormalization')) continue;
      const activation = layer.name.endsWith('project_BN') ? 'linear' : 'relu6';
      expect(layer.getConfig()).toMatchObject({ epsilon: 1e-3, momentum: 0.999, axis: -1, activation });
    }
  });

  it.each([
    [224, [112, 112, 56, 28, 14, 14, 7, 7]],
    [97, [49, 49, 25, 13, 7, 7, 4, 4]],
    [75, [38, 38, 19, 10, 5, 5, 3, 3]],
    [33, [17, 17, 9, 5, 3, 3, 2, 2]],
  ])('has the maps of Keras for images of %d pixels', (size, maps) => {
    const model = mobileNetV2({ alpha: 0.35, inputShape: [size, size, 3] });
    const layers = ['Conv1', 'expanded_conv_project', ...[1, 3, 6, 10, 13, 16].map((i) => `block_${i}_project`)];
    expect(layers.map((name) => model.getLayer(name).outputShape[1])).toEqual(maps);
  });

  it('pads odd maps on both sides and even ones at the end, as Keras', () => {
    const model = mobileNetV2({ alpha: 0.35, inputShape: [98, 100, 3] });
    const padding = (block: number): unknown => model.getLayer(`block_${block}_depthwise`).getConfig().padding;
    expect(padding(1)).toEqual([
      [1, 1],
      [0, 1],
    ]);
    expect(padding(3)).toEqual([
      [1, 1],
      [1, 1],
    ]);
  });
});

runClassifierTest<MobileNetV2Options>({
  name: 'mobileNetV2',
  build: mobileNetV2,
  tiny: { alpha: 0.125 },
  size: 16,
  deformable: { count: 17, last: ['block_15_depthwise', 'block_16_depthwise'] },
  strideLayers: 5,
  refusals: [
    [{ alpha: 0 }, RangeError, 'received alpha = 0'],
    [{ alpha: 'wide' }, TypeError, "received alpha = 'wide'"],
  ],
});
