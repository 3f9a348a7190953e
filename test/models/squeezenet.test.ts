/** SqueezeNet: the figures of the paper and of torchvision, maps, and training. */
import { cost, squeezeNet, type SqueezeNetOptions } from '../../src/index.js';
import { fieldOf, paramsOf, runClassifierTest, weightShapes } from './support/models.js';
import { structureOnly } from './support/structure_only.js';

describe('squeezeNet()', () => {
  structureOnly();

  // The paper's 0.72 GFLOP of version 1.1 (1.72 of 1.0) count two operations for a multiply-add, at 227 pixels.
  it.each([
    ['1.0', 1_248_424, 818_924_576, [155, 16]],
    ['1.1', 1_235_496, 349_151_936, [207, 16]],
  ] as const)('%s has the parameters of torchvision, its multiply-adds and field', (version, params, macs, field) => {
    const model = squeezeNet({ version });
    expect(paramsOf(model)).toEqual([params, params]);
    expect(cost(model).total.macs).toBe(macs);
    expect(fieldOf(model, 'fire9_concat').slice(0, 2)).toEqual(field);
  });

  it('is version 1.1 by default', () => {
    expect(squeezeNet({ classes: 2 }).name).toBe('squeezenet_1.1');
    expect(weightShapes(squeezeNet({ classes: 2 }))).toMatchObject({
      'conv1/kernel': [3, 3, 3, 64],
      'fire2_squeeze1x1/kernel': [1, 1, 64, 16],
      'fire2_expand3x3/bias': [64],
      'fire9_expand1x1/kernel': [1, 1, 64, 256],
      'fire9_expand3x3/kernel': [3, 3, 64, 256],
      'conv10/kernel': [1, 1, 512, 2],
    });
  });

  it('scales every width by alpha, down to one channel', () => {
    const shapes = weightShapes(squeezeNet({ alpha: 1 / 32, classes: 2 }));
    expect(shapes).toMatchObject({
      'conv1/kernel': [3, 3, 3, 2],
      'fire2_squeeze1x1/kernel': [1, 1, 2, 1],
      'fire9_expand3x3/kernel': [3, 3, 2, 8],
    });
  });

  it.each([
    ['1.0', 224, [109, 54, 27, 13]],
    ['1.0', 227, [111, 55, 27, 13]],
    ['1.0', 96, [45, 22, 11, 5]],
    ['1.1', 224, [111, 55, 27, 13]],
    ['1.1', 97, [48, 24, 12, 6]],
    ['1.1', 64, [31, 15, 7, 3]],
  ] as const)('%s has the maps of torchvision, which rounds up, for images of %d pixels', (version, size, maps) => {
    const model = squeezeNet({ alpha: 0.125, version, inputShape: [size, size, 3] });
    const pools = { '1.0': [1, 4, 8], '1.1': [1, 3, 5] }[version].map((number) => `pool${number}`);
    expect(['conv1', ...pools].map((name) => model.getLayer(name).outputShape[1])).toEqual(maps);
  });

  it('rejects images that are too small', () => {
    expect(() => squeezeNet({ inputShape: [2, 2, 3] })).toThrow(RangeError);
  });
});

runClassifierTest<SqueezeNetOptions>({
  name: 'squeezeNet',
  build: squeezeNet,
  tiny: { alpha: 0.5 },
  size: 20,
  deformable: { count: 8, last: ['fire8_expand3x3', 'fire9_expand3x3'] },
  strideLayers: 4,
  normalized: false,
  refusals: [
    [{ version: '1.2' }, RangeError, "received version = '1.2'"],
    [{ version: 1.1 }, TypeError, 'received version = 1.1'],
    [{ alpha: 0 }, RangeError, 'received alpha = 0'],
  ],
});
