/** The textbook example of every convolution, each computed by the operator or layer itself. */
import * as tf from '@tensorflow/tfjs';
import * as conv from 'tfjs-convolutions';
import { exactly, type Statement } from './table.js';

const SOBEL = [
  [-1, 0, 1],
  [-2, 0, 2],
  [-1, 0, 1],
] as const;

/** Statements by convolution. */
export async function surveyExamples(): Promise<Readonly<Record<string, readonly Statement[]>>> {
  return {
    'Plain convolution': tf.tidy(plain),
    'Dilated convolution': tf.tidy(dilated),
    'Transposed convolution': tf.tidy(transposed),
    'Spatially separable convolution': await spatiallySeparable(),
    'Depthwise convolution': tf.tidy(depthwise),
    'Pointwise convolution': tf.tidy(pointwise),
    'Depthwise separable convolution': tf.tidy(separable),
    'Grouped convolution': tf.tidy(grouped),
    'Deformable convolution': tf.tidy(deformable),
    'Deformable RoI pooling': tf.tidy(deformableRegions),
  };
}

function plain(): Statement[] {
  const strided = conv.conv2d(ones(1, 7, 7, 3), ones(3, 3, 3, 2), { strides: 2, padding: 1, dilations: 2 });
  const four = conv.conv2d(ones(1, 7, 7, 1), ones(3, 3, 1, 4));
  const colour = weightsOf(conv.layers.conv2d({ filters: 4, kernelSize: 3, useBias: false }), [8, 8, 3]);
  const grey = weightsOf(conv.layers.conv2d({ filters: 1, kernelSize: 3 }), [8, 8, 1]);
  const odd = conv.conv2d(ones(1, 6, 6, 1), ones(3, 3, 1, 1), { strides: 2, padding: 0 });
  return [
    exactly('7×7×3, kernel 3×3, stride 2, padding 1, dilation 2', '3×3×2', sizeOf(strided)),
    exactly('7×7×1, four kernels 3×3', '5×5×4', sizeOf(four)),
    exactly('3 to 4 channels, two-dimensional kernels', 12, colour / 9),
    exactly('one 3×3 kernel with bias, parameters', 10, grey),
    exactly('6×6, kernel 3×3, stride 2: the floor of 2.5', '2×2×1', sizeOf(odd)),
  ];
}

function dilated(): Statement[] {
  const layer = conv.layers.dilatedConv2d({ filters: 1, kernelSize: 3, dilationRate: 2, useBias: false });
  const alone = tf.sequential({ layers: [tf.layers.inputLayer({ inputShape: [32, 32, 1] }), layer] });
  const stacked = tf.sequential({
    layers: [
      tf.layers.inputLayer({ inputShape: [32, 32, 1] }),
      conv.layers.dilatedConv2d({ filters: 1, kernelSize: 3, dilationRate: 1, useBias: false }),
      conv.layers.dilatedConv2d({ filters: 1, kernelSize: 3, dilationRate: 2, useBias: false }),
    ],
  });
  const undilated = tf.sequential({
    layers: [
      tf.layers.inputLayer({ inputShape: [32, 32, 1] }),
      conv.layers.conv2d({ filters: 1, kernelSize: 3, padding: 'same', useBias: false }),
    ],
  });
  const [one, two, three] = [alone, stacked, undilated].map((model) => ({
    field: conv.receptiveField(model).layers.at(-1)!.size[0],
    cost: conv.cost(model).total,
  })) as [Measured, Measured, Measured];
  const statements = [
    exactly('3×3 with dilation 2, alone: field', 5, one.field),
    exactly('on top of a plain 3×3: field', 7, two.field),
    exactly('weights of that 7×7 view, instead of 49', 18, two.cost.params.trainable),
    exactly('parameters, as undilated', three.cost.params.trainable, one.cost.params.trainable),
    exactly('multiply-adds, as undilated', three.cost.macs, one.cost.macs),
  ];
  for (const model of [alone, stacked, undilated]) model.dispose();
  return statements;
}

interface Measured {
  readonly field: number;
  readonly cost: conv.Cost;
}

function transposed(): Statement[] {
  const grown = conv.conv2dTranspose(ones(1, 4, 4, 1), ones(3, 3, 1, 1), { strides: 1, padding: 0 });
  const overlaps = (kernel: number): string => {
    const y = conv.conv2dTranspose(ones(1, 8, 8, 1), ones(kernel, kernel, 1, 1), { strides: 2, padding: 0 });
    // Away from the border, where every position is reached by as many taps as the stride allows.
    const inner = tf.slice(y, [0, 4, 4, 0], [1, 8, 8, 1]).dataSync();
    return [...new Set(inner)].sort((a, b) => a - b).join(', ');
  };
  const macs = (side: number): number => {
    const layer = conv.layers.conv2dTranspose({ filters: 3, kernelSize: 3, strides: 2, padding: 'same' });
    const model = tf.sequential({ layers: [tf.layers.inputLayer({ inputShape: [side, side, 2] }), layer] });
    const count = conv.cost(model).total.macs;
    model.dispose();
    return count;
  };
  return [
    exactly('4×4, kernel 3, stride 1, padding 0', '6×6×1', sizeOf(grown)),
    exactly('ones, kernel 3 of ones, stride 2: checkerboard', '1, 2, 4', overlaps(3)),
    exactly('ones, kernel 4 of ones, stride 2: even', '4', overlaps(4)),
    exactly('multiply-adds: K²·C·M · 8·8 input positions', 9 * 2 * 3 * 64, macs(8)),
  ];
}

async function spatiallySeparable(): Promise<Statement[]> {
  const outer = tf.tidy(() =>
    tf.matMul(tf.tensor2d([[1], [2], [1]]), tf.tensor2d([[-1, 0, 1]])).arraySync(),
  ) as number[][];
  const sobel = await conv.SpatiallySeparableConv2D.fromKernel(SOBEL.map((row) => [...row]));
  const general = await conv.SpatiallySeparableConv2D.fromKernel(
    [
      [0, 1, 0],
      [1, -4, 1],
      [0, 1, 0],
    ],
    { rank: 1 },
  );
  const x = tf.randomUniform<tf.Rank.R4>([1, 9, 9, 1], -1, 1, 'float32', 1);
  const difference = tf.tidy(() => {
    const full = conv.conv2d(x, tf.tensor4d(SOBEL.flat(), [3, 3, 1, 1]));
    return largest(full, sobel.layer.apply(x) as tf.Tensor);
  });
  const statements = [
    exactly('[1 2 1]ᵀ · [−1 0 1]', JSON.stringify(SOBEL), JSON.stringify(outer)),
    exactly('Sobel in two parts, weights instead of 9', 6, sobel.layer.countParams()),
    exactly('on an image, the same as the full kernel', 'to 1e-6', closeness(difference, 1e-6)),
    exactly(
      'Laplace, rank 1 kept: share of the norm lost',
      'more than 0.1',
      general.loss > 0.1 ? 'more than 0.1' : 'less',
    ),
  ];
  sobel.layer.dispose();
  x.dispose();
  return statements;
}

function depthwise(): Statement[] {
  const x = tf.randomUniform<tf.Rank.R4>([1, 8, 8, 3], -1, 1, 'float32', 1);
  const filter = tf.randomUniform<tf.Rank.R4>([3, 3, 3, 1], -1, 1, 'float32', 2);
  const y = conv.depthwiseConv2d(x, filter);
  const asGroups = conv.conv2d(x, tf.transpose(filter, [0, 1, 3, 2]), { groups: 3 });
  return [
    exactly('8×8×3, three kernels 3×3', '6×6×3', sizeOf(y)),
    exactly('weights', 27, filter.size),
    exactly('equals grouped convolution with g = C', 'to 1e-6', closeness(largest(y, asGroups), 1e-6)),
  ];
}

function pointwise(): Statement[] {
  const x = tf.randomUniform<tf.Rank.R4>([1, 5, 4, 3], -1, 1, 'float32', 1);
  const filter = tf.randomUniform<tf.Rank.R4>([1, 1, 3, 7], -1, 1, 'float32', 2);
  const y = conv.conv2d(x, filter);
  const combined = tf.matMul(tf.reshape(x, [20, 3]), tf.reshape<tf.Rank.R2>(filter, [3, 7]));
  return [
    exactly('3 channels become 7: it need not reduce them', '5×4×7', sizeOf(y)),
    exactly(
      'a linear combination at each position',
      'to 1e-6',
      closeness(largest(tf.reshape(y, [20, 7]), combined), 1e-6),
    ),
  ];
}

function separable(): Statement[] {
  const layer = conv.layers.depthwiseSeparableConv2d({ filters: 64, kernelSize: 3, padding: 'same', useBias: false });
  const model = tf.sequential({ layers: [tf.layers.inputLayer({ inputShape: [16, 16, 32] }), layer] });
  const { total, blocks } = conv.separableSavings(model);
  const [height, width, channels] = model.outputShape.slice(1) as number[];
  model.dispose();
  return [
    exactly('cost over plain, K = 3, M = 64: 1/M + 1/K²', (1 / 64 + 1 / 9).toFixed(6), total.ratio.toFixed(6)),
    exactly('which is (K² + M) / (K²·M)', ((9 + 64) / (9 * 64)).toFixed(6), blocks[0]!.predicted.toFixed(6)),
    exactly('it ends in M channels', '16×16×64', `${height}×${width}×${channels}`),
  ];
}

function grouped(): Statement[] {
  const x = ones(1, 1, 1, 12);
  const [first, second] = [ones(1, 1, 4, 12), ones(1, 1, 4, 12)];
  const once = (t: tf.Tensor4D): tf.Tensor4D => conv.conv2d(t, first, { groups: 3 });
  const twice = (t: tf.Tensor4D): tf.Tensor4D => conv.conv2d(once(t), second, { groups: 3 });
  const shuffled = (t: tf.Tensor4D): tf.Tensor4D => conv.conv2d(conv.channelShuffle(once(t), 3), second, { groups: 3 });
  const seen = (network: (t: tf.Tensor4D) => tf.Tensor4D): number => {
    const firstChannel = (t: tf.Tensor): tf.Scalar =>
      tf.sum(tf.slice(network(t as tf.Tensor4D), [0, 0, 0, 0], [1, 1, 1, 1]));
    return [...tf.grad(firstChannel)(x).dataSync()].filter((slope) => slope !== 0).length;
  };
  return [
    exactly('12 channels in 3 groups, weights instead of 144', 48, first.size),
    exactly('channels that one output sees after one layer', 4, seen(once)),
    exactly('after two layers: groups do not mix', 4, seen(twice)),
    exactly('after two layers with a shuffle between', 12, seen(shuffled)),
  ];
}

function deformable(): Statement[] {
  const [k, c, m, side] = [3, 8, 16, 10];
  const costs = [false, true].map((modulated) => {
    const layer = conv.layers.deformableConv2d({
      filters: m,
      kernelSize: k,
      modulated,
      padding: 'same',
      useBias: false,
    });
    const model = tf.sequential({ layers: [tf.layers.inputLayer({ inputShape: [side, side, c] }), layer] });
    const offsetWeights = layer.weights.find(({ name }) => name.includes('offset_kernel'))!.shape;
    const { total } = conv.cost(model);
    model.dispose();
    return { total, offset: offsetWeights.reduce<number>((product, size) => product * (size ?? 0), 1) };
  });
  const x = tf.randomUniform<tf.Rank.R4>([1, 9, 9, 1], -1, 1, 'float32', 1);
  const filter = tf.randomUniform<tf.Rank.R4>([3, 3, 1, 1], -1, 1, 'float32', 2);
  /** Offsets that move tap (y, x), counted from the centre, to another place. */
  const moving = (place: (y: number, x: number) => readonly [number, number]): tf.Tensor4D => {
    const taps = [-1, 0, 1].flatMap((y) => [-1, 0, 1].map((tapX) => [y, tapX] as const));
    const offsets = taps.flatMap(([y, tapX]) => [place(y, tapX)[0] - y, place(y, tapX)[1] - tapX]);
    return tf.tile(tf.tensor4d(offsets, [1, 1, 1, 18]), [1, 9, 9, 1]);
  };
  const run = (offset: tf.Tensor4D): tf.Tensor4D => conv.deformConv2d(x, offset, filter, { padding: 'same' });
  const rotated = tf.reverse(tf.transpose(filter, [1, 0, 2, 3]), 1);
  const same = (a: tf.Tensor, b: tf.Tensor): string => closeness(largest(a, b), 1e-6);
  const half = conv.deformConv2d(
    tf.tensor4d([0, 1, 2, 3], [1, 2, 2, 1]),
    tf.tile(tf.tensor4d([0.25, 0.5], [1, 1, 1, 2]), [1, 2, 2, 1]),
    ones(1, 1, 1, 1),
  );
  const [toOffset, toFilter] = tf.grads((offset, weights) =>
    tf.sum(conv.deformConv2d(x, offset as tf.Tensor4D, weights as tf.Tensor4D, { padding: 'same' })),
  )([tf.zeros([1, 9, 9, 18]), filter]) as [tf.Tensor, tf.Tensor];
  const learns = [toOffset, toFilter].every((slope) => tf.any(tf.notEqual(slope, 0)).dataSync()[0]);
  return [
    exactly('v1: offset weights, K²·C·2K²', 9 * c * 18, costs[0]!.offset),
    exactly('v2: offset and mask weights, K²·C·3K²', 9 * c * 27, costs[1]!.offset),
    exactly('multiply-adds of the kernel, as plain', 9 * c * m * side * side, costs[0]!.total.macs),
    exactly('multiply-adds of the offset convolution', 9 * c * 18 * side * side, costs[0]!.total.offsetMacs),
    exactly('samples, of four reads each: K²·C·HW', 9 * c * side * side, costs[0]!.total.otherOps.sampling),
    exactly(
      'scale: offsets that double the grid are dilation 2',
      'to 1e-6',
      same(run(moving((y, tapX) => [2 * y, 2 * tapX])), conv.conv2d(x, filter, { padding: 'same', dilations: 2 })),
    ),
    exactly(
      'aspect ratio: the grid twice as wide',
      'to 1e-6',
      same(run(moving((y, tapX) => [y, 2 * tapX])), conv.conv2d(x, filter, { padding: 'same', dilations: [1, 2] })),
    ),
    exactly(
      'rotation by 90°: the kernel turned',
      'to 1e-6',
      same(run(moving((y, tapX) => [tapX, -y])), conv.conv2d(x, rotated, { padding: 'same' })),
    ),
    exactly('bilinear read of [0 1; 2 3] at (0.25, 0.5)', 1, half.dataSync()[0]!),
    exactly('one backward pass: offsets and kernel get slopes', 'both', learns ? 'both' : 'not both'),
  ];
}

function deformableRegions(): Statement[] {
  const layer = conv.layers.deformablePsRoiPool({ outputDim: 3, pooledSize: 7, classes: 3, offsetUnits: [] });
  layer.apply([ones(1, 8, 8, 147), tf.tensor2d([[0, 0, 7, 7]]), tf.tensor1d([0], 'int32')]);
  const outputs = layer.weights.find(({ name }) => name.includes('offset_bias'))!.shape[0]!;
  layer.dispose();
  // Pixel (y, x) holds x, so that a bin tells where it reads.
  const ramp = tf.tile<tf.Tensor4D>(tf.reshape(tf.range(0, 64), [1, 1, 64, 1]), [1, 64, 1, 1]);
  const shift = (width: number): number => {
    const boxes = tf.tensor2d([[10, 10, 20, 10 + width]]);
    const options = { outputSize: 1, samplingRatio: 2, gamma: 0.1 };
    const [rest, moved] = [0, 1].map(
      (dx) =>
        conv
          .deformRoiPool(ramp, boxes, tf.tensor1d([0], 'int32'), {
            ...options,
            offset: tf.tensor4d([0, dx], [1, 1, 1, 2]),
          })
          .dataSync()[0]!,
    ) as [number, number];
    return Number((moved - rest).toFixed(5));
  };
  return [
    exactly('7×7 bins, 3 classes: outputs of the fully connected layer, 2·bins·classes', 2 * 49 * 3, outputs),
    exactly('offset 1, γ = 0.1, box 20 wide: pixels that its bin moves', 2, shift(20)),
    exactly('offset 1, γ = 0.1, box 10 wide', 1, shift(10)),
  ];
}

/** Parameters of a layer on one image. */
function weightsOf(layer: tf.layers.Layer, inputShape: number[]): number {
  const model = tf.sequential({ layers: [tf.layers.inputLayer({ inputShape }), layer] });
  const count = model.countParams();
  model.dispose();
  return count;
}

function ones(...shape: [number, number, number, number]): tf.Tensor4D {
  return tf.ones<tf.Rank.R4>(shape);
}

function sizeOf(tensor: tf.Tensor): string {
  return tensor.shape.slice(1).join('×');
}

function largest(a: tf.Tensor, b: tf.Tensor): number {
  return tf.max(tf.abs(tf.sub(a, b))).dataSync()[0]!;
}

function closeness(difference: number, tolerance: number): string {
  return difference <= tolerance ? `to ${tolerance.toExponential()}` : `off by ${difference}`;
}
