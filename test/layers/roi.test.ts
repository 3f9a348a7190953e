/** Region layers: equality with their operators, and deformable ones with their own offset branch. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import { describeBackends } from '../support/backends.js';
import { expectClose } from '../support/compare.js';
import {
  built,
  callLayer,
  expectFormatsAgree,
  expectRefusal,
  randomTensor,
  snapshot,
  weightName,
} from './support/layers.js';
import { runLayerTest } from './support/run_layer_test.js';

const boxes = (): tf.Tensor2D =>
  tf.tensor2d([
    [1.3, 0.4, 9.2, 7.9],
    [0.2, 2.1, 6.7, 9.4],
    [3.1, 1.7, 10.3, 8.2],
  ]);
const indices = (): tf.Tensor1D => tf.tensor1d([2, 0, 1], 'int32');

/**
 * Inputs of a model with three images and three boxes: the image indices of the boxes form a column, as models require.
 */
const GIVEN = { 1: boxes, 2: () => tf.expandDims(indices(), 1) };
const inputShapes = (channels: number): number[][] => [
  [3, 7, 6, channels],
  [3, 4],
  [3, 1],
];

runLayerTest('RoIAlign', {
  Layer: conv.RoIAlign,
  args: { outputSize: [2, 3], spatialScale: 0.5, samplingRatio: 2, aligned: true },
  inputShapes: inputShapes(4),
  given: GIVEN,
  outputShape: [3, 2, 3, 4],
  trainable: {},
});

runLayerTest('RoIPool', {
  Layer: conv.RoIPool,
  args: { outputSize: 2, spatialScale: 0.5, dataFormat: 'channelsFirst' },
  inputShapes: [
    [3, 4, 7, 6],
    [3, 4],
    [3, 1],
  ],
  given: GIVEN,
  outputShape: [3, 4, 2, 2],
  trainable: {},
});

runLayerTest('PSRoIAlign', {
  Layer: conv.PSRoIAlign,
  args: { outputSize: [2, 3], spatialScale: 0.5, samplingRatio: 3 },
  inputShapes: inputShapes(12),
  given: GIVEN,
  outputShape: [3, 2, 3, 2],
  trainable: {},
});

runLayerTest('PSRoIPool', {
  Layer: conv.PSRoIPool,
  args: { outputSize: 2, spatialScale: 0.5 },
  inputShapes: inputShapes(8),
  given: GIVEN,
  outputShape: [3, 2, 2, 2],
  trainable: {},
});

runLayerTest('DeformableRoIPool', {
  Layer: conv.DeformableRoIPool,
  args: {
    outputSize: [2, 3],
    spatialScale: 0.5,
    samplingRatio: 2,
    gamma: 0.3,
    offsetUnits: [5, 6],
    offsetInitializer: 'glorotNormal',
    offsetLearningRateMultiplier: 0.5,
  },
  inputShapes: inputShapes(4),
  given: GIVEN,
  outputShape: [3, 2, 3, 4],
  trainable: {
    offset_hidden_1_kernel: [24, 5],
    offset_hidden_1_bias: [5],
    offset_hidden_2_kernel: [5, 6],
    offset_hidden_2_bias: [6],
    offset_kernel: [6, 12],
    offset_bias: [12],
  },
});

runLayerTest('DeformablePSRoIPool', {
  Layer: conv.DeformablePSRoIPool,
  args: {
    outputDim: 4,
    pooledSize: 4,
    groupSize: 2,
    partSize: 2,
    classes: 2,
    samplesPerPart: 3,
    spatialScale: 0.5,
    transStd: 0.2,
    offsetUnits: [],
  },
  inputShapes: inputShapes(16),
  given: GIVEN,
  outputShape: [3, 4, 4, 4],
  trainable: { offset_kernel: [64, 16], offset_bias: [16] },
});

runLayerTest('DeformablePSRoIPool with given offsets', {
  Layer: conv.DeformablePSRoIPool,
  args: {
    outputDim: 4,
    pooledSize: 4,
    groupSize: 2,
    partSize: 2,
    classes: 2,
    spatialScale: 0.5,
    predictOffsets: false,
    dataFormat: 'channelsFirst',
  },
  inputShapes: [
    [3, 16, 7, 6],
    [3, 4],
    [3, 1],
    [3, 4, 2, 2],
  ],
  given: GIVEN,
  outputShape: [3, 4, 4, 4],
  trainable: {},
});

/** Dense layers with ReLU in between and none at the end. */
function dense(rows: tf.Tensor2D, ...weights: (readonly [tf.Tensor, tf.Tensor])[]): tf.Tensor2D {
  return weights.reduce((features, [kernel, bias], index) => {
    const sum = tf.add<tf.Tensor2D>(tf.matMul(features, kernel), bias);
    return index === weights.length - 1 ? sum : tf.relu(sum);
  }, rows);
}

describeBackends('region layers', ({ tolerance }) => {
  it('equal the operators of the same name', async () => {
    const x = randomTensor(1, [3, 7, 6, 12]) as tf.Tensor4D;
    const [at, of] = [boxes(), indices()];
    const options = { outputSize: [2, 3], spatialScale: 0.5 } as const;
    const sampled = { ...options, samplingRatio: 2 };
    const pairs: [tf.layers.Layer, tf.Tensor][] = [
      [conv.layers.roiAlign({ ...sampled, aligned: true }), conv.roiAlign(x, at, of, { ...sampled, aligned: true })],
      [conv.layers.roiPool(options), conv.roiPool(x, at, of, options)],
      [conv.layers.psRoiAlign(sampled), conv.psRoiAlign(x, at, of, sampled)],
      [conv.layers.psRoiPool(options), conv.psRoiPool(x, at, of, options)],
    ];
    for (const [layer, wanted] of pairs) await expectClose(callLayer(layer, [x, at, of]), wanted, 0, layer.name);
  });

  it('accept different numbers of boxes and images, and image indices as a column', async () => {
    const x = randomTensor(2, [1, 7, 6, 3]);
    const layer = conv.layers.roiAlign({ outputSize: 2, spatialScale: 0.5, samplingRatio: 2 });
    const none = tf.zeros([3], 'int32');
    const y = callLayer(layer, [x, boxes(), none]);
    expect(y.shape).toEqual([3, 2, 2, 3]);
    await expectClose(callLayer(layer, [x, boxes(), tf.expandDims(none, 1)]), y, 0);
  });

  it('deformable ones start as the plain ones', async () => {
    const x = randomTensor(3, [3, 7, 6, 18]) as tf.Tensor4D;
    const [at, of] = [boxes(), indices()];
    const align = { outputSize: 3, spatialScale: 0.5, samplingRatio: 2 };
    const rest = conv.roiAlign(x, at, of, { ...align, aligned: true });
    const layer = conv.layers.deformableRoiPool({ ...align, offsetUnits: [8] });
    await expectClose(callLayer(layer, [x, at, of]), rest, tolerance);
    const sensitive = { outputDim: 2, pooledSize: 3, spatialScale: 0.5 };
    const wanted = conv.deformPsRoiPool(x, at, of, sensitive);
    const other = conv.layers.deformablePsRoiPool({ ...sensitive, classes: 2, offsetUnits: [8] });
    await expectClose(callLayer(other, [x, at, of]), wanted, tolerance);
  });

  it('deformable ones shift their bins by offsets that a fully connected branch predicts from the unshifted bins', async () => {
    const x = randomTensor(4, [3, 7, 6, 18]) as tf.Tensor4D;
    const [at, of] = [boxes(), indices()];
    const names = ['offset_hidden_1', 'offset'].map((name) => [`${name}_kernel`, `${name}_bias`] as const);
    const branch = (layer: tf.layers.Layer, pooled: tf.Tensor): tf.Tensor2D => {
      const weights = snapshot(layer);
      const layers = names.map((pair) => weights(...pair) as [tf.Tensor, tf.Tensor]);
      return dense(tf.reshape<tf.Rank.R2>(pooled, [3, -1]), ...layers);
    };

    const align = { outputSize: [3, 2], spatialScale: 0.5, samplingRatio: 2, gamma: 0.4 } as const;
    const layer = built(conv.layers.deformableRoiPool({ ...align, offsetUnits: [7] }), [x, at, of]);
    const moved = tf.reshape<tf.Rank.R4>(branch(layer, conv.deformRoiPool(x, at, of, align)), [3, 3, 2, 2]);
    const wanted = conv.deformRoiPool(x, at, of, { ...align, offset: moved });
    await expectClose(callLayer(layer, [x, at, of]), wanted, 10 * tolerance);

    const sensitive = { outputDim: 2, pooledSize: 3, spatialScale: 0.5, transStd: 0.3 };
    const other = built(conv.layers.deformablePsRoiPool({ ...sensitive, classes: 2, offsetUnits: [7] }), [x, at, of]);
    const parts = tf.reshape<tf.Rank.R4>(branch(other, conv.deformPsRoiPool(x, at, of, sensitive)), [3, 3, 3, 4]);
    const sensitiveWanted = conv.deformPsRoiPool(x, at, of, { ...sensitive, offset: parts });
    await expectClose(callLayer(other, [x, at, of]), sensitiveWanted, 10 * tolerance);
  });

  it('deformable ones shift their bins by given offsets, and not at all without', async () => {
    const x = randomTensor(7, [3, 7, 6, 18]) as tf.Tensor4D;
    const [at, of] = [boxes(), indices()];
    const own = { predictOffsets: false } as const;
    const align = { outputSize: [3, 2], spatialScale: 0.5, samplingRatio: 2, gamma: 0.4 } as const;
    const bins = randomTensor(8, [3, 3, 2, 2]) as tf.Tensor4D;
    const sensitive = { outputDim: 2, pooledSize: 3, spatialScale: 0.5, transStd: 0.3 };
    const parts = randomTensor(9, [3, 3, 3, 4]) as tf.Tensor4D;
    const cases: [() => tf.layers.Layer, tf.Tensor4D, (offset?: tf.Tensor4D) => tf.Tensor][] = [
      [
        () => conv.layers.deformableRoiPool({ ...align, ...own }),
        bins,
        (offset) => conv.deformRoiPool(x, at, of, { ...align, offset }),
      ],
      [
        () => conv.layers.deformablePsRoiPool({ ...sensitive, classes: 2, ...own }),
        parts,
        (offset) => conv.deformPsRoiPool(x, at, of, { ...sensitive, offset }),
      ],
    ];
    for (const [make, offset, wanted] of cases) {
      await expectClose(callLayer(make(), [x, at, of]), wanted(), 0);
      await expectClose(callLayer(make(), [x, at, of, offset]), wanted(offset), 0);
      expect(built(make(), [x, at, of, offset]).weights).toEqual([]);
    }
  });

  it('offsetLearningRateMultiplier scales only the gradients of the branch', async () => {
    const x = randomTensor(5, [3, 7, 6, 2]);
    const inputs = [x, boxes(), indices()];
    const gradients = (offsetLearningRateMultiplier: number): Map<string, tf.Tensor> => {
      const args = { outputSize: 2, spatialScale: 0.5, offsetUnits: [4], offsetLearningRateMultiplier };
      const layer = built(conv.layers.deformableRoiPool(args), inputs);
      const { grads } = tf.variableGrads(() => tf.sum(tf.square(callLayer(layer, inputs))));
      return new Map(layer.trainableWeights.map((weight) => [weightName(weight), grads[weight.name]!]));
    };
    const [full, tenth] = [gradients(1), gradients(0.1)];
    expect(tenth.size).toBe(4);
    for (const [name, gradient] of full) await expectClose(tenth.get(name)!, tf.mul(gradient, 0.1), tolerance, name);
  });

  it('support channelsFirst', async () => {
    const x = randomTensor(6, [3, 7, 6, 8]);
    const rest = [boxes(), indices()];
    const scale = { spatialScale: 0.5 };
    const makers = [
      (format: object) => conv.layers.roiAlign({ outputSize: 2, ...scale, ...format }),
      (format: object) => conv.layers.psRoiPool({ outputSize: 2, ...scale, ...format }),
      (format: object) => conv.layers.deformableRoiPool({ outputSize: 2, offsetUnits: [3], ...scale, ...format }),
      (format: object) =>
        conv.layers.deformablePsRoiPool({ outputDim: 2, pooledSize: 2, offsetUnits: [], ...scale, ...format }),
    ];
    for (const make of makers) await expectFormatsAgree(make, x, 10 * tolerance, rest);
  });
});

describe('region layers', () => {
  it('have default names as in tfjs and the offset branch of mmcv', () => {
    expect(conv.layers.roiAlign({ outputSize: 2 }).name).toMatch(/^roi_align_\d+$/);
    expect(conv.layers.psRoiPool({ outputSize: 2 }).name).toMatch(/^ps_roi_pool_\d+$/);
    const layer = conv.layers.deformablePsRoiPool({ outputDim: 2, pooledSize: 2 });
    expect(layer.name).toMatch(/^deformable_ps_roi_pool_\d+$/);
    expect(layer.getConfig()).toMatchObject({ offsetUnits: [1024, 1024], groupSize: 2, partSize: 2, transStd: 0.1 });
  });

  it('count their branch and samples', () => {
    const shapes = [[1, 7, 6, 4], [5, 4], [5]];
    const layer = conv.layers.deformableRoiPool({ outputSize: 2, samplingRatio: 3, offsetUnits: [10] });
    const { convolutions, otherOps, windows } = layer.describe(shapes);
    const macs = convolutions!.map(({ role, inChannels, outChannels, positions }) => [
      role,
      positions * inChannels * outChannels,
    ]);
    expect(macs).toEqual([
      ['offset', 5 * 16 * 10],
      ['offset', 5 * 10 * 8],
    ]);
    expect(otherOps).toEqual({ bias: 5 * 18, activation: 50, sampling: 2 * 5 * 16 * 9 });
    expect(windows[0]).toMatchObject({ global: true, dataDependent: true });
    const given = conv.layers.deformablePsRoiPool({ outputDim: 1, pooledSize: 2, predictOffsets: false });
    expect(given.describe([...shapes, [5, 2, 2, 2]])).toMatchObject({ otherOps: { sampling: 5 * 4 * 16 } });
  });

  it('reject incompatible inputs and options', () => {
    const inputs = (channels: number): tf.Tensor[] => [tf.zeros([3, 7, 6, channels]), boxes(), indices()];
    expectRefusal(
      () => conv.layers.roiAlign({ name: 'mine', outputSize: 2 }).apply(tf.zeros([1, 4, 4, 3])),
      RangeError,
      "Cannot build layer 'mine': inputs must be [features, boxes [k, 4], boxIndices [k] or [k, 1]], received input shapes",
    );
    expectRefusal(
      () => conv.layers.psRoiPool({ outputSize: 2 }).apply(inputs(6)),
      RangeError,
      'the input channels must be a multiple of the 4 bins, received input channels = 6',
    );
    expectRefusal(
      () => conv.layers.deformablePsRoiPool({ outputDim: 2, pooledSize: 2 }).apply(inputs(6)),
      RangeError,
      'the input channels must be outputDim · groupSize² = 8, received input channels = 6',
    );
    expectRefusal(
      () => conv.layers.deformablePsRoiPool({ outputDim: 2, pooledSize: 2, classes: 3 }),
      RangeError,
      'classes must divide outputDim (2), received classes = 3',
    );
    const given = [...inputs(8), tf.zeros([3, 2, 2, 4])];
    expectRefusal(
      () => conv.layers.deformablePsRoiPool({ outputDim: 2, pooledSize: 2, predictOffsets: false }).apply(given),
      RangeError,
      'offset must be [k, 2, 2, 2], channels last, received offset shape = [2, 2, 4]',
    );
    expectRefusal(
      () => conv.layers.deformablePsRoiPool({ outputDim: 2, pooledSize: 2 }).apply(given),
      RangeError,
      'inputs must be [features, boxes [k, 4], boxIndices [k] or [k, 1]]',
    );
    expectRefusal(() => conv.layers.roiPool({ outputSize: 2, spatialScale: 0 }), RangeError, 'spatialScale');
    expectRefusal(
      () => conv.layers.deformableRoiPool({ outputSize: 2, offsetUnits: 8 as never }),
      TypeError,
      'received offsetUnits = 8',
    );
  });
});
