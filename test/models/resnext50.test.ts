/** ResNeXt-50: the figures of the paper and of torchvision, the equal-cost table, structure, and training. */
import { cost, resNeXt50, type ResNeXt50Options } from '../../src/index.js';
import { fieldOf, paramsOf, runClassifierTest, weightShapes } from './support/models.js';
import { structureOnly } from './support/structure_only.js';

describe('resNeXt50()', () => {
  structureOnly();

  it('has the parameters and multiply-adds of torchvision, and the weights of the paper', () => {
    const model = resNeXt50();
    expect(paramsOf(model)[1]).toBe(25_028_904);
    expect(cost(model).total.macs).toBe(4_230_479_872);
    expect(weightShapes(model)).toMatchObject({
      'conv1_conv/kernel': [7, 7, 3, 64],
      'conv2_block1_0_conv/kernel': [1, 1, 64, 256],
      'conv2_block1_1_conv/kernel': [1, 1, 64, 128],
      'conv2_block1_2_conv/kernel': [3, 3, 4, 128],
      'conv2_block1_3_conv/kernel': [1, 1, 128, 256],
      'conv5_block3_2_conv/kernel': [3, 3, 32, 1024],
      'conv5_block3_3_bn/gamma': [2048],
      'predictions/kernel': [2048, 1000],
    });
  });

  it('is ResNet-50 with one group of 64', () => {
    const model = resNeXt50({ cardinality: 1, groupWidth: 64 });
    expect(paramsOf(model)[1]).toBe(25_557_032);
    expect(cost(model).total.macs).toBe(4_089_184_256);
  });

  // The paper's Table 2: about 70 thousand parameters for a block of 256 channels, whatever the cardinality.
  it.each([
    [1, 64, 69_632],
    [2, 40, 69_760],
    [4, 24, 69_888],
    [8, 14, 71_456],
    [32, 4, 70_144],
  ])('has blocks of about equal cost: %d×%dd', (cardinality, groupWidth, parameters) => {
    const model = resNeXt50({ cardinality, groupWidth, includeTop: false, downsampling: 0, inputShape: [8, 8, 3] });
    const block = [1, 2, 3].map((part) => model.getLayer(`conv2_block2_${part}_conv`).countParams());
    expect(block.reduce((sum, count) => sum + count)).toBe(parameters);
    model.dispose();
  });

  // With torchvision's padding on both sides, half of the field lies before the position.
  it('has a receptive field of 427 pixels centred at each position', () => {
    const model = resNeXt50({ alpha: 0.0625, cardinality: 4 });
    expect(fieldOf(model, 'conv5_block3_out')).toEqual([427, 32, 213]);
  });

  it.each([
    [224, [112, 56, 56, 28, 14, 7]],
    [97, [49, 25, 25, 13, 7, 4]],
    [33, [17, 9, 9, 5, 3, 2]],
  ])('has the maps of torchvision for images of %d pixels', (size, maps) => {
    const model = resNeXt50({ alpha: 0.0625, cardinality: 4, inputShape: [size, size, 3] });
    const layers = ['conv1_conv', 'pool1_pool', ...[3, 4, 6, 3].map((last, i) => `conv${i + 2}_block${last}_out`)];
    expect(layers.map((name) => model.getLayer(name).outputShape[1])).toEqual(maps);
  });
});

runClassifierTest<ResNeXt50Options>({
  name: 'resNeXt50',
  build: resNeXt50,
  tiny: { alpha: 0.0625, cardinality: 4 },
  size: 16,
  deformable: { count: 16, last: ['conv5_block2_2_conv', 'conv5_block3_2_conv'] },
  strideLayers: 5,
  refusals: [
    [{ cardinality: 0 }, RangeError, 'received cardinality = 0'],
    [{ groupWidth: 2.5 }, RangeError, 'received groupWidth = 2.5'],
    [{ alpha: 0 }, RangeError, 'received alpha = 0'],
  ],
});
