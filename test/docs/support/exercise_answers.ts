/** Answers to the exercises of the articles, computed: exercise by exercise, field by field, as in docs/.vitepress/exercises.json. */
import * as tf from '@tensorflow/tfjs';
import { bilinearCells, regionBins, slidingWindow, transposedWindow } from '../../../src/geometry/index';
import * as conv from '../../../src/index';

/** A number, or the name of the right option. */
export type ExerciseAnswer = number | string;

type Articles = Readonly<Record<string, () => readonly (readonly ExerciseAnswer[])[]>>;

const { layers } = conv;

const costOf = (...stack: tf.layers.Layer[]) => conv.cost(tf.sequential({ layers: stack })).total;
const weightsOf = (...stack: tf.layers.Layer[]): number => costOf(...stack).params.trainable;

/** Smallest positive integer that passes a test. */
function first(test: (candidate: number) => boolean, most = 64): number {
  const found = Array.from({ length: most }, (_, index) => index + 1).find(test);
  if (found === undefined) throw new Error('Cannot answer an exercise: no candidate passes its test');
  return found;
}

const accepts = (run: () => unknown): boolean => {
  try {
    run();
    return true;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return false;
  }
};

const largest = (tensor: tf.Tensor): number => tensor.abs().max().dataSync()[0]!;

/** Receptive field along an axis of 3×3 layers in a row. */
function fieldOf(options: readonly { readonly strides?: number; readonly dilationRate?: number }[]): number {
  const stack = options.map((window) =>
    layers.conv2d({ filters: 1, kernelSize: 3, padding: 'same', useBias: false, ...window }),
  );
  const model = tf.sequential({ layers: [tf.layers.inputLayer({ inputShape: [64, 64, 1] }), ...stack] });
  return conv.receptiveField(model).layers.at(-1)!.size[0];
}

/** Cells between the first and the last that a window reads along an axis, both included. */
function spanOf(dilations: number): number {
  const rows = slidingWindow({ inputSize: [32, 32], kernelSize: [3, 3], dilations, padding: 0 })
    .reads(0, 0)
    .map(({ place }) => place[0]);
  return Math.max(...rows) - Math.min(...rows) + 1;
}

const keepsSize = (kernelSize: number, dilationRate: number) =>
  first((padding) => {
    const layer = layers.conv2d({ filters: 1, kernelSize, dilationRate, padding });
    const shape = [null, 20, 20, 1];
    return String(layer.computeOutputShape(shape)) === String(shape);
  });

function pointwiseAnswers(): readonly (readonly ExerciseAnswer[])[] {
  const { conv2d, pointwiseConv2d } = layers;
  const window = { kernelSize: 3, padding: 'same', useBias: false } as const;
  const inputShape = [14, 14, 256];
  const narrow = [
    pointwiseConv2d({ filters: 64, useBias: false, inputShape }),
    conv2d({ ...window, filters: 64 }),
    pointwiseConv2d({ filters: 256, useBias: false }),
  ];
  const image = tf.randomUniform<tf.Rank.R4>([1, 4, 4, 3], 0, 1, 'float32', 1);
  const luma = [0.299, 0.587, 0.114];
  const grey = conv.conv2d(image, tf.tensor4d(luma, [1, 1, 3, 1]));
  const isGrey = largest(tf.sub(grey, image.mul(luma).sum(-1, true))) < 1e-6 && grey.shape[3] === 1;
  const [a, b] = [
    tf.randomNormal<tf.Rank.R2>([3, 5], 0, 1, 'float32', 2),
    tf.randomNormal<tf.Rank.R2>([5, 2], 0, 1, 'float32', 3),
  ];
  const filter = (matrix: tf.Tensor2D) => matrix.reshape<tf.Tensor4D>([1, 1, ...matrix.shape]);
  const twice = conv.conv2d(conv.conv2d(image, filter(a)), filter(b));
  const once = conv.conv2d(image, filter(tf.matMul(a, b)));
  return [
    [weightsOf(conv2d({ ...window, filters: 256, inputShape })), weightsOf(...narrow)],
    [isGrey ? 'one' : 'never'],
    [largest(tf.sub(twice, once)) < 1e-5 ? 'nothing' : 'nonlinear'],
  ];
}

function separableAnswers(): readonly (readonly ExerciseAnswer[])[] {
  const parameters = (kernelSize: number, channels: number, filters: number) => {
    const options = { kernelSize, filters, useBias: false, inputShape: [8, 8, channels] };
    return [weightsOf(layers.depthwiseSeparableConv2d(options)), weightsOf(layers.conv2d(options))] as const;
  };
  const [one, plain] = parameters(3, 3, 1);
  const [separate, whole] = parameters(7, 64, 256);
  return [parameters(3, 3, 4), [one < plain ? 'yes' : 'no'], [separate / whole]];
}

/** Layers of `groups` groups with shuffles between them until one output channel depends on all input channels. */
function layersToMix(channels: number, groups: number): number {
  const source = tf.eye(channels).reshape<tf.Tensor4D>([channels, 1, 1, channels]);
  const filter = tf.ones<tf.Rank.R4>([1, 1, channels / groups, channels]);
  let maps: tf.Tensor4D = conv.conv2d(source, filter, { groups });
  return first((count) => {
    if (count > 1) maps = conv.conv2d(conv.channelShuffle(maps, groups), filter, { groups });
    return maps.reshape([channels, channels]).min().dataSync()[0]! > 0;
  });
}

function groupedAnswers(): readonly (readonly ExerciseAnswer[])[] {
  const options = { filters: 128, kernelSize: 3, groups: 4, useBias: false, inputShape: [8, 8, 64] };
  const possible = Array.from({ length: 64 }, (_, index) => index + 1).filter((groups) =>
    accepts(() => weightsOf(layers.groupedConv2d({ filters: 64, kernelSize: 3, groups, inputShape: [8, 8, 48] }))),
  );
  return [[weightsOf(layers.groupedConv2d(options))], [possible.length, possible.at(-1)!], [layersToMix(27, 3)]];
}

function deformableAnswers(): readonly (readonly ExerciseAnswer[])[] {
  const layer = layers.deformableConv2d({ filters: 64, kernelSize: 3, useBias: false, inputShape: [8, 8, 64] });
  layer.build([null, 8, 8, 64]);
  const shapeOf = (name: string) => layer.weights.find((weight) => weight.name.endsWith(name))!.shape as number[];
  const firstTap = (dilations: number) =>
    slidingWindow({ inputSize: [9, 9], kernelSize: [3, 3], dilations, padding: 'same' }).reads(4, 4)[0]!.place;
  const [from, to] = [firstTap(1), firstTap(2)];
  const read = new Map(bilinearCells([0.25, 1], [4, 4]).map(({ cell, weight }) => [cell.join(), weight]));
  return [
    [shapeOf('offset_kernel').at(-1)!, tf.util.sizeFromShape(shapeOf('offset_kernel')), shapeOf('offset_bias')[0]!],
    [to[0] - from[0], to[1] - from[1]],
    [read.get('0,1')!, read.get('1,1')!],
  ];
}

function deformableV4Answers(): readonly (readonly ExerciseAnswer[])[] {
  const x = tf.randomUniform<tf.Rank.R4>([1, 6, 6, 8], -1, 1, 'float32', 4);
  const [groups, taps] = [4, 9];
  // As the layer predicts them before training: zeros.
  const y = conv.deformConv2dV3(x, tf.zeros([1, 6, 6, groups * taps * 2]), tf.zeros([1, 6, 6, groups * taps]), {
    groups,
    padding: 1,
  });
  const around = [1, 1] as [number, number];
  const padded = tf.pad4d(x, [[0, 0], around, around, [0, 0]]);
  const mean = tf.avgPool(padded, 3, 1, 'valid');
  const v4 = (count: number): tf.layers.Layer => layers.deformableConv2dV4({ groups: count, inputShape: [56, 56, 64] });
  // The smallest numbers of offsets and weights that the operator takes for 64 channels in 4 groups.
  const takes = (offsets: number, weights: number): boolean =>
    accepts(() =>
      conv.deformConv2dV3(
        tf.zeros<tf.Rank.R4>([1, 3, 3, 64]),
        tf.zeros([1, 3, 3, offsets]),
        tf.zeros([1, 3, 3, weights]),
        {
          groups: 4,
          padding: 1,
        },
      ),
    );
  const weights = first((count) => takes(2 * count, count));
  return [
    [first((count) => takes(count, weights), 128), weights],
    [largest(tf.sub(y, mean)) < 1e-5 ? 'mean' : 'identity'],
    [weightsOf(v4(8)) - weightsOf(v4(4))],
  ];
}

function regionAnswers(): readonly (readonly ExerciseAnswer[])[] {
  const classes = (channels: number): number =>
    conv.psRoiAlign(tf.zeros<tf.Rank.R4>([1, 8, 8, channels]), tf.tensor2d([[1, 1, 6, 6]]), tf.tensor1d([0], 'int32'), {
      outputSize: 7,
    }).shape[3];
  const middleOf = (offsets: readonly number[]): number =>
    regionBins({ inputSize: 64, box: [0, 0, 40, 40], outputSize: 1, samplingRatio: 1, offsets })[0]!.samples[0]!
      .place[0];
  const offsetLayer = tf.layers.dense({ units: 2 * 7 * 7, inputShape: [7 * 7 * 256] });
  return [
    [first((channels) => accepts(() => classes(channels)) && classes(channels) === 21, 2000)],
    [middleOf([0.5, 0]) - middleOf([0, 0])],
    [tf.sequential({ layers: [offsetLayer] }).countParams()],
  ];
}

function transposedAnswers(): readonly (readonly ExerciseAnswer[])[] {
  const six = layers.conv2dTranspose({ filters: 1, kernelSize: 3 });
  const met = transposedWindow({ inputSize: [4, 4], kernelSize: [2, 2], strides: 2 });
  const counts = Array.from({ length: 64 }, (_, at) => met.reads(Math.floor(at / 8), at % 8).length);
  const window = { kernelSize: 4, filters: 6, strides: 2, padding: 1, useBias: false };
  const layer = layers.conv2dTranspose({ ...window, inputShape: [8, 8, 4] });
  const { macs } = costOf(layer);
  const [, height, width] = layer.outputShape as number[];
  return [
    [(six.computeOutputShape([null, 4, 4, 1]) as number[])[1]!],
    [Math.max(...counts)],
    [macs, (4 * 4 * 4 * 6 * height! * width!) / macs],
  ];
}

function spatialAnswers(): readonly (readonly ExerciseAnswer[])[] {
  const weights = (kernelSize: number, rank: number, channels: number): number =>
    weightsOf(
      layers.spatiallySeparableConv2d({
        filters: channels,
        kernelSize,
        rank,
        useBias: false,
        inputShape: [8, 8, channels],
      }),
    );
  const whole = (kernelSize: number, channels: number): number =>
    weightsOf(layers.conv2d({ filters: channels, kernelSize, useBias: false, inputShape: [8, 8, channels] }));
  // The rank of a matrix whose entries have nothing to do with each other: what is left on the diagonal of R.
  const [, r] = tf.linalg.qr(tf.randomNormal<tf.Rank.R2>([3, 3], 0, 1, 'float32', 5));
  const fullRank = (r.arraySync() as number[][]).filter((row, at) => Math.abs(row[at]!) > 1e-3).length;
  return [[whole(3, 1), weights(3, 1, 1)], [weights(7, 64, 64) / whole(7, 64)], [fullRank, weights(3, fullRank, 1)]];
}

export const EXERCISE_ANSWERS: Articles = {
  plain: () => [
    [weightsOf(layers.conv2d({ filters: 1, kernelSize: 3, inputShape: [8, 8, 1] }))],
    [keepsSize(5, 1), keepsSize(3, 4)],
    [fieldOf([{}, { strides: 2 }, {}])],
  ],
  dilated: () => {
    const weights = (...kernels: number[]): number =>
      weightsOf(
        tf.layers.inputLayer({ inputShape: [32, 32, 1] }),
        ...kernels.map((kernelSize) => layers.conv2d({ filters: 1, kernelSize, useBias: false })),
      );
    const doubling = (count: number) => Array.from({ length: count }, (_, index) => ({ dilationRate: 2 ** index }));
    return [
      [first((rate) => spanOf(rate) === 9), weights(3)],
      [weights(3, 3), weights(fieldOf(doubling(2)))],
      [first((count) => fieldOf(doubling(count)) >= 511)],
    ];
  },
  transposed: transposedAnswers,
  spatially_separable: spatialAnswers,
  depthwise: () => {
    const block = { kernelSize: 3, padding: 'same', useBias: false } as const;
    const { params, macs } = costOf(layers.depthwiseConv2d({ ...block, inputShape: [112, 112, 32] }));
    const doubled = layers.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2, inputShape: [8, 8, 16] });
    // Only the input channel that an output channel reads changes it.
    const pixels = tf.eye(16).reshape<tf.Tensor4D>([16, 1, 1, 16]);
    const response = conv.depthwiseConv2d(pixels, tf.ones([1, 1, 16, 2]));
    const source = response.reshape<tf.Tensor2D>([16, 32]).slice([0, 5], [16, 1]).reshape([16]).argMax().dataSync()[0]!;
    const mixes = Math.max(...response.reshape<tf.Tensor2D>([16, 32]).sum(0).dataSync()) > 1;
    return [
      [params.trainable, macs],
      [(doubled.computeOutputShape([null, 8, 8, 16]) as number[]).at(-1)!, source],
      [mixes ? 'yes' : 'no'],
    ];
  },
  pointwise: pointwiseAnswers,
  depthwise_separable: separableAnswers,
  grouped: groupedAnswers,
  deformable: deformableAnswers,
  deformable_v3_v4: deformableV4Answers,
  roi_pooling: regionAnswers,
};
