/** Initializers of weights whose values come from a file. */
import * as tf from '@tensorflow/tfjs';
import { show } from '../errors.js';

/** Base class of initializers, which TensorFlow.js does not export. */
const Initializer = Object.getPrototypeOf(tf.initializers.zeros().constructor) as new () => ReturnType<
  typeof tf.initializers.zeros
>;

/** Zeros of a weight whose values come from a file, described as the initializer that made them. */
export class FileValues extends Initializer {
  constructor(
    private readonly original: Readonly<Record<string, unknown>>,
    private readonly largest: number,
  ) {
    super();
  }

  override apply(shape: tf.Shape): tf.Tensor {
    const elements = shape.reduce<number>((product, size) => product * size!, 1);
    if (elements > this.largest) throw new RangeError(`the file has no weight of shape ${show(shape)}`);
    return tf.zeros(shape as number[]);
  }

  override getClassName(): string {
    return String(this.original['className']);
  }

  override getConfig(): tf.serialization.ConfigDict {
    return this.original['config'] as tf.serialization.ConfigDict;
  }
}

/** Given values of a weight; one number stands for all. */
export class GivenValues extends Initializer {
  constructor(private readonly values: readonly number[]) {
    super();
  }

  override apply(shape: tf.Shape): tf.Tensor {
    const [first] = this.values;
    if (this.values.length === 1) return tf.fill(shape as number[], first!);
    return tf.tensor([...this.values], shape as number[]);
  }

  override getClassName(): string {
    return 'Zeros';
  }
}
