/** Tests of all six region operators: empty inputs, invariants, missing gradients, errors. */
import * as tf from '@tensorflow/tfjs';
import { array64, inner, type Array64 } from '../oracle/array64.js';
import type { RoiInputs } from '../oracle/roi.js';
import { describeBackends, type TestBackend } from '../support/backends.js';
import { expectClose, expectSameBits, values } from '../support/compare.js';
import { checkOp, toTensor, toTensors, valueAndGradients, type OpCase } from '../support/gradient_check.js';
import { expectNoLeak } from '../support/memory.js';
import { Random } from '../support/random.js';
import {
  distinct,
  roiCase,
  roiGradients,
  roiInputs,
  roiOracle,
  runRoi,
  withUnreadable,
  type RoiOptionsOf,
} from '../support/roi.js';
import { OPERATORS, type Operator } from '../support/roi_operators.js';
import { scoped } from '../support/scoped.js';

function inputsOf({ image, offset }: Operator, boxCount: number, batch = 3): RoiInputs {
  return roiInputs(boxCount + 1, [batch, ...image], boxCount, { spatialScale: 0.5, offset });
}

const differentiable = ({ offset }: Operator): string[] => (offset === undefined ? ['x'] : ['x', 'offset']);

/** The boxes [start, end). */
function someBoxes(inputs: RoiInputs, start: number, end: number): RoiInputs {
  const part = ({ shape, data }: Array64): Array64 => {
    const size = data.length / shape[0]!;
    return { shape: [end - start, ...shape.slice(1)], data: data.slice(start * size, end * size) };
  };
  const { x, boxes, boxIndices, offset } = inputs;
  return { x, boxes: part(boxes), boxIndices: part(boxIndices), ...(offset && { offset: part(offset) }) };
}

/** The gradient of ½‖y‖² is Jᵀy: its own gradient goes through the backward kernel. */
const TWICE = (['roiAlign', 'psRoiPool', 'psRoiAlign'] as const).map((name) => {
  const form = OPERATORS.find((candidate) => candidate.name === name)!;
  const options = form.options as RoiOptionsOf[typeof name];
  const { boxes, boxIndices, x } = inputsOf(form, 4, 1);
  const run = runRoi(name, options);
  const op: OpCase<{ x: Array64 }> = {
    inputs: { x },
    run: ({ x: image }) => {
      const energy = (given: tf.Tensor): tf.Tensor =>
        tf.mul(0.5, tf.sum(tf.square(run({ ...toTensors({ boxes, boxIndices }), x: given }))));
      return tf.grad(energy)(image!);
    },
    oracle: (given) => {
      const inputs = { boxes, boxIndices, x: given.x };
      return roiGradients(name, inputs, options, roiOracle(name, inputs, options)).x!;
    },
  };
  return { name, op };
});

describeBackends('every region operator', (backend) => {
  test.each(OPERATORS)('$name() of no boxes is empty, with zero gradients', async (op) => {
    await scoped(async () => {
      const tensors = toTensors(inputsOf(op, 0));
      const run = runRoi(op.name, op.options);
      const { y, gradients } = valueAndGradients(run, tensors, differentiable(op), tf.zeros([0, ...op.output]));
      expect(y.shape).toEqual([0, ...op.output]);
      await expectClose(gradients['x']!, array64([3, ...op.image]), 0);
      if (op.offset) expect(gradients['offset']!.shape).toEqual([0, ...op.offset]);
    });
  });

  test.each(OPERATORS)('$name() of a batch of 0 and no boxes is empty', async (op) => {
    await scoped(async () => {
      const tensors = toTensors(inputsOf(op, 0, 0));
      const run = runRoi(op.name, op.options);
      const { y, gradients } = valueAndGradients(run, tensors, differentiable(op), tf.zeros([0, ...op.output]));
      expect(y.shape).toEqual([0, ...op.output]);
      expect(gradients['x']!.shape).toEqual([0, ...op.image]);
      await expectClose(y, array64([0, ...op.output]), 0);
    });
  });

  test.each(OPERATORS)('$name() of an image without pixels is 0', async (op) => {
    for (const size of [
      [0, 7],
      [6, 0],
      [0, 0],
    ] as const) {
      const { boxes, boxIndices, offset } = inputsOf(op, 4);
      const x = array64([3, ...size, op.image[2]]);
      await scoped(async () => {
        const tensors = toTensors({ x, boxes, boxIndices, offset });
        const dy = tf.ones([4, ...op.output]);
        const { y, gradients } = valueAndGradients(runRoi(op.name, op.options), tensors, differentiable(op), dy);
        await expectClose(y, array64([4, ...op.output]), 0);
        await expectClose(gradients['x']!, x, 0);
        if (offset) await expectClose(gradients['offset']!, array64(offset.shape), 0);
      });
    }
  });

  test.each(OPERATORS)('$name() of a 3-D image takes it as a batch of one', async (op) => {
    const inputs = inputsOf(op, 4, 1);
    await scoped(async () => {
      const tensors = toTensors(inputs);
      const run = runRoi(op.name, op.options);
      const x = tf.squeeze(tensors['x']!, [0]);
      await expectClose(run({ ...tensors, x }), roiOracle(op.name, inputs, op.options), backend.tolerance);
      expect(tf.grad((given) => run({ ...tensors, x: given }))(x).shape).toEqual(op.image);
    });
  });

  test.each(OPERATORS)('$name() gives the same for a box whatever the others are', async (op) => {
    const inputs = inputsOf(op, 7);
    await scoped(async () => {
      const run = runRoi(op.name, op.options);
      const parts = [
        [0, 1],
        [1, 4],
        [4, 7],
      ] as const;
      const split = parts.map(([start, end]) => run(toTensors(someBoxes(inputs, start, end))));
      const whole = run(toTensors(inputs));
      if (backend.repeatable) await expectSameBits(tf.concat(split), whole);
      else await expectClose(tf.concat(split), whole, backend.tolerance);
    });
  });

  if (backend.repeatable) {
    test.each(OPERATORS)('$name() gives the same bits every time', async (op) => {
      await scoped(async () => {
        const tensors = toTensors(inputsOf(op, 7));
        const dy = toTensor(new Random(13).array([7, ...op.output]));
        const names = differentiable(op);
        const first = valueAndGradients(runRoi(op.name, op.options), tensors, names, dy);
        const second = valueAndGradients(runRoi(op.name, op.options), tensors, names, dy);
        await expectSameBits(second.y, first.y, 'y');
        for (const name of names) await expectSameBits(second.gradients[name]!, first.gradients[name]!, `d_${name}`);
      });
    });
  }

  test.each(OPERATORS.filter(({ name }) => name !== 'roiPool'))(
    '$name() satisfies ⟨Ju, v⟩ = ⟨u, Jᵀv⟩ in x',
    async (op) => {
      await scoped(async () => {
        const tensors = toTensors(inputsOf(op, 7));
        const run = runRoi(op.name, op.options);
        const ju = run(tensors);
        const { gradients } = valueAndGradients(run, tensors, ['x'], ju);
        const u = await values(tensors['x']!);
        const want = inner(await values(ju), await values(ju));
        expect(Math.abs(inner(u, await values(gradients['x']!)) - want) / want).toBeLessThan(backend.tolerance);
      });
    },
  );

  test.each(TWICE)('$name() differentiates twice', async ({ op }) => {
    await checkOp(op, backend.tolerance);
  });

  test.each(OPERATORS)('$name() has no gradient for boxes, and says so', (op) => {
    tf.tidy(() => {
      const tensors = toTensors(inputsOf(op, 2));
      const gradient = tf.grad((boxes) => runRoi(op.name, op.options)({ ...tensors, boxes }));
      expect(() => gradient(tensors['boxes']!)).toThrow(
        `Cannot differentiate ${op.name}: boxes carry no gradient; pass them as values that do not depend on what is ` +
          'trained, received x = boxes',
      );
    });
  });

  test.each(OPERATORS)('$name() leaves no tensor behind', (op) => {
    const { boxIndices, ...tensors } = toTensors(inputsOf(op, 4));
    const indices = tf.cast(boxIndices!, 'int32');
    const call = runRoi(op.name, op.options);
    // The int32 copy that the tests make of the indices is not the operator's.
    const run = (given: Record<string, tf.Tensor>): tf.Tensor =>
      tf.tidy(() => call({ ...tensors, ...given, boxIndices: indices }));
    const names = differentiable(op);
    expectNoLeak(() => run({}));
    for (const chosen of [names, ...names.map((name) => [name])]) {
      const gradient = tf.grads((...given: tf.Tensor[]) =>
        run(Object.fromEntries(chosen.map((name, index) => [name, given[index]!]))),
      );
      expectNoLeak(() => gradient(chosen.map((name) => tensors[name]!)));
    }
    tf.dispose([boxIndices!, indices, ...Object.values(tensors).flatMap((tensor) => tensor ?? [])]);
  });

  test.each(OPERATORS)('$name() takes tensors that were made on another backend', async (op) => {
    const inputs = inputsOf(op, 4);
    await tf.setBackend(backend.name === 'cpu' ? 'wasm' : 'cpu');
    const tensors = toTensors(inputs);
    await tf.setBackend(backend.name);
    await scoped(async () => {
      const dy = tf.ones([4, ...op.output]);
      const { y } = valueAndGradients(runRoi(op.name, op.options), tensors, differentiable(op), dy);
      await expectClose(y, roiOracle(op.name, inputs, op.options), backend.tolerance);
    });
    tf.dispose(Object.values(tensors).flatMap((tensor) => tensor ?? []));
  });
});

/** Kernels on a GPU cannot check the boxes beforehand. */
const onHost = { where: ({ name }: TestBackend): boolean => ['cpu', 'wasm', 'tensorflow'].includes(name) };

describeBackends(
  'region operators whose boxes are on the CPU',
  () => {
    /** Calls the operator with box 1 of three replaced. */
    function call(op: Operator, box: readonly number[], image: number): () => void {
      return () => {
        tf.tidy(() => {
          const inputs = inputsOf(op, 3);
          const boxes = array64([3, 4], (index) =>
            Math.floor(index / 4) === 1 ? box[index % 4]! : inputs.boxes.data[index]!,
          );
          const boxIndices = array64([3], (index) => (index === 1 ? image : 0));
          runRoi(op.name, op.options)(toTensors({ ...inputs, boxes, boxIndices }));
        });
      };
    }

    test.each(OPERATORS)('$name() refuses a box that is not finite', (op) => {
      const action = `Cannot run ${op.name}`;
      expect(call(op, [1, 2, 3, NaN], 0)).toThrow(
        new RangeError(`${action}: boxes must be finite, received boxes[1] = [1, 2, 3, NaN]`),
      );
      expect(call(op, [1, -Infinity, 3, 4], 0)).toThrow(
        new RangeError(`${action}: boxes must be finite, received boxes[1] = [1, -Infinity, 3, 4]`),
      );
    });

    test.each(OPERATORS)('$name() refuses a box outside the batch', (op) => {
      const rule = `Cannot run ${op.name}: boxIndices must be indices into a batch of 3, received boxIndices[1] =`;
      expect(call(op, [1, 2, 3, 4], 3)).toThrow(new RangeError(`${rule} 3`));
      expect(call(op, [1, 2, 3, 4], -1)).toThrow(new RangeError(`${rule} -1`));
    });
  },
  onHost,
);

const UNREADABLE = OPERATORS.map((op) => {
  const inputs = inputsOf(op, 5);
  const given = op.name === 'roiPool' ? distinct(inputs) : inputs;
  return { name: op.name, op: withUnreadable(roiCase(op.name, given, op.options)) };
});

describeBackends(
  'region operators whose boxes stay on the device',
  ({ tolerance }) => {
    test.each(UNREADABLE)('$name() reads nothing of boxes that are not finite or of no image', async ({ op }) => {
      await checkOp(op, tolerance);
    });
  },
  { where: (backend) => !onHost.where(backend) },
);
