/**
 * Kernels that divide their work among threads, on separate shared memory: every bit of the results equals that of one
 * thread.
 */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../../src/index.js';
import { CopyingHeap } from '../../../src/backends/wasm/copying_heap.js';
import { useHeap } from '../../../src/backends/wasm/heaps.js';
import { instantiate, moduleFor } from '../../../src/backends/wasm/loader.js';
import { Pool } from '../../../src/backends/wasm/threads/pool.js';
import { ACTIVATION } from '../../../src/ops/activation/kernels.js';
import { adamUpdates } from '../../../src/ops/adam_updates/op.js';
import { biasAdd, biasGradient } from '../../../src/ops/bias_add/op.js';
import { runKernelSingle } from '../../../src/ops/run_kernel.js';
import { weightedSums } from '../../../src/ops/weighted_sums/op.js';
import { expectSameBits } from '../../support/compare.js';
import { toTensor, toTensors, valueAndGradients, type Inputs, type Tensors } from '../../support/gradient_check.js';
import { conv2dInputs, deformInputs, depthwiseInputs } from '../../support/inputs.js';
import { runConv2d, runDeformConv2d, runDepthwiseConv2d } from '../../support/ops.js';
import { Random } from '../../support/random.js';
import { scoped } from '../../support/scoped.js';

const WINDOW = {
  strides: [2, 1],
  dilations: [1, 2],
  padding: [
    [3, 1],
    [2, 4],
  ],
} as const;
const GROUPS = { groups: 2, offsetGroups: 4 };

const MEANS = Array.from({ length: 21 }, (_, channel) => channel / 9);
const VARIANCES = Array.from({ length: 21 }, (_, channel) => 1 + channel / 10);

/** Pixels of 21 channels, one more than whole vectors, in more blocks of 64 rows than threads. */
const imageInputs = (seed: number, shape: readonly number[]): Inputs => ({ x: new Random(seed).array(shape) });

function normInputs(seed: number, shape: readonly number[]): Inputs {
  const random = new Random(seed);
  const channels = [shape.at(-1)!];
  return { x: random.array(shape, 3, 5), gamma: random.array(channels), beta: random.array(channels) };
}

const normOptions = ({ gamma, beta }: Tensors) => ({
  gamma: gamma as tf.Tensor1D,
  beta: beta as tf.Tensor1D,
  activation: 'relu' as const,
});

/** Batches of fewer, as many and more images than threads, and images with fewer rows than threads. */
const CASES: readonly [title: string, inputs: Inputs, run: (tensors: Tensors) => tf.Tensor][] = [
  ['conv2d() of one image', conv2dInputs(1, [1, 9, 7, 6], [3, 2, 6, 9], {}), runConv2d(WINDOW)],
  [
    'conv2d() of two images',
    conv2dInputs(2, [2, 8, 5, 6], [3, 3, 3, 10], {}),
    runConv2d({ padding: 'same', groups: 2 }),
  ],
  ['conv2d() of seven images', conv2dInputs(3, [7, 4, 5, 3], [2, 3, 3, 4], {}), runConv2d(WINDOW)],
  ['conv2d() of two rows', conv2dInputs(4, [1, 2, 9, 5], [3, 3, 5, 4], {}), runConv2d({ padding: 'same' })],
  ['conv2d() of points', conv2dInputs(5, [1, 10, 4, 8], [1, 1, 8, 9], {}), runConv2d({})],
  ['conv2d() of points at a stride', conv2dInputs(6, [1, 10, 4, 8], [1, 1, 8, 9], {}), runConv2d({ strides: 2 })],
  [
    'conv2d() with more padding than kernel',
    conv2dInputs(7, [1, 3, 2, 2], [2, 1, 2, 3], {}),
    runConv2d({ padding: 5 }),
  ],
  ['depthwiseConv2d() of one image', depthwiseInputs(8, [1, 9, 8, 6], [3, 3, 6, 1]), runDepthwiseConv2d(WINDOW)],
  [
    'depthwiseConv2d() with more padding than kernel',
    depthwiseInputs(9, [1, 3, 4, 5], [2, 2, 5, 2]),
    runDepthwiseConv2d({ padding: 5 }),
  ],
  ['depthwiseConv2d() of four images', depthwiseInputs(10, [4, 5, 6, 20], [3, 3, 20, 2]), runDepthwiseConv2d(WINDOW)],
  [
    'depthwiseConv2d() of points at a stride',
    depthwiseInputs(21, [1, 9, 8, 6], [1, 1, 6, 1]),
    runDepthwiseConv2d({ strides: 3 }),
  ],
  [
    'depthwiseConv2d() of many channels',
    depthwiseInputs(22, [5, 7, 6, 70], [3, 3, 70, 1]),
    runDepthwiseConv2d({ padding: 'same' }),
  ],
  [
    'conv2d() of narrow groups',
    conv2dInputs(23, [1, 9, 7, 12], [3, 3, 4, 24], {}),
    runConv2d({ ...WINDOW, groups: 3 }),
  ],
  [
    'conv2d() of many narrow groups',
    conv2dInputs(30, [1, 9, 120, 68], [3, 3, 4, 68], {}),
    runConv2d({ padding: 'same', groups: 17 }),
  ],
  ['conv2d() of many positions', conv2dInputs(24, [2, 23, 19, 9], [3, 3, 9, 13], {}), runConv2d({ padding: 'same' })],
  ['conv2d() of points, of many positions', conv2dInputs(25, [3, 23, 19, 18], [1, 1, 18, 10], {}), runConv2d({})],
  [
    'maxPool2d() of one image',
    imageInputs(26, [1, 11, 9, 6]),
    ({ x }) => conv.maxPool2d(x as tf.Tensor4D, { poolSize: 3, strides: 2, padding: 'same' }),
  ],
  [
    'maxPool2d() of five images',
    imageInputs(27, [5, 6, 5, 3]),
    ({ x }) => conv.maxPool2d(x as tf.Tensor4D, { poolSize: 3, strides: 2, padding: 1 }),
  ],
  [
    'avgPool2d() of one image',
    imageInputs(28, [1, 11, 9, 6]),
    ({ x }) => conv.avgPool2d(x as tf.Tensor4D, { poolSize: 3, strides: 2, padding: 'same' }),
  ],
  [
    'avgPool2d() of five images',
    imageInputs(29, [5, 6, 5, 3]),
    ({ x }) => conv.avgPool2d(x as tf.Tensor4D, { poolSize: 3, strides: 2, padding: 1 }),
  ],
  ['batchNorm()', normInputs(30, [5, 11, 9, 21]), (tensors) => conv.batchNorm(tensors['x']!, normOptions(tensors)).y],
  [
    'batchNormInference()',
    normInputs(31, [5, 11, 9, 21]),
    (tensors) => {
      const { gamma, beta, activation } = normOptions(tensors);
      return conv.batchNormInference(tensors['x']!, tf.tensor1d(MEANS), tf.tensor1d(VARIANCES), {
        gamma,
        beta,
        activation,
      });
    },
  ],
  [
    'biasAdd()',
    { x: new Random(32).array([5, 11, 9, 21]), bias: new Random(33).array([21]) },
    ({ x, bias }) => biasAdd('add', x!, bias!),
  ],
  [
    'deformConv2d() of two images',
    deformInputs(34, [2, 9, 7, 8], [3, 2, 4, 6], { ...WINDOW, ...GROUPS }),
    runDeformConv2d({ ...WINDOW, ...GROUPS }),
  ],
  [
    'deformConv2d() of one image',
    deformInputs(11, [1, 9, 7, 8], [3, 2, 4, 6], { ...WINDOW, ...GROUPS }),
    runDeformConv2d({ ...WINDOW, ...GROUPS }),
  ],
  [
    'deformConv2d() of five images without a mask',
    deformInputs(12, [5, 4, 5, 8], [3, 3, 4, 6], { padding: 1, ...GROUPS }, { mask: false }),
    runDeformConv2d({ padding: 1, ...GROUPS }),
  ],
  [
    'deformConv2d() of one image, depthwise',
    deformInputs(13, [1, 9, 7, 8], [3, 2, 1, 16], { ...WINDOW, groups: 8, offsetGroups: 2 }),
    runDeformConv2d({ ...WINDOW, groups: 8, offsetGroups: 2 }),
  ],
];

function host(): tf.KernelBackend {
  const backend: unknown = tf.backend();
  return backend as tf.KernelBackend;
}

/** Returns the value and all gradients, on the heap. */
function results(heap: CopyingHeap, inputs: Inputs, run: (tensors: Tensors) => tf.Tensor): readonly tf.Tensor[] {
  useHeap(host(), heap);
  const tensors = toTensors(inputs);
  const y = run(tensors);
  const names = Object.keys(tensors);
  const { gradients } = valueAndGradients(run, tensors, names, toTensor(new Random(99).array(y.shape)));
  return [y, ...names.map((name) => gradients[name]!)];
}

describe.each([2, 3])('%i threads', (threads) => {
  const shared: { heap?: CopyingHeap; alone?: CopyingHeap } = {};
  beforeAll(async () => {
    await tf.setBackend('wasm');
    shared.heap = new CopyingHeap(host(), { threads, least: 0 });
    shared.alone = new CopyingHeap(host(), { least: 0 });
    shared.heap.threads.start();
    while (shared.heap.threads.ready < threads - 1) await new Promise((resolve) => setTimeout(resolve, 5));
  });

  afterAll(() => {
    shared.heap!.dispose();
    useHeap(host(), undefined);
  });

  it.each(CASES)('%s', async (_, inputs, run) => {
    await scoped(async () => {
      const together = results(shared.heap!, inputs, run);
      const alone = results(shared.alone!, inputs, run);
      expect(together).toHaveLength(Object.keys(toTensors(inputs)).length + 1);
      for (const [index, tensor] of together.entries()) {
        await expectSameBits(tensor, alone[index]!, ['y', ...Object.keys(toTensors(inputs))][index]);
      }
    });
  });

  it('a step of an optimizer, an activation and its gradient, a bias gradient', async () => {
    await scoped(async () => {
      const [a, b, c, d] = [40, 41, 42, 43].map((seed) => toTensor(new Random(seed).array([99, 21]))) as [
        tf.Tensor,
        tf.Tensor,
        tf.Tensor,
        tf.Tensor,
      ];
      const run = (heap: CopyingHeap): readonly tf.Tensor[] => {
        useHeap(host(), heap);
        const adam = adamUpdates(
          [{ value: a, gradient: b, firstMoment: c, secondMoment: d.square(), learningRate: 0.1 }],
          {
            step: 3,
            beta1: 0.9,
            beta2: 0.99,
            epsilon: 1e-7,
          },
        );
        const activation = { activation: 'relu6' };
        return [
          ...weightedSums([a], [b], 0.9, -0.1),
          ...Object.values<tf.Tensor>({ ...adam[0]! }),
          runKernelSingle('run', ACTIVATION.forward, { x: a }, activation),
          runKernelSingle('run', ACTIVATION.backward, { y: a, dy: b }, activation),
          biasGradient('run', a),
        ];
      };
      const [together, alone] = [run(shared.heap!), run(shared.alone!)];
      expect(together).toHaveLength(7);
      for (const [index, tensor] of together.entries()) await expectSameBits(tensor, alone[index]!, String(index));
    });
  });

  it('leave out samples outside of the image, whatever their gradient', async () => {
    const inputs = deformInputs(44, [1, 9, 7, 8], [3, 2, 4, 6], { padding: 1, ...GROUPS });
    const spoilt = {
      ...inputs,
      offset: { ...inputs.offset, data: inputs.offset.data.map((value, at) => (at % 50 === 7 ? 99 : value)) },
    };
    const infinite = (tensors: Tensors): tf.Tensor =>
      runDeformConv2d({ padding: 1, ...GROUPS })(tensors)
        .square()
        .square()
        .exp();
    await scoped(async () => {
      const [together, alone] = [results(shared.heap!, spoilt, infinite), results(shared.alone!, spoilt, infinite)];
      for (const [index, tensor] of together.entries()) await expectSameBits(tensor, alone[index]!, String(index));
    });
  });

  it('help if there is enough work, on memory that has grown since they started', async () => {
    const inputs = conv2dInputs(14, [1, 40, 40, 32], [3, 3, 32, 32]);
    const run = runConv2d({ padding: 'same' });
    const pool = shared.heap!.threads.start();
    const before = pool.helped;
    // On a busy machine the caller may have done everything before a worker woke up.
    for (let attempt = 0; attempt < 50 && pool.helped === before; attempt++) {
      await scoped(async () => {
        const [together, alone] = [results(shared.heap!, inputs, run), results(shared.alone!, inputs, run)];
        for (const [index, tensor] of together.entries()) await expectSameBits(tensor, alone[index]!);
      });
    }
    expect(pool.helped).toBeGreaterThan(before);
  });
});

describe('if no worker can start', () => {
  it('one thread does everything', async () => {
    await tf.setBackend('wasm');
    const modules = jest.spyOn(process, 'getBuiltinModule').mockReturnValue(undefined);
    const heap = new CopyingHeap(host(), { threads: 2, least: 0 });
    expect(heap.threads.start().usable).toBe(false);
    modules.mockRestore();
    const inputs = conv2dInputs(15, [2, 5, 6, 3], [3, 2, 3, 5]);
    await scoped(async () => {
      const without = results(heap, inputs, runConv2d(WINDOW));
      const alone = results(new CopyingHeap(host()), inputs, runConv2d(WINDOW));
      for (const [index, tensor] of without.entries()) await expectSameBits(tensor, alone[index]!);
    });
    useHeap(host(), undefined);
  });
});

describe('a pool', () => {
  it('reports a kernel that failed, after every task has finished', () => {
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
    const exports = instantiate(memory);
    const pool = new Pool(moduleFor(memory), memory, exports, 2);
    const outside = { kernel: 'weightedSum', values: [0, 0, 65536, 4, 1, 1] } as const;
    const inside = { kernel: 'weightedSum', values: [16, 16, 32, 4, 1, 1] } as const;
    new Float32Array(memory.buffer, 16, 4).fill(3);
    expect(() => {
      pool.run([[outside], [inside]]);
    }).toThrow(WebAssembly.RuntimeError);
    expect([...new Float32Array(memory.buffer, 32, 4)]).toEqual([6, 6, 6, 6]);
    pool.run([[inside], [inside]]);
    pool.dispose();
    expect(pool.usable).toBe(false);
  });
});
