/** Checkpointed functions beside the same functions run as usual. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import { isVariable } from '../../src/support/tensor_tree.js';
import { SGD } from '../../src/training/index.js';
import { compareCaptured } from '../capture/support/compare_captured.js';
import { describeBackends, type TestBackend } from '../support/backends.js';
import { expectClose, expectSameBits } from '../support/compare.js';
import { anything, testRefusals } from '../support/refusals.js';

type Block = (...args: tf.Tensor4D[]) => tf.Tensor;

/** Wraps the blocks of a function: in a checkpoint, or in nothing. */
type Wrap = (block: Block) => Block;

/** A function with blocks, and its variables. */
interface Subject {
  readonly loss: (x: tf.Tensor4D) => tf.Tensor;
  readonly variables?: readonly tf.Variable[];
}

const asUsual: Wrap = (block) => block;
const { checkpoint } = conv;

const image = (seed = 1): tf.Tensor4D => tf.randomUniform([2, 6, 5, 3], -1, 1, 'float32', seed);

function weight(seed: number, ...shape: [number, number, number, number]): tf.Variable<tf.Rank.R4> {
  return tf.tidy(() => tf.variable(tf.randomUniform(shape, -0.5, 0.5, 'float32', seed)));
}

/** Layers with weights that depend on the seed alone. */
function layer(seed: number, filters = 3): tf.layers.Layer {
  const kernelInitializer = tf.initializers.randomUniform({ minval: -0.5, maxval: 0.5, seed });
  return conv.layers.conv2d({ filters, kernelSize: 3, padding: 'same', kernelInitializer });
}

/** A function that calls layers one after another in training mode, and what it may change. */
function chain(layers: readonly tf.layers.Layer[], wrap: Wrap): Subject {
  const block = wrap((x) => layers.reduce((y: tf.Tensor, part) => part.apply(y, { training: true }) as tf.Tensor, x));
  // Creates the weights.
  tf.dispose(tf.tidy(() => block(image())));
  const variables = layers.flatMap(({ weights }) => weights.map((variable) => variable.read())).filter(isVariable);
  return { loss: (x) => block(x.mul(2)).square(), variables };
}

const SUBJECTS: readonly (readonly [string, (wrap: Wrap) => Subject])[] = [
  ['a chain of operators', (wrap) => ({ loss: wrap((x) => x.tanh().square().exp()) })],
  [
    'two blocks, a variable in each',
    (wrap) => {
      const [a, b] = [weight(1, 3, 3, 3, 4), weight(2, 3, 3, 4, 2)];
      const first = wrap((x) => conv.conv2d(x, a).tanh());
      const second = wrap((x) => conv.conv2d(x, b).square());
      return { loss: (x) => second(first(x) as tf.Tensor4D), variables: [a, b] };
    },
  ],
  [
    'a residual block',
    (wrap) => {
      const a = weight(1, 1, 1, 3, 3);
      const block = wrap((x) => conv.conv2d(x, a).tanh().add(x));
      return { loss: (x) => block(block(x.square()) as tf.Tensor4D).square(), variables: [a] };
    },
  ],
  [
    'normalisation with moving averages',
    (wrap) => chain([layer(1), conv.layers.batchNormalization({ activation: 'relu' }), layer(2)], wrap),
  ],
  ['a normalisation of TensorFlow.js', (wrap) => chain([layer(1), tf.layers.batchNormalization({})], wrap)],
  ['dropout with a seed', (wrap) => chain([layer(1), conv.layers.dropout({ rate: 0.4, seed: 7 }), layer(2)], wrap)],
  [
    'a counter',
    (wrap) => {
      const count = tf.tidy(() => tf.variable(tf.scalar(0)));
      return {
        loss: wrap((x) => {
          count.assign(count.add(1));
          return x.square();
        }),
        variables: [count],
      };
    },
  ],
  [
    'a block in a block',
    (wrap) => {
      const [a, b] = [weight(1, 3, 3, 3, 4), weight(2, 3, 3, 4, 2)];
      const inner = wrap((x) => conv.conv2d(conv.dropout(x, { rate: 0.3, seed: 1 }), b).tanh());
      const outer = wrap((x) => inner(conv.conv2d(x, a).tanh<tf.Tensor4D>()).square());
      return { loss: (x) => outer(x.tanh()), variables: [a, b] };
    },
  ],
  ['the same tensor as two arguments', (wrap) => ({ loss: (x) => wrap((a, b) => a.tanh().mul(b.exp()))(x, x) })],
  ['its argument as the result', (wrap) => ({ loss: (x) => wrap((a) => a)(x.square()).tanh() })],
  ['an argument from outside as well', (wrap) => ({ loss: (x) => wrap((a) => a.tanh().mul(x.exp()))(x) })],
  [
    'indices, and a gradient to one argument of two',
    (wrap) => {
      const boxes = tf.tensor2d([[0, 0, 4, 4]]) as tf.Tensor as tf.Tensor4D;
      const indices = tf.tensor1d([1], 'int32') as unknown as tf.Tensor4D;
      const pool = wrap((x, where, index) =>
        conv.roiAlign(x, where as unknown as tf.Tensor2D, index as unknown as tf.Tensor1D, { outputSize: 2 }).square(),
      );
      return { loss: (x) => pool(x.tanh(), boxes, indices) };
    },
  ],
  [
    'an argument that it disposes',
    (wrap) => {
      const block = wrap((x) => {
        const y = x.tanh();
        x.dispose();
        return y.exp();
      });
      return { loss: (x) => block(x.mul(2)) };
    },
  ],
  [
    'a gradient in a block',
    (wrap) => {
      const a = weight(1, 1, 1, 3, 3);
      const slope = (x: tf.Tensor4D): tf.Tensor => tf.grad((z) => conv.conv2d(z as tf.Tensor4D, a).pow(3))(x);
      const block = wrap(slope);
      return { loss: (x) => block(x.mul(2)).square(), variables: [a] };
    },
  ],
];

/** Value, gradients of the input and the variables, and the variables afterwards. */
function allOf({ loss, variables = [] }: Subject, x: tf.Tensor4D): tf.Tensor[] {
  return tf.tidy(() => {
    const trained = variables.filter(({ trainable }) => trainable);
    const engine = tf.engine() as unknown as {
      gradients: (
        f: () => tf.Tensor,
        xs: tf.Tensor[],
        dy: null,
        some: boolean,
      ) => { value: tf.Tensor; grads: tf.Tensor[] };
    };
    const { value: y, grads } = engine.gradients(() => loss(x), [x, ...trained], null, true);
    return [y, ...grads.filter(Boolean), ...variables.map((variable) => variable.clone())];
  });
}

async function expectSame({ repeatable }: TestBackend, got: tf.Tensor[], want: tf.Tensor[]): Promise<void> {
  expect(got).toHaveLength(want.length);
  for (const [index, tensor] of got.entries()) {
    const name = `result ${index}`;
    await (repeatable ? expectSameBits(tensor, want[index]!, name) : expectClose(tensor, want[index]!, 1e-4, name));
  }
  tf.dispose([...got, ...want]);
}

describeBackends('checkpoint()', (backend) => {
  test.each(SUBJECTS)('has the values and gradients of %s', async (_, make) => {
    const [usual, recomputed] = [make(asUsual), make(checkpoint)];
    const x = image();
    for (let call = 0; call < 3; call++) {
      const before = tf.memory().numTensors;
      const want = allOf(usual, x);
      const got = allOf(recomputed, x);
      await expectSame(backend, got, want);
      expect(tf.memory().numTensors).toBe(before);
    }
  });

  it('draws the masks of the forward pass again, of the host and of this package', async () => {
    for (const drop of [
      (x: tf.Tensor) => tf.dropout(x, 0.5),
      (x: tf.Tensor) => conv.dropout(x, { rate: 0.5 }),
      (x: tf.Tensor) => x.mul(tf.randomNormal(x.shape)),
    ]) {
      const block = checkpoint((x: tf.Tensor) => drop(drop(x)));
      const nested = checkpoint((x: tf.Tensor) => block(x).neg());
      const x = tf.ones([2, 6, 5, 3]);
      for (const f of [block, nested]) {
        // Linear, and 1 at every element of the input: its gradient is its value.
        const { value, grad } = tf.valueAndGrad(f)(x);
        await expectClose(grad, value, 1e-6);
        expect(new Set(await value.data()).size).toBeGreaterThan(1);
        tf.dispose([value, grad]);
      }
      x.dispose();
    }
  });

  it('differentiates gradients', async () => {
    const filter = weight(1, 1, 1, 3, 3);
    const f = (x: tf.Tensor): tf.Tensor => conv.conv2d(x as tf.Tensor4D, filter).pow(3);
    const second = (g: typeof f): tf.Tensor[] => {
      const penalty = (x: tf.Tensor, y: tf.Tensor): tf.Tensor =>
        tf
          .grad((z) => g(z.mul(y)).square())(x)
          .square();
      return tf.tidy(() => tf.grads((x, y) => penalty(x, y))([image(), image(2)]));
    };
    const [got, want] = [second(checkpoint(f)), second(f)];
    for (const [index, tensor] of got.entries()) await expectClose(tensor, want[index]!, 1e-4);
    tf.dispose([...got, ...want]);
  });

  it('has several results, of which some need no gradient', async () => {
    const f = (x: tf.Tensor): { parts: tf.Tensor[]; index: tf.Tensor } => {
      const y = x.tanh();
      return { parts: [y.exp(), y, tf.scalar(3), y], index: y.argMax(-1) };
    };
    const loss =
      (g: typeof f) =>
      (x: tf.Tensor): tf.Tensor => {
        const { parts, index } = g(x.square());
        return parts[0]!.mul(parts[3]!).add(parts[2]!).add(index.expandDims(-1).toFloat());
      };
    const x = image();
    const got = tf.valueAndGrad(loss(checkpoint(f)))(x);
    const want = tf.valueAndGrad(loss(f))(x);
    await expectSame(backend, [got.value, got.grad], [want.value, want.grad]);
  });

  it('computes no gradient that nothing asks for', async () => {
    const filter = weight(1, 3, 3, 3, 2);
    const block = checkpoint((x: tf.Tensor4D) => conv.conv2d(x, filter).square());
    const input = image();
    const kernels = async (f: () => unknown): Promise<number> => {
      const profile = await tf.profile(() => tf.tidy(() => f() as tf.TensorContainer));
      return profile.kernels.filter(({ name }) => name.startsWith('Convolutions/Conv2D')).length;
    };
    const ofFilter = await kernels(() => tf.variableGrads(() => block(input).sum(), [filter]).grads);
    const ofBoth = await kernels(() =>
      tf.grads((x, w) => block(x as tf.Tensor4D).add(w.sum().mul(0)))([input, filter]),
    );
    expect([ofFilter, ofBoth]).toEqual([3, 4]);
  });

  it('is captured, with dropout and moving averages', async () => {
    const report = await compareCaptured(
      backend,
      () => {
        const { loss, variables } = chain(
          [layer(1), conv.layers.batchNormalization({}), conv.layers.dropout({ rate: 0.4, seed: 7 }), layer(2)],
          checkpoint,
        );
        const trained = variables!.filter(({ trainable }) => trainable);
        const rule = new SGD({ learningRate: 0.1 });
        return {
          f: (x) => rule.minimize(() => loss(x as tf.Tensor4D).mean(), true, trained),
          variables: variables!,
          dispose: () => {
            rule.dispose();
          },
        };
      },
      (call) => [image(call + 1)],
    );
    expect(report.signatures[0]!.state).toBe('replayed');
  });

  it('needs less memory', async () => {
    const filters = Array.from({ length: 12 }, (_, index) => weight(index + 1, 1, 1, 8, 8));
    const peak = async (wrap: Wrap): Promise<number> => {
      const blocks = [0, 3, 6, 9].map((start) =>
        wrap((x) => filters.slice(start, start + 3).reduce((y, filter) => conv.conv2d(y, filter).tanh(), x)),
      );
      const x = tf.zeros<tf.Rank.R4>([1, 16, 16, 8]);
      const before = tf.memory().numBytes;
      const { peakBytes } = await tf.profile(() => {
        const { value, grads } = tf.variableGrads(() => blocks.reduce((y, f) => f(y) as tf.Tensor4D, x).mean());
        tf.dispose([value, grads]);
      });
      x.dispose();
      return peakBytes - before;
    };
    const [usual, recomputed] = [await peak(asUsual), await peak(checkpoint)];
    expect(recomputed).toBeLessThan(0.6 * usual);
    tf.dispose(filters);
  });
});

describe('checkpoint()', () => {
  testRefusals([
    {
      title: 'a block that is no function',
      call: () => checkpoint(anything(3)),
      type: TypeError,
      message: 'Cannot checkpoint: f must be a function, received f = 3',
    },
    {
      title: 'an argument that is no tensor',
      call: () => checkpoint((x: tf.Tensor) => x)(anything([1])),
      type: TypeError,
      message: 'Cannot run a checkpointed function: arguments must be tensors, received argument 0 = [1]',
    },
    {
      title: 'a promise',
      call: () => tf.grad((x) => checkpoint(() => Promise.resolve(x) as unknown as tf.Tensor)())(tf.scalar(1)),
      type: TypeError,
      message:
        'Cannot run a checkpointed function: the function must be synchronous, received result = an instance of Promise',
    },
  ]);

  it('says which tensor the backward pass lacks', () => {
    const loss = (x: tf.Tensor): tf.Tensor => {
      const scale = x.square();
      return checkpoint((y: tf.Tensor) => y.tanh().mul(scale))(x);
    };
    expect(() => tf.grad(loss)(tf.ones([2, 3]))).toThrow(
      'Cannot run a checkpointed function: a tensor that the function reads must be an argument, or live until the ' +
        'backward pass, received a disposed tensor of shape [2, 3]',
    );
  });

  it('keeps nothing of a function that throws', () => {
    const x = tf.ones([2]);
    const before = tf.memory().numTensors;
    const failing = checkpoint((y: tf.Tensor): tf.Tensor => {
      y.tanh().exp();
      throw new RangeError('no');
    });
    expect(() => tf.grad(failing)(x)).toThrow(new RangeError('no'));
    expect(tf.memory().numTensors).toBe(before);
    expect(
      tf
        .grad((y) => y.square())(x)
        .dataSync(),
    ).toEqual(Float32Array.of(2, 2));
  });

  it('does not keep intermediate tensors without a gradient', () => {
    const x = tf.ones([2]);
    const before = tf.memory().numTensors;
    expect(checkpoint((y: tf.Tensor) => y.tanh().exp())(x).shape).toEqual([2]);
    expect(tf.memory().numTensors).toBe(before + 1);
  });
});
