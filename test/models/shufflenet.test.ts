/** ShuffleNet v1 and v2: the figures of the authors' repository and of torchvision, structure, and training. */
import {
  cost,
  shuffleNetV1,
  shuffleNetV2,
  type ShuffleNetV1Options,
  type ShuffleNetV2Options,
} from '../../src/index.js';
import { fieldOf, paramsOf, runClassifierTest, weightShapes } from './support/models.js';
import { structureOnly } from './support/structure_only.js';

describe('shuffleNetV1()', () => {
  structureOnly();

  // The repository's table: 1.9 M and 138 M, 5.4 M and 524 M, 0.7 M and 38 M. Its classifier has no bias.
  it.each([
    [1, 1_864_728, 137_460_672],
    [2, 5_449_776, 524_045_184],
    [0.5, 717_324, 37_589_856],
  ])('has the parameters and multiply-adds of the authors at alpha %d with 3 groups', (alpha, trainable, macs) => {
    const model = shuffleNetV1({ alpha });
    expect(paramsOf(model)[1]).toBe(trainable);
    expect(cost(model).total.macs).toBe(macs);
  });

  it('has a receptive field of 527 pixels', () => {
    expect(fieldOf(shuffleNetV1({ alpha: 0.5 }), 'stage4_4_relu')).toEqual([527, 32, 232]);
  });

  it('groups all pointwise convolutions but the first', () => {
    expect(weightShapes(shuffleNetV1({ classes: 2 }))).toMatchObject({
      'conv1/kernel': [3, 3, 3, 24],
      'stage2_1_pw1/kernel': [1, 1, 24, 60],
      'stage2_1_dw/depthwise_kernel': [3, 3, 60, 1],
      'stage2_1_pw2/kernel': [1, 1, 20, 216],
      'stage2_2_pw1/kernel': [1, 1, 80, 60],
      'stage2_2_pw2/kernel': [1, 1, 20, 240],
      'stage4_4_pw2/kernel': [1, 1, 80, 960],
      'predictions/kernel': [960, 2],
    });
    const shapes = weightShapes(shuffleNetV1({ alpha: 0.5, groups: 8, classes: 2 }));
    expect(shapes).toMatchObject({
      'conv1/kernel': [3, 3, 3, 16],
      'stage2_1_pw2/kernel': [1, 1, 6, 176],
      'stage3_1_pw1/kernel': [1, 1, 24, 96],
      'predictions/kernel': [768, 2],
    });
    expect(shapes).not.toHaveProperty('predictions/bias');
  });

  it.each([
    [224, [112, 56, 28, 14, 7]],
    [97, [49, 25, 13, 7, 4]],
    [33, [17, 9, 5, 3, 2]],
  ])('has maps that round up for images of %d pixels', (size, maps) => {
    const model = shuffleNetV1({ alpha: 0.5, inputShape: [size, size, 3] });
    const layers = ['conv1', 'pool1', 'stage2_4_relu', 'stage3_8_relu', 'stage4_4_relu'];
    expect(layers.map((name) => model.getLayer(name).outputShape[1])).toEqual(maps);
  });
});

describe('shuffleNetV2()', () => {
  structureOnly();

  // The paper's Table 8 says 41 M and 146 M.
  it.each([
    [0.5, 1_366_792, 40_476_448],
    [1, 2_278_604, 144_907_992],
  ])('has the parameters and multiply-adds of torchvision at alpha %d', (alpha, trainable, macs) => {
    const model = shuffleNetV2({ alpha });
    expect(paramsOf(model)[1]).toBe(trainable);
    expect(cost(model).total.macs).toBe(macs);
  });

  it.each([
    [1.5, 3_503_624],
    [2, 7_393_996],
  ])('has the parameters of torchvision at alpha %d', (alpha, trainable) => {
    expect(paramsOf(shuffleNetV2({ alpha }))[1]).toBe(trainable);
  });

  it('has the receptive field of version 1, with one depthwise convolution per unit', () => {
    expect(fieldOf(shuffleNetV2({ alpha: 0.5 }), 'conv5_relu')).toEqual([527, 32, 232]);
  });

  it('splits the channels in halves, of which one passes through', () => {
    expect(weightShapes(shuffleNetV2({ classes: 2 }))).toMatchObject({
      'conv1/kernel': [3, 3, 3, 24],
      'stage2_1_shortcut_dw/depthwise_kernel': [3, 3, 24, 1],
      'stage2_1_shortcut_pw/kernel': [1, 1, 24, 58],
      'stage2_1_pw1/kernel': [1, 1, 24, 58],
      'stage2_1_dw/depthwise_kernel': [3, 3, 58, 1],
      'stage2_2_pw1/kernel': [1, 1, 58, 58],
      'stage4_4_pw2/kernel': [1, 1, 232, 232],
      'conv5/kernel': [1, 1, 464, 1024],
      'predictions/bias': [2],
    });
    const model = shuffleNetV2({ classes: 2 });
    expect(model.getLayer('stage3_2_kept').getConfig()).toMatchObject({ start: 0, size: 116 });
    expect(model.getLayer('stage3_2_changed').getConfig()).toMatchObject({ start: 116, size: 116 });
  });

  it.each([
    [224, [112, 56, 28, 14, 7]],
    [75, [38, 19, 10, 5, 3]],
  ])('has maps that round up for images of %d pixels', (size, maps) => {
    const model = shuffleNetV2({ alpha: 0.5, inputShape: [size, size, 3] });
    const layers = ['conv1', 'pool1', 'stage2_4_shuffle', 'stage3_8_shuffle', 'stage4_4_shuffle'];
    expect(layers.map((name) => model.getLayer(name).outputShape[1])).toEqual(maps);
  });
});

runClassifierTest<ShuffleNetV1Options>({
  name: 'shuffleNetV1',
  build: shuffleNetV1,
  tiny: { alpha: 0.5 },
  size: 16,
  deformable: { count: 16, last: ['stage4_3_dw', 'stage4_4_dw'] },
  strideLayers: 5,
  refusals: [
    [{ alpha: 0.75 }, RangeError, 'alpha must be one of 0.5, 1, 1.5, 2, received alpha = 0.75'],
    [{ alpha: '1' }, TypeError, "received alpha = '1'"],
    [{ groups: 4 }, RangeError, 'groups must be 3 or 8, received groups = 4'],
  ],
});

runClassifierTest<ShuffleNetV2Options>({
  name: 'shuffleNetV2',
  build: shuffleNetV2,
  tiny: { alpha: 0.5 },
  size: 16,
  deformable: { count: 16, last: ['stage4_3_dw', 'stage4_4_dw'] },
  strideLayers: 5,
  refusals: [[{ alpha: 0.25 }, RangeError, 'alpha must be one of 0.5, 1, 1.5, 2, received alpha = 0.25']],
});
