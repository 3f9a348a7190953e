/** Xception: the figures of the paper and of keras.applications, names and shapes for Keras weights, and training. */
import { cost, xception, type XceptionOptions } from '../../src/index.js';
import { fieldOf, paramsOf, runClassifierTest, weightedLayers, weightShapes } from './support/models.js';
import { structureOnly } from './support/structure_only.js';

describe('xception()', () => {
  structureOnly();

  it('has the parameters of Keras and of the paper, the exact multiply-adds, and the shapes of Keras', () => {
    const model = xception();
    // The paper's Table 3 counts what is trained.
    expect(paramsOf(model)).toEqual([22_910_480, 22_855_952]);
    expect(cost(model).total.macs).toBe(8_357_403_496);
    const shapes = weightShapes(model);
    expect(Object.keys(shapes).length).toBe(236);
    expect(shapes).toMatchObject({
      'block1_conv1/kernel': [3, 3, 3, 32],
      'block1_conv2/kernel': [3, 3, 32, 64],
      'conv2d/kernel': [1, 1, 64, 128],
      'batch_normalization/gamma': [128],
      'block2_sepconv1/depthwise_kernel': [3, 3, 64, 1],
      'block2_sepconv1/pointwise_kernel': [1, 1, 64, 128],
      'conv2d_3/kernel': [1, 1, 728, 1024],
      'block13_sepconv2/pointwise_kernel': [1, 1, 728, 1024],
      'block14_sepconv2_bn/moving_mean': [2048],
      'predictions/kernel': [2048, 1000],
      'predictions/bias': [1000],
    });
  });

  it('has the parameters of Keras without its classifier', () => {
    expect(xception({ includeTop: false }).countParams()).toBe(20_861_480);
  });

  it('has a receptive field of 1083 pixels', () => {
    expect(fieldOf(xception({ alpha: 0.0625 }), 'block14_sepconv2_act')).toEqual([1083, 32, 534]);
  });

  it('has the layers of Keras', () => {
    const pair = (name: string): string[] => [name, `${name}_bn`];
    const separable = (block: number, count: number): string[] =>
      Array.from({ length: count }, (_, index) => pair(`block${block}_sepconv${index + 1}`)).flat();
    const model = xception({ alpha: 0.0625 });
    const shortcuts = ['conv2d', 'conv2d_1', 'conv2d_2', 'conv2d_3'];
    expect(weightedLayers(model).sort()).toEqual(
      [
        ...pair('block1_conv1'),
        ...pair('block1_conv2'),
        ...[2, 3, 4].flatMap((block) => separable(block, 2)),
        ...[5, 6, 7, 8, 9, 10, 11, 12].flatMap((block) => separable(block, 3)),
        ...[13, 14].flatMap((block) => separable(block, 2)),
        ...shortcuts,
        ...shortcuts.map((name) => name.replace('conv2d', 'batch_normalization')),
        'predictions',
      ].sort(),
    );
    const names = model.layers.map(({ name }) => name);
    expect(names.filter((name) => name.endsWith('_pool') && name !== 'avg_pool')).toEqual(
      [2, 3, 4, 13].map((block) => `block${block}_pool`),
    );
    // Before each of the first 32 separable convolutions but one, and after the last two.
    expect(names.filter((name) => /sepconv\d_act$/.test(name)).length).toBe(31 + 2);
  });

  it('activates before a separable convolution, and never inside or before an addition', () => {
    const model = xception({ alpha: 0.0625 });
    const activationOf = (name: string): unknown => model.getLayer(name).getConfig().activation;
    expect(activationOf('block2_sepconv1_bn')).toBe('relu');
    expect(activationOf('block2_sepconv2_bn')).toBe('linear');
    expect(activationOf('block7_sepconv1_act')).toBe('relu');
    expect(activationOf('block7_sepconv2_bn')).toBe('relu');
    expect(activationOf('block7_sepconv3_bn')).toBe('linear');
    expect(activationOf('block14_sepconv2_bn')).toBe('relu');
    for (const layer of model.layers) {
      if (!layer.getClassName().endsWith('BatchNormalization')) continue;
      expect(layer.getConfig()).toMatchObject({ epsilon: 1e-3, momentum: 0.99, axis: -1 });
    }
  });

  it.each([
    [299, [149, 147, 74, 37, 19, 10]],
    [224, [111, 109, 55, 28, 14, 7]],
    [71, [35, 33, 17, 9, 5, 3]],
  ])('has the maps of Keras for images of %d pixels', (size, maps) => {
    const model = xception({ alpha: 0.0625, inputShape: [size, size, 3] });
    const layers = ['block1_conv1', 'block1_conv2', 'block2_pool', 'block3_pool', 'block4_pool', 'block13_pool'];
    expect(layers.map((name) => model.getLayer(name).outputShape[1])).toEqual(maps);
    expect(model.getLayer('block12_sepconv3').outputShape[1]).toBe(maps[4]);
  });

  it('rejects images that are too small', () => {
    expect(() => xception({ alpha: 0.0625, inputShape: [4, 4, 3] })).toThrow(RangeError);
  });
});

runClassifierTest<XceptionOptions>({
  name: 'xception',
  build: xception,
  tiny: { alpha: 0.03125 },
  size: 16,
  deformable: {
    count: 34,
    last: ['block14_sepconv1', 'block14_sepconv2'],
    adds: ['/offset_kernel', '/offset_bias', '_pointwise/kernel'],
  },
  strideLayers: 5,
  refusals: [[{ alpha: 0 }, RangeError, 'received alpha = 0']],
});
