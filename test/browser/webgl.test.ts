/** What only the WebGL kernels promise: programs that serve every size, textures of every kind, memory. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import { array64, type Array64 } from '../oracle/array64.js';
import { describeBackends } from '../support/backends.js';
import { expectClose, values } from '../support/compare.js';
import { toTensor, valueAndGradients, type Inputs, type Tensors } from '../support/gradient_check.js';
import {
  conv2dInputs,
  conv2dTransposeInputs,
  deformInputs,
  deformV3Inputs,
  depthwiseInputs,
  type Shape4,
} from '../support/inputs.js';
import {
  runConv2d,
  runConv2dTranspose,
  runDeformConv2d,
  runDeformConv2dV3,
  runDepthwiseConv2d,
} from '../support/ops.js';
import { Random } from '../support/random.js';
import { roiInputs, runRoi, type RoiName, type RoiOptionsOf } from '../support/roi.js';
import { scoped } from '../support/scoped.js';
import { host } from './webgl_host.js';

interface Operator {
  readonly title: string;
  /** Of an image of 8 channels. */
  readonly inputs: (x: Shape4) => Inputs;
  readonly run: (tensors: Tensors) => tf.Tensor;
  /** @default all inputs */
  readonly differentiable?: readonly string[];
}

const WINDOW = { strides: [2, 1], dilations: [1, 2], padding: [1, 2] } as const;
const GROUPED = { ...WINDOW, groups: 2, offsetGroups: 4 } as const;
const DEPTHWISE = { ...WINDOW, groups: 8, offsetGroups: 2 } as const;

const DCNV4 = {
  ...WINDOW,
  kernelSize: [3, 2],
  groups: 4,
  softmax: false,
  offsetScale: 1,
  removeCenter: false,
} as const;

const DCNV3 = {
  ...WINDOW,
  dilations: [1, 1],
  kernelSize: [3, 3],
  groups: 2,
  softmax: true,
  offsetScale: 0.5,
  removeCenter: true,
} as const;

const CONVOLUTIONS: readonly Operator[] = [
  {
    title: 'conv2d()',
    inputs: (x) => conv2dInputs(1, x, [3, 2, 4, 10]),
    run: runConv2d({ ...WINDOW, groups: 2 }),
  },
  ...(['replicate', 'circular'] as const).map((paddingMode): Operator => {
    const options = { ...WINDOW, padding: 1, groups: 2, paddingMode };
    return {
      title: `conv2d() with paddingMode '${paddingMode}'`,
      inputs: (x) => conv2dInputs(1, x, [3, 2, 4, 10]),
      run: runConv2d(options),
    };
  }),
  {
    title: 'conv2dTranspose()',
    // Padded less than the others, so that an image of one pixel has an output.
    inputs: (x) => conv2dTransposeInputs(5, x, [3, 2, 5, 8], { groups: 2 }),
    run: runConv2dTranspose({ ...WINDOW, padding: 1, groups: 2 }),
  },
  {
    title: 'depthwiseConv2d()',
    inputs: (x) => depthwiseInputs(2, x, [3, 2, 8, 2]),
    run: runDepthwiseConv2d(WINDOW),
  },
  {
    title: 'depthwiseConv2d() without a multiplier',
    inputs: (x) => depthwiseInputs(14, x, [3, 2, 8, 1]),
    run: runDepthwiseConv2d(WINDOW),
  },
  {
    title: 'deformConv2d()',
    inputs: (x) => deformInputs(3, x, [3, 2, 4, 10], GROUPED),
    run: runDeformConv2d(GROUPED),
  },
  {
    title: 'depthwise deformConv2d()',
    inputs: (x) => deformInputs(4, x, [3, 2, 1, 16], DEPTHWISE),
    run: runDeformConv2d(DEPTHWISE),
  },
  {
    title: 'depthwise deformConv2d() without a multiplier',
    inputs: (x) => deformInputs(15, x, [3, 2, 1, 8], DEPTHWISE),
    run: runDeformConv2d(DEPTHWISE),
  },
  {
    title: 'deformConv2dV3() without softmax',
    inputs: (x) => deformV3Inputs(7, x, DCNV4),
    run: runDeformConv2dV3(DCNV4),
  },
  {
    title: 'deformConv2dV3()',
    inputs: (x) => deformV3Inputs(8, x, DCNV3),
    run: runDeformConv2dV3(DCNV3),
  },
];

const region = <N extends RoiName>(name: N, options: RoiOptionsOf[N], offset?: readonly number[]): Operator => ({
  title: `${name}()`,
  inputs: (x) => roiInputs(6, x, x[0] + x[1], { spatialScale: 0.5, offset }),
  run: runRoi(name, { ...options, spatialScale: 0.5 }),
  differentiable: offset === undefined ? ['x'] : ['x', 'offset'],
});

const CLASSES = { outputDim: 2, pooledSize: 3, groupSize: 2, partSize: 2, samplesPerPart: 3 };
const REGIONS: readonly Operator[] = [
  region('roiPool', { outputSize: [2, 3] }),
  region('roiAlign', { outputSize: [2, 3] }),
  region('psRoiPool', { outputSize: [2, 4] }),
  region('psRoiAlign', { outputSize: [4, 2], samplingRatio: 2 }),
  region('deformRoiPool', { outputSize: [2, 3] }, [2, 3, 2]),
  region('deformPsRoiPool', CLASSES, [2, 2, 4]),
];

const SHUFFLE: Operator = {
  title: 'channelShuffle()',
  inputs: (x) => ({ x: new Random(11).array(x) }),
  run: ({ x }) => conv.channelShuffle(x as tf.Tensor4D, 4),
};

const DROPOUT: Operator = {
  title: 'dropout()',
  inputs: (x) => ({ x: new Random(13).array(x) }),
  run: ({ x }) => conv.dropout(x!, { rate: 0.5, seed: 1 }),
};

const POOLINGS = (['maxPool2d', 'avgPool2d'] as const).map((name): Operator => ({
  title: `${name}()`,
  inputs: (x) => ({ x: new Random(12).array(x) }),
  run: ({ x }) => conv[name](x as tf.Tensor4D, { poolSize: [3, 2], strides: [2, 1], padding: 'same' }),
}));

const OPERATORS = [...CONVOLUTIONS, ...REGIONS, SHUFFLE, DROPOUT, ...POOLINGS];

const titled = (wanted: string): Operator => OPERATORS.find(({ title }) => title === wanted)!;

/** The tensor of an input; indices of boxes are integers. */
function tensorOf(name: string, array: Array64): tf.Tensor {
  return name === 'boxIndices' ? tf.tensor(Int32Array.from(array.data), [...array.shape], 'int32') : toTensor(array);
}

/** The inputs as tensors that already lie in textures. */
function texturesOf(inputs: Inputs): Tensors {
  const given = Object.entries(inputs).flatMap(([name, array]) =>
    array ? [[name, tensorOf(name, array)] as const] : [],
  );
  const tensors = Object.fromEntries(given);
  for (const { dataId } of Object.values(tensors)) host().uploadToGPU(dataId);
  return tensors;
}

/** Tensors in textures and an upstream gradient for an operator; `run` works out value and gradients from them. */
function prepare({ inputs, run, differentiable }: Operator, x: Shape4): { run: () => void; dispose: () => void } {
  const tensors = texturesOf(inputs(x));
  const dy = toTensor(new Random(9).array(tf.tidy(() => run(tensors).shape)));
  host().uploadToGPU(dy.dataId);
  const names = differentiable ?? Object.keys(tensors);
  return {
    run: () => {
      tf.tidy(() => {
        valueAndGradients(run, tensors, names, dy);
      });
    },
    dispose: () => {
      tf.dispose([dy, ...Object.values(tensors).flatMap((tensor) => tensor ?? [])]);
    },
  };
}

function runAll(operator: Operator, x: Shape4): void {
  const { run, dispose } = prepare(operator, x);
  run();
  dispose();
}

/** Number of programs, the host's among them, that are compiled while `body` runs. */
function programsOf(body: () => void): number {
  const { gl } = host().gpgpu;
  const link = WebGL2RenderingContext.prototype.linkProgram.bind(gl);
  let count = 0;
  gl.linkProgram = (program) => {
    count++;
    link(program);
  };
  try {
    body();
  } finally {
    Reflect.deleteProperty(gl, 'linkProgram');
  }
  return count;
}

describeBackends('WebGL kernels', (backend) => {
  test('are counted together with the host’s', () => {
    // 3 · 7 · 211 elements: a shape that nothing else has here.
    expect(programsOf(() => tf.tidy(() => tf.square(tf.ones([3, 7, 211]))))).toBeGreaterThan(0);
  });

  test.each(OPERATORS)('of $title compile nothing at another input size', (operator) => {
    runAll(operator, [2, 9, 11, 8]);
    for (const x of [
      [3, 13, 10, 8],
      [1, 6, 7, 8],
      [1, 1, 1, 8],
    ] as const) {
      // Not counted: what the host compiles to upload values of a new shape.
      const { run, dispose } = prepare(operator, x);
      expect({ x, count: programsOf(run) }).toEqual({ x, count: 0 });
      dispose();
    }
  });

  test.each(OPERATORS)('of $title read packed, sliced, moved and lazily uploaded tensors', async (operator) => {
    const { run } = operator;
    const plain = operator.inputs([3, 9, 11, 8]);
    const names = Object.keys(plain);
    const differentiable = operator.differentiable ?? names;
    const toAll = (make: (name: string) => tf.Tensor): Tensors =>
      Object.fromEntries(names.map((name) => [name, make(name)]));
    await tf.setBackend('cpu');
    const moved = toAll((name) => tensorOf(name, plain[name]!));
    await tf.setBackend('webgl');
    await scoped(async () => {
      const textures = texturesOf(plain);
      // What the host computed is packed, and a slice is a part of another tensor's texture.
      const packed = toAll((name) => tf.add(textures[name]!, tf.scalar(0, textures[name]!.dtype)));
      const sliced = toAll((name) => {
        const { shape, data } = plain[name]!;
        const twice = tensorOf(name, {
          shape: [2 * shape[0]!, ...shape.slice(1)],
          data: Float64Array.from([...data.map(() => 7), ...data]),
        });
        host().uploadToGPU(twice.dataId);
        return tf.slice(twice, [shape[0]!, ...shape.slice(1).fill(0)], [...shape]);
      });
      const lazy = toAll((name) => tensorOf(name, plain[name]!));
      const dataOf = (tensors: Tensors, name: string) => host().texData.get(tensors[name]!.dataId);
      expect(names.filter((name) => dataOf(packed, name).isPacked !== true)).toEqual([]);
      expect(names.filter((name) => dataOf(sliced, name).slice == null)).toEqual([]);

      const dy = toTensor(new Random(9).array(run(textures).shape));
      const want = valueAndGradients(run, textures, differentiable, dy);
      for (const tensors of [packed, sliced, moved, lazy]) {
        const got = valueAndGradients(run, tensors, differentiable, dy);
        await expectClose(got.y, await values(want.y), 0, 'y');
        for (const name of differentiable) {
          await expectClose(got.gradients[name]!, await values(want.gradients[name]!), backend.tolerance, `d_${name}`);
        }
      }
    });
    tf.dispose(Object.values(moved).flatMap((tensor) => tensor ?? []));
  });

  test.each(REGIONS)('of $title read no image after the batch in a larger texture', async ({ inputs, run }) => {
    const { x, boxes, boxIndices, offset } = inputs([2, 9, 11, 8]);
    await scoped(async () => {
      const { both, ...others } = texturesOf({ both: x, boxes, boxIndices: boxIndices!, offset });
      const first = tf.slice(both!, 0, 1);
      expect(host().texData.get(first.dataId).slice).toBeTruthy();
      const indices = tf.onesLike(others['boxIndices']!);
      const y = run({ ...others, x: first, boxIndices: indices });
      await expectClose(y, array64(y.shape), 0);
    });
  });

  test.each([titled('deformConv2d()'), REGIONS[0]!, REGIONS[5]!])(
    'of $title keep memory flat over 200 steps',
    (operator) => {
      const memory = (): unknown => {
        const { numTensors, numDataBuffers, ...rest } = tf.memory();
        return { numTensors, numDataBuffers, bytes: (rest as { numBytesInGPU?: number }).numBytesInGPU };
      };
      const allocated = (): number => (tf.memory() as { numBytesInGPUAllocated?: number }).numBytesInGPUAllocated!;
      runAll(operator, [1, 5, 4, 8]);
      const [before, textures] = [memory(), allocated()];
      for (let step = 0; step < 200; step++) runAll(operator, [1, 5, 4, 8]);
      expect(memory()).toEqual(before);
      expect(allocated()).toBe(textures);
    },
  );
});
