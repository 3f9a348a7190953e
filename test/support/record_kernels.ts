/** Records the kernel calls of one forward and backward pass of every operator, for replay. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import { ACTIVATION } from '../../src/ops/activation/kernels.js';
import { activationGradient } from '../../src/ops/activation/op.js';
import { adamUpdates } from '../../src/ops/adam_updates/op.js';
import { biasAdd } from '../../src/ops/bias_add/op.js';
import { clipGradients } from '../../src/ops/clip_gradients/op.js';
import { OPS } from '../../src/ops/registry.js';
import { runKernelSingle } from '../../src/ops/run_kernel.js';
import { weightedSums } from '../../src/ops/weighted_sums/op.js';
import { Random } from './random.js';
import { scoped } from './scoped.js';

export interface Recorded {
  readonly kernel: tf.KernelConfig;
  readonly args: Parameters<tf.KernelFunc>[0];
}

function random<R extends tf.Rank>(seed: number, shape: tf.ShapeMap[R]): tf.Tensor<R> {
  return tf.tensor(Float32Array.from(new Random(seed).array(shape).data), shape);
}

/** Gradients of a function of tensors, with its types. */
function backward(run: (...given: never[]) => tf.Tensor): (...inputs: (tf.Tensor | tf.Tensor[])[]) => tf.Tensor[] {
  return (...inputs) => tf.grads(run as (...given: tf.Tensor[]) => tf.Tensor)(inputs.flat());
}

/** Calls whose results and scratch memory take a few KiB each. */
const CALLS: readonly (() => unknown)[] = [
  ...([1, 2, 8] as const).map((groups) => () => {
    const options = { padding: 1, groups, bias: random<tf.Rank.R1>(3, [64]), activation: 'relu' } as const;
    const [x, filter] = [random<tf.Rank.R4>(1, [2, 6, 7, 32]), random<tf.Rank.R4>(2, [3, 3, 32 / groups, 64])];
    return backward((image: tf.Tensor4D, weights: tf.Tensor4D) => conv.conv2d(image, weights, options))([x, filter]);
  }),
  () => conv.conv2d(random<tf.Rank.R4>(1, [2, 6, 7, 32]), random<tf.Rank.R4>(2, [3, 3, 32, 64])),
  ...([undefined, 'relu6'] as const).map((activation) => () => {
    const [x, filter] = [random<tf.Rank.R4>(1, [2, 6, 7, 32]), random<tf.Rank.R4>(2, [5, 7, 32, 1])];
    const options = activation === undefined ? { padding: 3 } : { padding: 3, activation };
    return backward((image: tf.Tensor4D, weights: tf.Tensor4D) => conv.depthwiseConv2d(image, weights, options))([
      x,
      filter,
    ]);
  }),
  ...([1, 32] as const).map((groups) => () => {
    const inputs = [
      random<tf.Rank.R4>(1, [2, 6, 7, 32]),
      random<tf.Rank.R4>(2, [2, 6, 7, 36]),
      random<tf.Rank.R4>(3, [3, 3, 32 / groups, 32]),
      random<tf.Rank.R4>(4, [2, 6, 7, 18]),
    ];
    return backward((x: tf.Tensor4D, offset: tf.Tensor4D, filter: tf.Tensor4D, mask: tf.Tensor4D) =>
      conv.deformConv2d(x, offset, filter, { mask, padding: 1, groups }),
    )(inputs);
  }),
  () => {
    const inputs = [
      random<tf.Rank.R4>(1, [2, 6, 7, 32]),
      random<tf.Rank.R4>(2, [2, 6, 7, 36]),
      random<tf.Rank.R4>(3, [2, 6, 7, 18]),
    ];
    return backward((x: tf.Tensor4D, offset: tf.Tensor4D, mask: tf.Tensor4D) =>
      conv.deformConv2dV3(x, offset, mask, { padding: 1, groups: 2, offsetScale: 0.5 }),
    )(inputs);
  },
  () => {
    const inputs = [random<tf.Rank.R2>(1, [5, 2048]), random<tf.Rank.R1>(2, [2048]), random<tf.Rank.R1>(3, [2048])];
    const [mean, variance] = [random<tf.Rank.R1>(4, [2048]), tf.ones<tf.Rank.R1>([2048])];
    backward((x: tf.Tensor2D, gamma: tf.Tensor1D, beta: tf.Tensor1D) => conv.batchNorm(x, { gamma, beta }).y)(inputs);
    return backward((x: tf.Tensor2D, gamma: tf.Tensor1D, beta: tf.Tensor1D) =>
      conv.batchNormInference(x, mean, variance, { gamma, beta }),
    )(inputs);
  },
  () => {
    const biased = (x: tf.Tensor4D, bias: tf.Tensor1D): tf.Tensor => biasAdd('run biasAdd', x, bias);
    return backward(biased)([random<tf.Rank.R4>(1, [1, 2, 2, 2048]), random<tf.Rank.R1>(2, [2048])]);
  },
  () => runKernelSingle('run activation', ACTIVATION.forward, { x: random(1, [5, 2048]) }, { activation: 'relu6' }),
  () => activationGradient('run activation', random(1, [5, 2048]), random(2, [5, 2048]), 'relu'),
  ...(['maxPool2d', 'avgPool2d'] as const).map((name) => () => {
    const pooled = (x: tf.Tensor4D): tf.Tensor4D => conv[name](x, { poolSize: 3, strides: 1, padding: 'same' });
    const again = (x: tf.Tensor): tf.Tensor =>
      tf.grad((image) => pooled(image as tf.Tensor4D))(x, tf.square(pooled(x as tf.Tensor4D)));
    return backward(again)(random<tf.Rank.R4>(1, [2, 6, 7, 32]));
  }),
  () => conv.channelShuffle(random<tf.Rank.R4>(1, [2, 6, 7, 32]), 4),
  () => conv.unpackHalf(conv.packHalf(random<tf.Rank.R2>(1, [5, 2048]))),
  () => conv.dropout(random<tf.Rank.R4>(1, [2, 6, 7, 32]), { rate: 0.5, seed: 1 }),
  () => conv.dropout(random<tf.Rank.R4>(1, [2, 6, 7, 32]), { rate: 0.5, seed: 1, noiseShape: [2, 6, 7, 1] }),
  () => {
    const padded = (x: tf.Tensor4D): tf.Tensor4D =>
      conv.conv2d(x, random<tf.Rank.R4>(1, [3, 3, 32, 16]), { padding: 2, paddingMode: 'reflect' });
    return backward(padded)(random<tf.Rank.R4>(2, [2, 6, 7, 32]));
  },
  ...(['roiAlign', 'roiPool', 'psRoiAlign', 'psRoiPool'] as const).map((name) => () => {
    const channels = name.startsWith('ps') ? 64 * 4 : 64;
    const pooled = (x: tf.Tensor4D): tf.Tensor4D =>
      conv[name](x, boxes(), tf.tensor1d([0, 1, 1], 'int32'), { outputSize: 2 });
    return backward(pooled)(random<tf.Rank.R4>(1, [2, 6, 7, channels]));
  }),
  () => {
    const pooled = (x: tf.Tensor4D, offset: tf.Tensor4D): tf.Tensor4D =>
      conv.deformRoiPool(x, boxes(), tf.tensor1d([0, 1, 1], 'int32'), { outputSize: 20, samplingRatio: 2, offset });
    return backward(pooled)([random<tf.Rank.R4>(1, [2, 6, 7, 32]), random<tf.Rank.R4>(2, [3, 20, 20, 2])]);
  },
  () => {
    const pooled = (x: tf.Tensor4D, offset: tf.Tensor4D): tf.Tensor4D =>
      conv.deformPsRoiPool(x, boxes(), tf.tensor1d([0, 1, 1], 'int32'), {
        outputDim: 32,
        pooledSize: 20,
        groupSize: 2,
        offset,
      });
    return backward(pooled)([random<tf.Rank.R4>(1, [2, 6, 7, 128]), random<tf.Rank.R4>(2, [3, 20, 20, 2])]);
  },
  () => {
    const tensor = (seed: number): tf.Tensor => random(seed, [2048]);
    const variable = {
      value: tensor(1),
      gradient: tensor(2),
      firstMoment: tensor(3),
      secondMoment: tf.abs(tensor(4)),
      learningRate: 0.1,
    };
    adamUpdates([variable], { beta1: 0.9, beta2: 0.99, epsilon: 1e-7, step: 1 });
    clipGradients([tensor(1)], { by: 'norm', limit: 1 });
    return weightedSums([tensor(1)], [tensor(2)], 0.5, 2);
  },
];

function boxes(): tf.Tensor2D {
  return tf.tensor2d([
    [0, 0, 5, 6],
    [1, 2, 3, 6],
    [0, 1, 4, 4],
  ]);
}

/** Records the package's kernels on the active backend, except those that only share values. */
export async function recordKernels(backendName: string): Promise<readonly Recorded[]> {
  const recorded = new Map<string, Recorded>();
  const own = OPS.flatMap(({ kernelNames }) => kernelNames).filter((name) => name !== 'Convolutions/Identity');
  const kernels = own.map((name) => tf.getKernel(name, backendName));
  for (const kernel of kernels) {
    put({
      ...kernel,
      kernelFunc: (args) => {
        const { inputs, attrs } = args;
        const { backend } = args as { readonly backend: unknown } as { readonly backend: tf.KernelBackend };
        // The values outlive the pass.
        for (const name in inputs) backend.incRef(inputs[name]!.dataId);
        const key = `${kernel.kernelName} ${JSON.stringify(attrs)}`;
        recorded.set(key, { kernel, args: { ...args, inputs: { ...inputs } } });
        return kernel.kernelFunc(args);
      },
    });
  }
  await scoped(() => {
    for (const call of CALLS) call();
    return Promise.resolve();
  });
  for (const kernel of kernels) put(kernel);
  return [...recorded.values()];
}

function put(kernel: tf.KernelConfig): void {
  tf.unregisterKernel(kernel.kernelName, kernel.backendName);
  tf.registerKernel(kernel);
}
