/** Counts one workload on the active backend: value and every gradient, at two sizes. */
import * as tf from '@tensorflow/tfjs';
import type { Array64 } from '../../test/oracle/array64.js';
import { toTensor, type Tensors } from '../../test/support/gradient_check.js';
import type { Shape4 } from '../../test/support/inputs.js';
import { Random } from '../../test/support/random.js';
import type { Recorder, Recording } from './recording.js';
import type { Work } from './works.js';

/** Counts of the value, and additional counts of all gradients. */
export interface Passes {
  readonly forward: Recording;
  readonly backward: Recording;
}

export interface Counted {
  readonly title: string;
  readonly image: Shape4;
  readonly first: Passes;
  /** Counts of a batch of two larger images, after the first one. @default not counted */
  readonly second?: Passes;
}

/** The backend must be fresh, so that the first call compiles the same shaders as a user's first call. */
export async function count(work: Work, recorder: Recorder, { twice }: { twice: boolean }): Promise<Counted> {
  const { title, image } = work;
  const [, height, width, channels] = image;
  const first = await countAt(work, image, recorder);
  if (!twice) return { title, image, first };
  const second = await countAt(work, [2, height + 5, width + 3, channels], recorder);
  return { title, image, first, second };
}

async function countAt({ inputs, run, differentiable }: Work, image: Shape4, recorder: Recorder): Promise<Passes> {
  const given = Object.entries(inputs(image)).flatMap(([name, array]) =>
    array === undefined ? [] : [[name, tensorOf(name, array)] as const],
  );
  const tensors: Tensors = Object.fromEntries(given);
  const held = given.map(([, tensor]) => tensor);
  held.forEach(place);
  const wanted = differentiable.map((name) => tensors[name]!);
  const apply = (...values: tf.Tensor[]): tf.Tensor =>
    run({ ...tensors, ...Object.fromEntries(differentiable.map((name, index) => [name, values[index]!])) });
  try {
    const forward = recorder.record(() => {
      held.push(tf.tidy(() => apply(...wanted)));
    });
    const y = held.at(-1)!;
    await y.data();
    if (wanted.length === 0) return { forward, backward: recorder.record(() => undefined) };
    const dy = toTensor(new Random(99).array(y.shape));
    held.push(dy);
    place(dy);
    const both = recorder.record(() => {
      held.push(...tf.grads(apply)(wanted, dy));
    });
    await Promise.all(held.map((tensor) => tensor.data()));
    return { forward, backward: { ...both, dispatches: both.dispatches.slice(forward.dispatches.length) } };
  } finally {
    tf.dispose(held);
  }
}

function tensorOf(name: string, array: Array64): tf.Tensor {
  return name === 'boxIndices' ? tf.tensor(Int32Array.from(array.data), [...array.shape], 'int32') : toTensor(array);
}

/** Sends a tensor to the device. */
function place({ dataId }: tf.Tensor): void {
  (tf.backend() as unknown as { uploadToGPU(dataId: object): void }).uploadToGPU(dataId);
}
