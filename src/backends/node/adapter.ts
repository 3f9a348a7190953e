/**
 * Kernels on tfjs-node, whose backend is named 'tensorflow'. Its package is not imported here: the kernels are
 * registered under that name and run if the user imports tfjs-node.
 */
import * as tf from '@tensorflow/tfjs';
import type { FusedActivation } from '../../kernel/fused_activation.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';

/** Backend name, as returned by `tf.getBackend()`. */
export const NODE = 'tensorflow';

/** Names of TensorFlow's activations; the names of their gradients derive from them. */
const ACTIVATIONS: Readonly<Record<Exclude<FusedActivation, 'linear'>, string>> = { relu: 'Relu', relu6: 'Relu6' };

/** Attribute of a TensorFlow operator. */
export interface Attribute {
  readonly name: string;
  readonly type: number;
  readonly value: unknown;
}

/** Interface of tfjs-node that runs any TensorFlow operator. */
interface NodeBackend extends tf.KernelBackend {
  readonly isUsingGpuDevice: boolean;
  readonly binding: Readonly<
    Record<
      'TF_FLOAT' | 'TF_INT32' | 'TF_ATTR_TYPE' | 'TF_ATTR_INT' | 'TF_ATTR_STRING' | 'TF_ATTR_BOOL' | 'TF_ATTR_FLOAT',
      number
    >
  >;
  executeMultipleOutputs(
    name: string,
    attributes: readonly Attribute[],
    inputs: readonly tf.TensorInfo[],
    outputs: number,
  ): tf.Tensor[];
}

/** TensorFlow operators for one kernel call. Tensors that the kernel does not return are disposed by its tidy. */
export class TensorFlow {
  private readonly backend: NodeBackend;

  constructor(private readonly args: KernelArguments) {
    this.backend = args.backend as NodeBackend;
  }

  get usesGpu(): boolean {
    return this.backend.isUsingGpuDevice;
  }

  /** Returns an input of the kernel. */
  input(name: string): tf.TensorInfo {
    return this.args.inputs[name]!;
  }

  /** Runs an operator with one float32 result. */
  run(name: string, inputs: readonly tf.TensorInfo[], attributes: readonly Attribute[] = []): tf.Tensor {
    return this.runAll(name, inputs, attributes, 1)[0]!;
  }

  runAll(
    name: string,
    inputs: readonly tf.TensorInfo[],
    attributes: readonly Attribute[],
    outputs: number,
  ): tf.Tensor[] {
    return this.backend.executeMultipleOutputs(name, [this.type('T'), ...attributes], inputs, outputs);
  }

  /** Runs `body` with a float32 tensor in the memory of the wasm kernels, which TensorFlow uses without a copy. */
  borrow<T>(values: Float32Array, shape: readonly number[], body: (tensor: tf.TensorInfo) => T): T {
    const dataId = this.backend.write(values, [...shape], 'float32');
    try {
      return body({ dataId, shape: [...shape], dtype: 'float32' });
    } finally {
      this.backend.disposeData(dataId);
    }
  }

  read(tensor: tf.TensorInfo): Float32Array {
    return this.backend.readSync(tensor.dataId) as Float32Array;
  }

  reshape(tensor: tf.TensorInfo, shape: readonly number[]): tf.Tensor {
    return this.run('Reshape', [tensor, this.sizes(shape)], [this.type('Tshape', 'TF_INT32')]);
  }

  matMul(a: tf.TensorInfo, b: tf.TensorInfo, transposeA: boolean, transposeB: boolean): tf.Tensor {
    return this.run('MatMul', [a, b], [this.flag('transpose_a', transposeA), this.flag('transpose_b', transposeB)]);
  }

  /** Tests whether a matrix contains NaN; also true if its sum is NaN for another reason. */
  hasNaN(matrix: tf.TensorInfo): boolean {
    const sum = this.run(
      'Sum',
      [matrix, this.sizes([0, 1])],
      [this.type('Tidx', 'TF_INT32'), this.flag('keep_dims', false)],
    );
    return Number.isNaN(this.read(sum)[0]);
  }

  /** Adds the bias at every position, if the kernel has one. */
  biased(tensor: tf.Tensor, bias: tf.TensorInfo | undefined): tf.Tensor {
    return bias === undefined ? tensor : this.run('BiasAdd', [tensor, bias]);
  }

  /** Applies a fused activation. */
  activated(tensor: tf.Tensor, activation: FusedActivation = 'linear'): tf.Tensor {
    return activation === 'linear' ? tensor : this.run(ACTIVATIONS[activation], [tensor]);
  }

  /** Gradient with respect to the input of an activation whose result is `y`. */
  activationGradient<T extends tf.TensorInfo>(dy: T, y: tf.TensorInfo, activation: FusedActivation): T | tf.Tensor {
    return activation === 'linear' ? dy : this.run(`${ACTIVATIONS[activation]}Grad`, [dy, y]);
  }

  /** Creates a tensor of sizes, for use as an operand. */
  sizes(values: readonly number[]): tf.TensorInfo {
    return tf.tensor1d([...values], 'int32');
  }

  type(name: string, value: 'TF_FLOAT' | 'TF_INT32' = 'TF_FLOAT'): Attribute {
    return { name, type: this.backend.binding.TF_ATTR_TYPE, value: this.backend.binding[value] };
  }

  integers(name: string, value: readonly number[]): Attribute {
    return { name, type: this.backend.binding.TF_ATTR_INT, value };
  }

  text(name: string, value: string): Attribute {
    return { name, type: this.backend.binding.TF_ATTR_STRING, value };
  }

  flag(name: string, value: boolean): Attribute {
    return { name, type: this.backend.binding.TF_ATTR_BOOL, value };
  }

  float(name: string, value: number): Attribute {
    return { name, type: this.backend.binding.TF_ATTR_FLOAT, value };
  }
}
