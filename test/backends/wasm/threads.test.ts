/** Kernels that divide their work among threads, on separate shared memory: the results equal those of one thread. */
import * as tf from '@tensorflow/tfjs';
import '../../../src/index.js';
import { CopyingHeap } from '../../../src/backends/wasm/copying_heap.js';
import { useHeap } from '../../../src/backends/wasm/heaps.js';
import { instantiate, moduleFor } from '../../../src/backends/wasm/loader.js';
import { Pool } from '../../../src/backends/wasm/threads/pool.js';
import { expectClose, expectSameBits } from '../../support/compare.js';
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
    shared.alone = new CopyingHeap(host());
    shared.heap.threads!.start();
    while (shared.heap.threads!.ready < threads - 1) await new Promise((resolve) => setTimeout(resolve, 5));
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
        await expectClose(tensor, alone[index]!, 2e-6, ['y', ...Object.keys(toTensors(inputs))][index]);
      }
    });
  });

  it('help if there is enough work, on memory that has grown since they started', async () => {
    const inputs = conv2dInputs(14, [1, 40, 40, 32], [3, 3, 32, 32]);
    const run = runConv2d({ padding: 'same' });
    const pool = shared.heap!.threads!.start();
    const before = pool.helped;
    // On a busy machine the caller may have done everything before a worker woke up.
    for (let attempt = 0; attempt < 50 && pool.helped === before; attempt++) {
      await scoped(async () => {
        const [together, alone] = [results(shared.heap!, inputs, run), results(shared.alone!, inputs, run)];
        for (const [index, tensor] of together.entries()) await expectClose(tensor, alone[index]!, 5e-6);
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
    expect(heap.threads!.start().usable).toBe(false);
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
