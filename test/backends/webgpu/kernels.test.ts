/** Properties of the WebGPU kernels alone: shaders are compiled once, and large operands are processed in chunks. */
import * as tf from '@tensorflow/tfjs';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import type { WebGPUHost } from '../../../src/backends/webgpu/adapter.js';
import * as conv from '../../../src/index.js';
import { adamUpdates } from '../../../src/ops/adam_updates/op.js';
import { describeBackends } from '../../support/backends.js';
import { expectClose } from '../../support/compare.js';
import { toTensor, toTensors, valueAndGradients, type Inputs, type Tensors } from '../../support/gradient_check.js';
import {
  conv2dInputs,
  conv2dTransposeInputs,
  deformInputs,
  depthwiseInputs,
  deformV3Inputs,
} from '../../support/inputs.js';
import {
  runConv2d,
  runConv2dTranspose,
  runDeformConv2d,
  runDeformConv2dV3,
  runDepthwiseConv2d,
} from '../../support/ops.js';
import { Random } from '../../support/random.js';
import { roiInputs, runRoi, type RoiName, type RoiOptionsOf } from '../../support/roi.js';
import { scoped } from '../../support/scoped.js';

/** Returns the active backend, with the interface that the kernels require. */
function active(): WebGPUHost & Pick<WebGPUBackend, 'device' | 'numDataIds'> {
  const host: unknown = tf.backend();
  return host as ReturnType<typeof active>;
}

/** Starts a backend that has compiled nothing yet. */
async function startAfresh(): Promise<void> {
  const start = tf.findBackendFactory('webgpu');
  await tf.setBackend('cpu');
  tf.removeBackend('webgpu');
  tf.registerBackend('webgpu', start);
  await tf.setBackend('webgpu');
}

/** Returns the programs compiled while `body` runs, those of this package and of TensorFlow.js. */
async function compiled(body: () => Promise<void>): Promise<string[]> {
  const { device } = active();
  const compile = jest.spyOn(device, 'createComputePipeline');
  try {
    await body();
    return compile.mock.calls.map(([{ label }]) => label!);
  } finally {
    compile.mockRestore();
  }
}

/** Runs `body` with limits other than those of the device. */
function limited<T>(limits: Partial<WebGPUHost['device']['limits']>, body: () => T): T {
  const { device } = active();
  const own = Object.getOwnPropertyDescriptor(device, 'limits')!;
  const value = { maxComputeWorkgroupsPerDimension: 65535, ...limits };
  Object.defineProperty(device, 'limits', { value, configurable: true });
  try {
    return body();
  } finally {
    Object.defineProperty(device, 'limits', own);
  }
}

/** Operator that can run at any input size: [batch, height, width]. */
interface Sized {
  readonly title: string;
  readonly run: (tensors: Tensors) => tf.Tensor;
  readonly inputs: (size: readonly [number, number, number]) => Inputs;
  readonly differentiable: readonly string[];
}

const WINDOW = { strides: [2, 1], dilations: [1, 2], padding: [1, 2] } as const;
const DEFORM = { ...WINDOW, groups: 2, offsetGroups: 2 } as const;
const DEPTHWISE = { ...WINDOW, groups: 4, offsetGroups: 2 } as const;
const V3 = { ...WINDOW, kernelSize: [3, 3], groups: 2, offsetScale: 2, removeCenter: true, softmax: true } as const;
const PARTS = { outputDim: 3, pooledSize: 2, groupSize: 2, partSize: 2, samplesPerPart: 2 } as const;

function region<N extends RoiName>(
  name: N,
  options: RoiOptionsOf[N],
  channels: number,
  offset?: readonly number[],
): Sized {
  return {
    title: name,
    run: runRoi(name, options),
    inputs: ([n, h, w]) => roiInputs(7, [n, h, w, channels], n + h, { offset }),
    differentiable: offset === undefined ? ['x'] : ['x', 'offset'],
  };
}

const OPERATORS: readonly Sized[] = [
  {
    title: 'conv2d',
    run: runConv2d({ ...WINDOW, groups: 2 }),
    inputs: ([n, h, w]) => conv2dInputs(1, [n, h, w, 4], [3, 2, 2, 6]),
    differentiable: ['x', 'filter', 'bias'],
  },
  {
    title: 'conv2d of many channels',
    run: runConv2d({ padding: 'same' }),
    inputs: ([n, h, w]) => conv2dInputs(9, [n, h, w, 3], [1, 1, 3, 150]),
    differentiable: ['x', 'filter', 'bias'],
  },
  {
    title: 'channelShuffle',
    run: ({ x }) => conv.channelShuffle(x as tf.Tensor4D, 2),
    inputs: ([n, h, w]) => ({ x: new Random(12).array([n, h, w, 6]) }),
    differentiable: ['x'],
  },
  {
    title: 'dropout of whole channels',
    run: ({ x }) => conv.dropout(x!, { rate: 0.5, seed: 1, noiseShape: [null, 1, 1, null] }),
    inputs: ([n, h, w]) => ({ x: new Random(14).array([n, h, w, 6]) }),
    differentiable: ['x'],
  },
  ...(['maxPool2d', 'avgPool2d'] as const).map((name): Sized => ({
    title: name,
    run: ({ x }) => conv[name](x as tf.Tensor4D, { poolSize: [3, 2], strides: [2, 1], padding: 'same' }),
    inputs: ([n, h, w]) => ({ x: new Random(13).array([n, h, w, 6]) }),
    differentiable: ['x'],
  })),
  {
    title: 'depthwiseConv2d with a reflected border',
    run: runDepthwiseConv2d({ ...WINDOW, padding: [2, 1], paddingMode: 'reflect' }),
    inputs: ([n, h, w]) => depthwiseInputs(11, [n, h, w, 4], [3, 2, 4, 2]),
    differentiable: ['x', 'filter', 'bias'],
  },
  {
    title: 'conv2dTranspose',
    run: runConv2dTranspose({ ...WINDOW }),
    inputs: ([n, h, w]) => conv2dTransposeInputs(2, [n, h, w, 4], [3, 2, 6, 4], WINDOW),
    differentiable: ['x', 'filter', 'bias'],
  },
  {
    title: 'depthwiseConv2d',
    run: runDepthwiseConv2d(WINDOW),
    inputs: ([n, h, w]) => depthwiseInputs(3, [n, h, w, 4], [3, 2, 4, 2]),
    differentiable: ['x', 'filter', 'bias'],
  },
  {
    title: 'deformConv2d',
    run: runDeformConv2d(DEFORM),
    inputs: ([n, h, w]) => deformInputs(4, [n, h, w, 4], [3, 2, 2, 6], DEFORM),
    differentiable: ['x', 'offset', 'filter', 'mask', 'bias'],
  },
  {
    title: 'depthwise deformConv2d',
    run: runDeformConv2d(DEPTHWISE),
    inputs: ([n, h, w]) => deformInputs(5, [n, h, w, 4], [3, 2, 1, 8], DEPTHWISE),
    differentiable: ['x', 'offset', 'filter', 'mask', 'bias'],
  },
  {
    title: 'depthwiseConv2d, four channels at a time',
    run: runDepthwiseConv2d({ dilations: [1, 2], padding: 'same' }),
    inputs: ([n, h, w]) => depthwiseInputs(15, [n, h, w, 8], [3, 2, 8, 1]),
    differentiable: ['x', 'filter', 'bias'],
  },
  {
    title: 'deformConv2d, four channels at a time',
    run: runDeformConv2d({ ...WINDOW, offsetGroups: 2 }),
    inputs: ([n, h, w]) => deformInputs(16, [n, h, w, 8], [3, 2, 8, 40], { ...WINDOW, offsetGroups: 2 }),
    differentiable: ['x', 'offset', 'filter', 'mask', 'bias'],
  },
  {
    title: 'depthwise deformConv2d, four channels at a time',
    run: runDeformConv2d({ ...WINDOW, groups: 8, offsetGroups: 2 }),
    inputs: ([n, h, w]) => deformInputs(17, [n, h, w, 8], [3, 2, 1, 8], { ...WINDOW, groups: 8, offsetGroups: 2 }),
    differentiable: ['x', 'offset', 'filter', 'mask', 'bias'],
  },
  {
    title: 'deformConv2dV3',
    run: runDeformConv2dV3(V3),
    inputs: ([n, h, w]) => deformV3Inputs(10, [n, h, w, 4], V3),
    differentiable: ['x', 'offset', 'mask'],
  },
  ...[3, 4].map((channels): Sized => ({
    title: `batchNorm of ${channels} channels`,
    run: ({ x, gamma, beta }) =>
      conv.batchNorm(x!, { gamma: gamma as tf.Tensor1D, beta: beta as tf.Tensor1D, activation: 'relu' }).y,
    inputs: ([n, h, w]) => {
      const random = new Random(6);
      return { x: random.array([n, h, w, channels]), gamma: random.array([channels]), beta: random.array([channels]) };
    },
    differentiable: ['x', 'gamma', 'beta'],
  })),
  region('roiPool', { outputSize: [2, 3] }, 4),
  region('roiAlign', { outputSize: [2, 3] }, 4),
  region('psRoiPool', { outputSize: [2, 3] }, 12),
  region('psRoiAlign', { outputSize: [2, 3] }, 12),
  region('deformRoiPool', { outputSize: [2, 3] }, 4, [2, 3, 2]),
  region('deformPsRoiPool', PARTS, 12, [2, 2, 2]),
];

const titled = (wanted: string): Sized => OPERATORS.find(({ title }) => title === wanted)!;

/**
 * The second size is larger than the first and not a multiple, the third smaller than a tile, the fourth several
 * blocks.
 */
const SIZES: readonly [number, number, number][] = [
  [2, 8, 12],
  [3, 13, 9],
  [1, 3, 5],
  [2, 40, 41],
];

describeBackends(
  'WebGPU kernels',
  (backend) => {
    /** Computes the value and every gradient. */
    async function step(
      { run, inputs, differentiable }: Sized,
      size: readonly [number, number, number],
    ): Promise<void> {
      await scoped(async () => {
        const tensors = toTensors(inputs(size));
        const shape = run(tensors).shape;
        const { gradients } = valueAndGradients(run, tensors, differentiable, toTensor(new Random(8).array(shape)));
        await Promise.all(Object.values(gradients).map((gradient) => gradient.data()));
      });
    }

    test.each(OPERATORS)('$title compiles its shaders once, whatever the input sizes', async (operator) => {
      await startAfresh();
      const [first, ...others] = SIZES;
      expect(await compiled(() => step(operator, first!))).toContain('ConvolutionsProgram');
      for (const size of others) expect(await compiled(() => step(operator, size))).toEqual([]);
    });

    test('adamUpdates compiles its shaders once, whatever the size', async () => {
      await startAfresh();
      const update = (size: number): Promise<string[]> =>
        compiled(() =>
          scoped(async () => {
            const [value, gradient, first, second] = [1, 2, 3, 4].map((seed) =>
              toTensor(new Random(seed).array([size])),
            );
            const options = { beta1: 0.9, beta2: 0.99, epsilon: 1e-3, step: 1 };
            const variable = { value: value!, gradient: gradient!, firstMoment: first!, secondMoment: second! };
            const [updated] = adamUpdates([{ ...variable, learningRate: 0.1 }], options);
            await updated!.value.data();
          }),
        );
      expect(await update(10)).toEqual(Array(3).fill('ConvolutionsProgram'));
      expect(await update(1000)).toEqual([]);
    });

    /** Fails unless the gradients under other limits equal those without. */
    async function expectSameUnder(limits: Partial<WebGPUHost['device']['limits']>, operator: Sized): Promise<void> {
      const { run, inputs, differentiable: names } = operator;
      await scoped(async () => {
        const tensors = toTensors(inputs([2, 8, 12]));
        const dy = toTensor(new Random(10).array(run(tensors).shape));
        const want = valueAndGradients(run, tensors, names, dy);
        const got = limited(limits, () => valueAndGradients(run, tensors, names, dy));
        await expectClose(got.y, want.y, backend.tolerance, 'y');
        for (const name of names) {
          await expectClose(got.gradients[name]!, want.gradients[name]!, backend.tolerance, `d_${name}`);
        }
      });
    }

    test.each(OPERATORS)('$title is the same in few workgroups with many elements each', async (operator) => {
      await expectSameUnder({ maxComputeWorkgroupsPerDimension: 3 }, operator);
    });

    test('two hundred training steps leave no tensor behind', async () => {
      const { run, inputs, differentiable } = titled('depthwiseConv2d');
      const tensors = toTensors(inputs([1, 4, 5]));
      const loss = tf.grads((...given: tf.Tensor[]) =>
        run({ ...tensors, ...Object.fromEntries(differentiable.map((name, index) => [name, given[index]])) }),
      );
      const wanted = differentiable.map((name) => tensors[name]!);
      const train = async (steps: number): Promise<void> => {
        for (let count = 0; count < steps; count++) tf.dispose(tf.tidy(() => loss(wanted)));
        await tf.backend().read(toTensor(new Random(1).array([1])).dataId);
      };
      await train(10);
      const before = { tensors: tf.memory().numTensors, data: active().numDataIds() };
      await train(200);
      expect({ tensors: tf.memory().numTensors, data: active().numDataIds() }).toEqual({
        tensors: before.tensors + 1,
        data: before.data + 1,
      });
    });

    test('tensors may live on another backend or not be uploaded yet', async () => {
      const { run, inputs } = titled('depthwiseConv2d');
      await scoped(async () => {
        const here = toTensors(inputs([2, 5, 6]));
        await tf.setBackend('cpu');
        const elsewhere = toTensors(inputs([2, 5, 6]));
        await tf.setBackend('webgpu');
        const mixed = { ...here, x: elsewhere['x'], offset: elsewhere['offset'], bias: elsewhere['bias'] };
        expect(await run(mixed).data()).toEqual(await run(here).data());
      });
    });
  },
  { where: ({ name }) => name === 'webgpu' },
);
