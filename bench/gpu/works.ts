/** Workloads to count: operators with their gradients, on inputs of any size. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import { adamUpdates } from '../../src/ops/adam_updates/op.js';
import type { Inputs, Tensors } from '../../test/support/gradient_check.js';
import {
  conv2dInputs,
  conv2dTransposeInputs,
  deformInputs,
  deformV3Inputs,
  depthwiseInputs,
  type Shape4,
} from '../../test/support/inputs.js';
import {
  runConv2d,
  runConv2dTranspose,
  runDeformConv2d,
  runDeformConv2dV3,
  runDepthwiseConv2d,
} from '../../test/support/ops.js';
import { Random } from '../../test/support/random.js';
import { roiInputs, runRoi, type RoiName, type RoiOptionsOf } from '../../test/support/roi.js';

export interface Work {
  readonly title: string;
  /** [batch, height, width, channels] of the image. */
  readonly image: Shape4;
  readonly inputs: (image: Shape4) => Inputs;
  readonly run: (tensors: Tensors) => tf.Tensor;
  /** Inputs to differentiate by. */
  readonly differentiable: readonly string[];
}

const SAME = { padding: 1 } as const;
const V3 = {
  kernelSize: [3, 3],
  padding: 1,
  groups: 4,
  softmax: true,
  offsetScale: 1,
  removeCenter: false,
} as const;

export function deformable([height, channels]: readonly [number, number]): Work {
  return {
    title: 'deformConv2d',
    image: [1, height, height, channels],
    inputs: (image) => deformInputs(1, image, [3, 3, image[3], image[3]], SAME, { bias: false }),
    run: runDeformConv2d(SAME),
    differentiable: ['x', 'offset', 'filter', 'mask'],
  };
}

export function depthwiseDeformable([height, channels]: readonly [number, number]): Work {
  const options = { ...SAME, groups: channels };
  return {
    title: 'depthwise deformConv2d',
    image: [1, height, height, channels],
    inputs: (image) => deformInputs(2, image, [3, 3, 1, channels], options, { bias: false }),
    run: runDeformConv2d(options),
    differentiable: ['x', 'offset', 'filter', 'mask'],
  };
}

export function plain([height, channels]: readonly [number, number]): Work {
  return {
    title: 'conv2d',
    image: [1, height, height, channels],
    inputs: (image) => conv2dInputs(3, image, [3, 3, image[3], image[3]], { bias: false }),
    run: runConv2d(SAME),
    differentiable: ['x', 'filter'],
  };
}

export function depthwise([height, channels]: readonly [number, number]): Work {
  return {
    title: 'depthwiseConv2d',
    image: [1, height, height, channels],
    inputs: (image) => depthwiseInputs(4, image, [3, 3, channels, 1], { bias: false }),
    run: runDepthwiseConv2d(SAME),
    differentiable: ['x', 'filter'],
  };
}

const SHAPE = [14, 64] as const;
const IMAGE: Shape4 = [1, 14, 14, 64];

function region<N extends RoiName>(name: N, options: RoiOptionsOf[N], image: Shape4, offset?: readonly number[]): Work {
  return {
    title: name,
    image,
    inputs: (x) => roiInputs(5, x, 16, { offset }),
    run: runRoi(name, options),
    differentiable: offset === undefined ? ['x'] : ['x', 'offset'],
  };
}

const BINS = { outputSize: [7, 7] } as const;
const PARTS = { outputDim: 10, pooledSize: 7, groupSize: 7, partSize: 7, samplesPerPart: 4 } as const;

/** One workload for every operator. */
export const OPERATORS: readonly Work[] = [
  plain(SHAPE),
  {
    ...plain(SHAPE),
    title: 'conv2d, biased',
    inputs: (image) => conv2dInputs(6, image, [3, 3, image[3], image[3]]),
    differentiable: ['x', 'filter', 'bias'],
  },
  {
    title: 'conv2d, padded by reflection',
    image: IMAGE,
    inputs: (image) => conv2dInputs(7, image, [3, 3, image[3], image[3]], { bias: false }),
    run: runConv2d({ ...SAME, paddingMode: 'reflect' }),
    differentiable: ['x', 'filter'],
  },
  {
    title: 'conv2dTranspose, stride 2',
    image: IMAGE,
    inputs: (image) => conv2dTransposeInputs(8, image, [3, 3, image[3], image[3]], {}, { bias: false }),
    run: runConv2dTranspose({ ...SAME, strides: 2 }),
    differentiable: ['x', 'filter'],
  },
  depthwise(SHAPE),
  deformable(SHAPE),
  depthwiseDeformable(SHAPE),
  {
    title: 'deformConv2dV3',
    image: IMAGE,
    inputs: (image) => deformV3Inputs(9, image, V3),
    run: runDeformConv2dV3(V3),
    differentiable: ['x', 'offset', 'mask'],
  },
  {
    title: 'batchNorm with relu',
    image: IMAGE,
    inputs: (image) => {
      const random = new Random(10);
      return { x: random.array(image), gamma: random.array([image[3]]), beta: random.array([image[3]]) };
    },
    run: ({ x, gamma, beta }) =>
      conv.batchNorm(x!, { gamma: gamma as tf.Tensor1D, beta: beta as tf.Tensor1D, activation: 'relu' }).y,
    differentiable: ['x', 'gamma', 'beta'],
  },
  {
    title: 'channelShuffle',
    image: IMAGE,
    inputs: (image) => ({ x: new Random(11).array(image) }),
    run: ({ x }) => conv.channelShuffle(x as tf.Tensor4D, 4),
    differentiable: ['x'],
  },
  {
    title: 'dropout',
    image: IMAGE,
    inputs: (image) => ({ x: new Random(13).array(image) }),
    run: ({ x }) => conv.dropout(x!, { rate: 0.5, seed: 1 }),
    differentiable: ['x'],
  },
  {
    title: 'resizeBilinear to 28²',
    image: IMAGE,
    inputs: (image) => ({ x: new Random(12).array(image) }),
    run: ({ x }) => conv.resizeBilinear(x as tf.Tensor4D, [28, 28]),
    differentiable: ['x'],
  },
  region('roiPool', BINS, IMAGE),
  region('roiAlign', BINS, IMAGE),
  region('psRoiPool', BINS, [1, 14, 14, 490]),
  region('psRoiAlign', BINS, [1, 14, 14, 490]),
  region('deformRoiPool', BINS, IMAGE, [7, 7, 2]),
  region('deformPsRoiPool', PARTS, [1, 14, 14, 490], [7, 7, 2]),
  {
    title: 'adamUpdates, one variable',
    image: [1, 3, 3, 2 ** 10],
    inputs: (image) => {
      const random = new Random(13);
      const size = [image[1] * image[2] * image[3]];
      return {
        value: random.array(size),
        gradient: random.array(size),
        firstMoment: random.array(size),
        secondMoment: random.array(size, 0, 1),
      };
    },
    run: ({ value, gradient, firstMoment, secondMoment }) => {
      const variable = { value: value!, gradient: gradient!, firstMoment: firstMoment!, secondMoment: secondMoment! };
      const options = { beta1: 0.9, beta2: 0.99, epsilon: 1e-7, step: 1 };
      return adamUpdates([{ ...variable, learningRate: 0.1 }], options)[0]!.value;
    },
    differentiable: [],
  },
];

/** Shapes used for evaluating the speed of the package: side and channels. */
export const SHAPES: readonly (readonly [side: number, channels: number])[] = [
  [56, 64],
  [28, 128],
  [14, 256],
];

/** Workloads of the roofline. */
export const ROOFLINE: readonly Work[] = SHAPES.flatMap((shape) =>
  [plain, deformable, depthwise, depthwiseDeformable].map((make) => make(shape)),
);

export const LISTS = { operators: OPERATORS, roofline: ROOFLINE } as const;
