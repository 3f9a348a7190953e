/**
 * Behaviour when WebAssembly runs out of memory: one error, and everything else unchanged. Every kernel is recorded
 * once in an ordinary call and then called again with each of its allocations failing in turn, and with the memory
 * full.
 */
import * as tf from '@tensorflow/tfjs';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { HostModule } from '../../../src/backends/wasm/allocation.js';
import { CopyingHeap } from '../../../src/backends/wasm/copying_heap.js';
import { geometryFields } from '../../../src/backends/wasm/geometry.js';
import { instantiate } from '../../../src/backends/wasm/loader.js';
import * as conv from '../../../src/index.js';
import { OPS } from '../../../src/ops/registry.js';
import { recordKernels, type Recorded } from '../../support/record_kernels.js';
import { scoped } from '../../support/scoped.js';

const MESSAGE =
  /^Cannot allocate memory on wasm: WebAssembly has 4294967296 bytes at most \(.*\), received bytes = (\d+|Infinity)$/;

function wasm(): BackendWasm {
  const backend: unknown = tf.backend();
  return backend as BackendWasm;
}

function module(): HostModule {
  return wasm().wasm;
}

/** Runs a kernel as the engine does; the caller owns the outputs. */
function run({ kernel, args }: Recorded): tf.TensorInfo[] {
  return [kernel.kernelFunc(args)].flat();
}

function dispose(tensors: readonly tf.TensorInfo[]): void {
  for (const { dataId } of tensors) wasm().disposeData(dataId);
}

/** Returns the message of the error that a call throws, or that it ran. */
function attempt(call: Recorded, check?: (outputs: readonly tf.TensorInfo[]) => void): string {
  try {
    const outputs = run(call);
    check?.(outputs);
    dispose(outputs);
    return `${call.kernel.kernelName} ran`;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Returns the bits of tensors. */
function bits(tensors: readonly tf.TensorInfo[]): string[] {
  return tensors.map(({ dataId }) => Buffer.from((wasm().readSync(dataId) as Float32Array).buffer).toString('base64'));
}

/** Counts blocks that are not freed, and lets one allocation fail. */
class Allocator {
  readonly taken = new Set<number>();
  calls = 0;
  private readonly malloc: HostModule['_malloc'];
  private readonly free: HostModule['_free'];

  constructor(
    private readonly host: HostModule,
    failing: number,
  ) {
    this.malloc = host._malloc;
    this.free = host._free;
    Object.assign(host, {
      _malloc: (bytes: number) => {
        this.calls++;
        const address = this.calls === failing ? 0 : this.malloc(bytes);
        if (address !== 0) this.taken.add(address >>> 0);
        return address;
      },
      _free: (address: number) => {
        this.taken.delete(address >>> 0);
        this.free(address);
      },
    });
  }

  restore(): void {
    Object.assign(this.host, { _malloc: this.malloc, _free: this.free });
  }
}

/** Allocates all memory except blocks smaller than `smallest`; returns a function that frees it. */
function fill(smallest = 1): () => void {
  const host = module();
  const blocks: number[] = [];
  const take = (bytes: number): number => {
    try {
      return host._malloc(bytes) >>> 0;
    } catch {
      return 0; // a guarded one throws
    }
  };
  for (let bytes = 2 ** 30; bytes >= smallest; bytes /= 2) {
    for (let address; (address = take(bytes)) !== 0;) blocks.push(address);
  }
  return () => {
    for (const address of blocks) host._free(address);
  };
}

describe('kernels on the memory of TensorFlow.js', () => {
  const recorded: Recorded[] = [];
  beforeAll(async () => {
    await tf.setBackend('wasm');
    recorded.push(...(await recordKernels('wasm')));
  });

  it('are all recorded', () => {
    const names = OPS.flatMap(({ kernels }) => kernels.filter(({ backendName }) => backendName === 'wasm'))
      .map(({ kernelName }) => kernelName)
      .filter((name) => name !== 'Convolutions/Identity');
    expect(names.filter((name) => !recorded.some(({ kernel }) => kernel.kernelName === name))).toEqual([]);
  });

  it('throw when an allocation fails, and free what they allocated', () => {
    const faults: string[] = [];
    for (const call of recorded) {
      const right = run(call);
      const want = bits(right);
      dispose(right);
      const tensors = wasm().numDataIds();
      const fault = (what: string): void => void faults.push(`${call.kernel.kernelName}: ${what}`);
      for (let failing = 1; ; failing++) {
        const allocator = new Allocator(module(), failing);
        const message = attempt(call, (outputs) => {
          if (allocator.calls < failing && String(bits(outputs)) !== String(want)) fault('other values afterwards');
        });
        allocator.restore();
        if (allocator.calls < failing) {
          if (failing === 1) fault('allocates nothing');
          break;
        }
        if (!MESSAGE.test(message)) fault(`allocation ${failing}: ${message}`);
        if (allocator.taken.size > 0) fault(`allocation ${failing}: ${allocator.taken.size} blocks lost`);
      }
      if (wasm().numDataIds() !== tensors) fault('tensors lost');
    }
    expect(faults).toEqual([]);
  });

  it('throw when memory is full, and run again when there is some', () => {
    const want = recorded.map((call) => {
      const outputs = run(call);
      const result = bits(outputs);
      dispose(outputs);
      return result;
    });
    const tensors = wasm().numDataIds();
    const give = fill();
    const messages = recorded.map((call) => attempt(call));
    give();
    expect(messages.filter((message) => !MESSAGE.test(message))).toEqual([]);
    expect(wasm().numDataIds()).toBe(tensors);
    recorded.forEach((call, index) => {
      const outputs = run(call);
      expect(bits(outputs)).toEqual(want[index]);
      dispose(outputs);
    });
  });

  it('reject an input for which TensorFlow.js had no memory', async () => {
    await scoped(() => {
      const give = fill(4096);
      const dataId = wasm().write(null, [64, 64], 'float32');
      const x = tf.engine().makeTensorFromTensorInfo({ dataId, shape: [64, 64], dtype: 'float32' });
      give();
      expect(() => conv.channelShuffle(tf.reshape<tf.Rank.R3>(x, [1, 64, 64]), 2)).toThrow(MESSAGE);
      return Promise.resolve();
    });
  });
});

describe('sizes of scratch memory', () => {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const exports = instantiate(memory);
  const plain = {
    ...{ batch: 1, inHeight: 1, inWidth: 1, inChannels: 1, outHeight: 1, outWidth: 1, outChannels: 1 },
    ...{ kernelHeight: 1, kernelWidth: 1, strideHeight: 1, strideWidth: 1, dilationHeight: 1, dilationWidth: 1 },
    ...{ padTop: 0, padLeft: 0, padBottom: 0, padRight: 0, groups: 1 },
  };

  /** Size in bytes for a geometry whose other fields are small. */
  function measure(
    name: 'convolution' | 'convolutionFilter' | 'depthwise' | 'deformDepthwise',
    changes: object,
  ): number {
    const offsetGroups = name === 'deformDepthwise' || 'offsetGroups' in changes ? 1 : 0;
    new Int32Array(memory.buffer, 64).set(geometryFields({ ...plain, ...changes }, offsetGroups));
    return exports[`${name}Scratch`](64);
  }

  const huge = { kernelHeight: 2 ** 14, kernelWidth: 2 ** 15 };
  it.each([
    // A packed operand has at least four columns, a tile 4 rows if there is any, a planned sample 64 bytes.
    ['convolution', huge, 16 * 2 ** 29],
    ['convolution', { ...huge, outHeight: 4, outWidth: 4 }, 4 * 16 * 2 ** 29],
    ['convolutionFilter', { ...huge, outHeight: 4, outWidth: 4 }, 4 * 16 * 2 ** 29],
    ['convolution', { ...huge, offsetGroups: 1 }, 64 * 2 ** 29],
    [
      'convolution',
      { inChannels: 3 * 2 ** 12, outChannels: 2 ** 12, groups: 2 ** 12, kernelHeight: 2 ** 8, kernelWidth: 2 ** 7 },
      16 * 3 * 2 ** 27,
    ],
    ['deformDepthwise', huge, 100 * 2 ** 29],
    ['depthwise', { inHeight: 2 ** 28, outHeight: 2 ** 28 }, 16 * 2 ** 28],
  ] as const)('%sScratch() of %j does not wrap at 2³²', (name, changes, least) => {
    expect(measure(name, changes)).toBeGreaterThanOrEqual(least);
  });
});

describe('kernels on separate memory', () => {
  it('throw when memory does not suffice, and run again', async () => {
    await tf.setBackend('cpu');
    const active: unknown = tf.backend();
    const backend = active as tf.KernelBackend;
    const heap = new CopyingHeap(backend);
    const before = { tensors: tf.memory().numTensors, ids: backend.numDataIds() };
    const taken: number[] = [];
    for (const bytes of [2 ** 32, 2 ** 33 + 64, 2 ** 53, Infinity]) {
      expect(() =>
        heap.run(({ output, scratch }) => {
          taken.push(output([2, 3]));
          scratch(bytes);
        }),
      ).toThrow(MESSAGE);
    }
    expect(() => heap.run(({ output }) => output([40000, 40000]))).toThrow(MESSAGE);
    expect({ tensors: tf.memory().numTensors, ids: backend.numDataIds() }).toEqual(before);
    // Blocks allocated before the error are free again.
    expect(new Set(taken).size).toBe(1);
    const [y] = heap.run(({ output, floats }) => {
      floats(output([2]), 2).set([3, 4]);
    });
    expect([...(backend.readSync(y!.dataId) as Float32Array)]).toEqual([3, 4]);
    backend.disposeData(y!.dataId);
  });
});

describe('operators that call TensorFlow.js kernels', () => {
  const enlarge = conv.layers.upSampling2d({ size: 8 });
  // Inputs are uploaded beforehand: the uploads of TensorFlow.js are not checked.
  const calls: Readonly<Record<string, (x: tf.Tensor4D, dy: tf.Tensor4D) => tf.Tensor>> = {
    resizeBilinear: (x) => conv.resizeBilinear(x, [64, 96]),
    'the gradient of resizeBilinear': (x, dy) => tf.grad((y) => conv.resizeBilinear(y as tf.Tensor4D, [64, 96]))(x, dy),
    'nearest upsampling': (x) => enlarge.apply(x) as tf.Tensor,
    'the gradient of nearest upsampling': (x, dy) => tf.grad((y) => enlarge.apply(y) as tf.Tensor)(x, dy),
  };

  it.each(Object.entries(calls))(
    '%s throws when memory is full, and runs again when there is some',
    async (_, call) => {
      await tf.setBackend('wasm');
      await scoped(() => {
        const x = tf.reshape<tf.Rank.R4>(tf.range(0, 8 * 12 * 3), [1, 8, 12, 3]);
        const dy = tf.ones<tf.Rank.R4>([1, 64, 96, 3]);
        const want = tf.tidy(() => [...call(x, dy).dataSync()]);
        const [{ numTensors }, malloc] = [tf.memory(), module()._malloc];
        const give = fill(4096);
        let message = 'ran';
        try {
          tf.dispose(tf.tidy(() => call(x, dy)));
        } catch (error) {
          ({ message } = error as Error);
        }
        give();
        expect(message).toMatch(MESSAGE);
        expect(tf.memory().numTensors).toBe(numTensors);
        expect(module()._malloc).toBe(malloc);
        expect(tf.tidy(() => [...call(x, dy).dataSync()])).toEqual(want);
        return Promise.resolve();
      });
    },
  );

  it('resizeBilinear throws for a size for which XNNPACK has no memory besides the output', async () => {
    await tf.setBackend('wasm');
    await scoped(() => {
      const x = tf.ones<tf.Rank.R4>([1, 8, 8, 1]);
      expect(() => conv.resizeBilinear(x, [14000, 14000])).toThrow(MESSAGE);
      expect(conv.resizeBilinear(x, [2, 2]).arraySync()).toEqual([
        [
          [[1], [1]],
          [[1], [1]],
        ],
      ]);
      return Promise.resolve();
    });
  });
});

describe('allocations of TensorFlow.js after accelerateStockLayers()', () => {
  const upload = (): tf.Tensor => tf.tensor1d(new Float32Array(2048).fill(7));

  it.each(['before', 'after'])('throw when they fail, if it was called %s the backend started', async (when) => {
    const start = tf.findBackendFactory('wasm');
    tf.removeBackend('wasm');
    tf.registerBackend('wasm', start);
    if (when === 'after') await tf.setBackend('wasm');
    const restore = conv.accelerateStockLayers();
    await tf.setBackend('wasm');
    const x = tf.range(0, 2048);
    const { numTensors } = tf.memory();
    const ids = wasm().numDataIds();
    const give = fill();
    for (const call of [
      upload,
      () => tf.add(x, 1),
      () => tf.matMul(tf.reshape(x, [2048, 1]), tf.reshape(x, [1, 2048])),
    ]) {
      expect(() => tf.tidy(call)).toThrow(MESSAGE);
    }
    give();
    expect({ numTensors: tf.memory().numTensors, ids: wasm().numDataIds() }).toEqual({ numTensors, ids });
    expect([...x.dataSync().subarray(2040)]).toEqual([2040, 2041, 2042, 2043, 2044, 2045, 2046, 2047]);
    expect(tf.tidy(() => tf.sum(upload()).arraySync())).toBe(7 * 2048);
    x.dispose();
    const malloc = module()._malloc;
    restore();
    expect(module()._malloc).not.toBe(malloc);
  });
});
