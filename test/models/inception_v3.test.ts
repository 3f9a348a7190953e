/** Inception-v3: the figures of keras.applications and of receptive_field, names and shapes for Keras weights, training. */
import { cost, inceptionV3, type InceptionV3Options } from '../../src/index.js';
import { fieldOf, paramsOf, runClassifierTest, weightShapes } from './support/models.js';
import { structureOnly } from './support/structure_only.js';

describe('inceptionV3()', () => {
  structureOnly();

  it('has the parameters of Keras, the exact multiply-adds, and the shapes of Keras', () => {
    const model = inceptionV3();
    // The paper on Xception gives 23,626,728 for the implementation that it compares with, and no layers of that.
    expect(paramsOf(model)).toEqual([23_851_784, 23_817_352]);
    expect(cost(model).total.macs).toBe(5_713_216_096);
    const shapes = weightShapes(model);
    expect(Object.keys(shapes).length).toBe(94 * 4 + 2);
    expect(shapes).toMatchObject({
      'conv2d/kernel': [3, 3, 3, 32],
      'batch_normalization/beta': [32],
      'batch_normalization/moving_variance': [32],
      'conv2d_5/kernel': [1, 1, 192, 64],
      'conv2d_7/kernel': [5, 5, 48, 64],
      'conv2d_11/kernel': [1, 1, 192, 32],
      'conv2d_26/kernel': [3, 3, 288, 384],
      'conv2d_32/kernel': [1, 7, 128, 128],
      'conv2d_33/kernel': [7, 1, 128, 192],
      'conv2d_35/kernel': [7, 1, 128, 128],
      'conv2d_41/kernel': [1, 1, 768, 160],
      'conv2d_78/kernel': [1, 3, 384, 384],
      'conv2d_79/kernel': [3, 1, 384, 384],
      'conv2d_85/kernel': [1, 1, 2048, 320],
      'conv2d_93/kernel': [1, 1, 2048, 192],
      'batch_normalization_93/moving_mean': [192],
      'predictions/kernel': [2048, 1000],
      'predictions/bias': [1000],
    });
    expect(shapes).not.toHaveProperty('batch_normalization/gamma');
  });

  it('has the parameters of Keras without its classifier', () => {
    expect(inceptionV3({ includeTop: false }).countParams()).toBe(21_802_784);
  });

  it('has the receptive field of google-research/receptive_field', () => {
    const model = inceptionV3({ alpha: 0.0625 });
    expect(fieldOf(model, 'mixed10')).toEqual([1311, 32, 618]);
    expect(fieldOf(model, 'conv2d_85')).toEqual([1183, 32, 554]);
  });

  it('has the layers of Keras', () => {
    const { layers } = inceptionV3({ alpha: 0.0625 });
    const names = new Set(layers.map(({ name }) => name));
    const numbered = (name: string, count: number): string[] =>
      Array.from({ length: count }, (_, index) => (index === 0 ? name : `${name}_${index}`));
    const expected = [
      ...['conv2d', 'batch_normalization', 'activation'].flatMap((name) => numbered(name, 94)),
      ...numbered('max_pooling2d', 4),
      ...numbered('average_pooling2d', 9),
      ...numbered('concatenate', 2),
      ...Array.from({ length: 11 }, (_, index) => `mixed${index}`),
      ...['mixed9_0', 'mixed9_1', 'avg_pool', 'predictions'],
    ];
    expect(expected.filter((name) => !names.has(name))).toEqual([]);
    expect(layers.length).toBe(expected.length + 1);
    for (const layer of layers) {
      if (!layer.getClassName().endsWith('BatchNormalization')) continue;
      expect(layer.getConfig()).toMatchObject({ epsilon: 1e-3, momentum: 0.99, scale: false, activation: 'relu' });
    }
  });

  it.each([
    [299, [149, 147, 73, 71, 35, 17, 8]],
    [224, [111, 109, 54, 52, 25, 12, 5]],
    [75, [37, 35, 17, 15, 7, 3, 1]],
  ])('has the maps of Keras for images of %d pixels', (size, maps) => {
    const model = inceptionV3({ alpha: 0.0625, inputShape: [size, size, 3] });
    const layers = ['conv2d', 'conv2d_1', 'max_pooling2d', 'conv2d_4', 'mixed2', 'mixed7', 'mixed10'];
    expect(layers.map((name) => model.getLayer(name).outputShape[1])).toEqual(maps);
  });

  it('concatenates the channels of Keras', () => {
    const model = inceptionV3();
    const channels = ['mixed0', 'mixed1', 'mixed2', 'mixed3', 'mixed4', 'mixed7', 'mixed8', 'mixed9', 'mixed10'];
    expect(channels.map((name) => model.getLayer(name).outputShape[3])).toEqual([
      256, 288, 288, 768, 768, 768, 1280, 2048, 2048,
    ]);
    model.dispose();
  });

  it.each([74, 40, 8])('rejects images of %d pixels, which are too small for the network', (size) => {
    expect(() => inceptionV3({ alpha: 0.0625, inputShape: [size, size, 3] })).toThrow(RangeError);
  });
});

runClassifierTest<InceptionV3Options>({
  name: 'inceptionV3',
  build: inceptionV3,
  tiny: { alpha: 0.0625 },
  size: 20,
  deformable: { count: 13, last: ['conv2d_81', 'conv2d_90'] },
  strideLayers: 5,
  refusals: [[{ alpha: 0 }, RangeError, 'received alpha = 0']],
});
