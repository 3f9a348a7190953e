/** What only the WebGL kernels promise: programs, scatter with and without blending, tiles, textures of every kind. */
import * as tf from '@tensorflow/tfjs';
import { describeBackends } from '../support/backends.js';
import { expectClose, values } from '../support/compare.js';
import {
  checkOp,
  toTensor,
  toTensors,
  valueAndGradients,
  type Inputs,
  type Tensors,
} from '../support/gradient_check.js';
import { conv2dInputs, deformInputs, depthwiseInputs, type Shape4 } from '../support/inputs.js';
import {
  conv2dCase,
  deformConv2dCase,
  depthwiseConv2dCase,
  runConv2d,
  runDeformConv2d,
  runDepthwiseConv2d,
} from '../support/ops.js';
import { Random } from '../support/random.js';

interface Operator {
  readonly title: string;
  readonly inputs: (x: Shape4) => Inputs;
  readonly run: (tensors: Tensors) => tf.Tensor;
}

const WINDOW = { strides: [2, 1], dilations: [1, 2], padding: [1, 2] } as const;
const GROUPED = { ...WINDOW, groups: 2, offsetGroups: 4 } as const;
const DEPTHWISE = { ...WINDOW, groups: 8, offsetGroups: 2 } as const;

const OPERATORS: readonly Operator[] = [
  {
    title: 'conv2d()',
    inputs: (x) => conv2dInputs(1, x, [3, 2, 4, 10], { bias: false }),
    run: runConv2d({ ...WINDOW, groups: 2 }),
  },
  {
    title: 'depthwiseConv2d()',
    inputs: (x) => depthwiseInputs(2, x, [3, 2, 8, 2], { bias: false }),
    run: runDepthwiseConv2d(WINDOW),
  },
  {
    title: 'deformConv2d()',
    inputs: (x) => deformInputs(3, x, [3, 2, 4, 10], GROUPED, { bias: false }),
    run: runDeformConv2d(GROUPED),
  },
  {
    title: 'depthwise deformConv2d()',
    inputs: (x) => deformInputs(4, x, [3, 2, 1, 16], DEPTHWISE, { bias: false }),
    run: runDeformConv2d(DEPTHWISE),
  },
];

/** The host's backend, as far as these tests reach into it. */
interface Host {
  readonly gpgpu: { readonly gl: WebGL2RenderingContext };
  readonly texData: { get(dataId: object): { isPacked?: boolean; slice?: object | null } };
  uploadToGPU(dataId: object): void;
}

function host(): Host {
  const backend: unknown = tf.backend();
  return backend as Host;
}

/** Runs value and gradients, on inputs that already lie in textures. */
function runAll({ inputs, run }: Operator, x: Shape4): void {
  tf.tidy(() => {
    const tensors = toTensors(inputs(x));
    const dy = toTensor(new Random(9).array(run(tensors).shape));
    for (const tensor of [...Object.values(tensors), dy]) host().uploadToGPU(tensor!.dataId);
    valueAndGradients(run, tensors, Object.keys(tensors), dy);
  });
}

describeBackends('WebGL kernels', (backend) => {
  test.each(OPERATORS)('of $title compile nothing at another input size', (operator) => {
    runAll(operator, [2, 9, 11, 8]);
    const { gl } = host().gpgpu;
    let count = 0;
    const link = WebGL2RenderingContext.prototype.linkProgram.bind(gl);
    gl.linkProgram = (program) => {
      count++;
      link(program);
    };
    try {
      for (const x of [
        [3, 13, 10, 8],
        [1, 6, 7, 8],
        [1, 1, 1, 8],
      ] as const) {
        const tensors = toTensors(operator.inputs(x));
        const dy = toTensor(new Random(9).array(tf.tidy(() => operator.run(tensors).shape)));
        for (const tensor of [...Object.values(tensors), dy]) host().uploadToGPU(tensor!.dataId);
        count = 0;
        tf.tidy(() => valueAndGradients(operator.run, tensors, Object.keys(tensors), dy));
        expect({ x, count }).toEqual({ x, count: 0 });
        tf.dispose([...Object.values(tensors).flatMap((tensor) => tensor ?? []), dy]);
      }
    } finally {
      Reflect.deleteProperty(gl, 'linkProgram');
    }
  });

  describe('without float blending', () => {
    let restore: () => void;
    let asked = 0;
    beforeAll(() => {
      const { gl } = host().gpgpu;
      const getExtension: (name: string) => unknown = WebGL2RenderingContext.prototype.getExtension.bind(gl);
      const hidden = (name: string): unknown => {
        if (name !== 'EXT_float_blend') return getExtension(name);
        asked++;
        return null;
      };
      Object.defineProperty(gl, 'getExtension', { value: hidden, configurable: true });
      restore = () => {
        Reflect.deleteProperty(gl, 'getExtension');
      };
    });
    afterAll(() => {
      restore();
    });

    const x: Shape4 = [2, 5, 6, 8];
    test.each([
      ['one group', deformConv2dCase(deformInputs(5, x, [3, 2, 8, 5], WINDOW), WINDOW)],
      ['groups', deformConv2dCase(deformInputs(6, x, [3, 2, 4, 10], GROUPED), GROUPED)],
      ['no mask', deformConv2dCase(deformInputs(7, x, [3, 2, 4, 10], GROUPED, { mask: false }), GROUPED)],
      ['depthwise', deformConv2dCase(deformInputs(8, x, [3, 2, 1, 16], DEPTHWISE, { reach: 6 }), DEPTHWISE)],
    ])('deformConv2d() matches the oracle in value and gradients: %s', async (_, op) => {
      const before = asked;
      await checkOp(op, backend.tolerance);
      expect(asked).toBeGreaterThan(before);
    });
  });

  describe('on small textures', () => {
    const side = tf.env().getNumber('WEBGL_MAX_TEXTURE_SIZE');
    beforeAll(() => {
      tf.env().set('WEBGL_MAX_TEXTURE_SIZE', 64);
    });
    afterAll(() => {
      tf.env().set('WEBGL_MAX_TEXTURE_SIZE', side);
    });

    // 36 texels for each pair of positions: tiles of 226 positions.
    const sizes: readonly Shape4[] = [
      [1, 20, 22, 8],
      [4, 10, 11, 8],
    ];
    const same = { padding: 'same' } as const;
    test.each(
      sizes.flatMap((x) => [
        [`conv2d() of ${x.join(' × ')}`, conv2dCase(conv2dInputs(10, x, [3, 3, 8, 5]), same)] as const,
        [
          `strided conv2d() of ${x.join(' × ')}`,
          conv2dCase(conv2dInputs(11, x, [4, 3, 8, 5]), { padding: [3, 1], dilations: [2, 1] }),
        ] as const,
        [
          `depthwiseConv2d() of ${x.join(' × ')}`,
          depthwiseConv2dCase(depthwiseInputs(12, x, [3, 3, 8, 1]), same),
        ] as const,
      ]),
    )('%s matches the oracle in value and gradients, tile by tile', async (_, op) => {
      await checkOp(op, backend.tolerance);
    });

    test.each([
      ['deformConv2d()', [3, 3, 4, 6] as const, { ...same, groups: 1 }],
      ['depthwise deformConv2d()', [3, 3, 1, 4] as const, { ...same, groups: 4 }],
    ])('%s matches the oracle in value and gradients, tile by tile', async (_, filter, options) => {
      await checkOp(deformConv2dCase(deformInputs(13, [1, 14, 16, 4], filter, options), options), backend.tolerance);
    });
  });

  test.each(OPERATORS)('of $title read packed, sliced and moved tensors', async ({ inputs, run }) => {
    const x: Shape4 = [3, 9, 11, 8];
    const plain = inputs(x);
    const names = Object.keys(plain);
    const reference = tf.tidy(() => run(toTensors(plain)));
    const want = await values(reference);
    reference.dispose();
    // Packed: what the host computed. Sliced: a part of another tensor's texture.
    const packed = tf.tidy(() =>
      Object.fromEntries(names.map((name) => [name, tf.keep(tf.add(toTensor(plain[name]!), 0))])),
    );
    expect(host().texData.get(packed['x']!.dataId).isPacked).toBe(true);
    const sliced = tf.tidy(() =>
      Object.fromEntries(
        names.map((name) => {
          const { shape, data } = plain[name]!;
          const twice = toTensor({
            shape: [2 * shape[0]!, ...shape.slice(1)],
            data: Float64Array.from([...data.map(() => 7), ...data]),
          });
          host().uploadToGPU(twice.dataId);
          return [name, tf.keep(tf.slice(twice, [shape[0]!, 0, 0, 0], [...shape]))];
        }),
      ),
    );
    expect(names.every((name) => host().texData.get(sliced[name]!.dataId).slice != null)).toBe(true);
    await tf.setBackend('cpu');
    const moved = toTensors(plain);
    await tf.setBackend('webgl');
    for (const tensors of [packed, sliced, moved]) {
      const got = tf.tidy(() => run(tensors));
      await expectClose(got, want, 0);
      got.dispose();
      tf.dispose(Object.values(tensors).flatMap((tensor) => tensor ?? []));
    }
  });

  test('keep memory flat over 200 steps', () => {
    const operator = OPERATORS[2]!;
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
  });
});
