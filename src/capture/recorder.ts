/**
 * Records what a function does. TensorFlow.js offers no hook for this, so methods of its engine are replaced for the time of
 * the call; the tests of this folder fail if another version of it calls others.
 */
import * as tf from '@tensorflow/tfjs';
import { typeError } from '../errors.js';
import { noteConditions, type Condition } from '../kernel/conditions.js';
import { PACK_HALF, UNPACK_HALF } from '../ops/pack_half/kernels.js';
import { DATA_DEPENDENT } from './data_dependent.js';
import type { Numbers, Origin, Recording, ResultTree, Step, Value, ValueId } from './recording.js';
import { isTensor, isVariable, tensorsIn } from '../support/tensor_tree.js';

/** Kernels that webgl computes on the processor: its textures do not hold all integers. */
const READS_ON_WEBGL: ReadonlySet<string> = new Set([PACK_HALF.forward, UNPACK_HALF.forward]);

/** A call that was recorded, or the reason why it cannot be replayed. */
export interface Recorded<Result> {
  readonly result: Result;
  readonly recording: Recording | undefined;
  /** Why there is no recording. */
  readonly obstacle: string | undefined;
}

/** Methods of the engine that a function reaches through the operators. */
interface Engine {
  runKernel: (this: Engine, name: string, inputs: Inputs, attributes?: tf.NamedAttrMap) => tf.Tensor | tf.Tensor[];
  makeTensor: (this: Engine, values: unknown, shape: number[], dtype?: tf.DataType, backend?: unknown) => tf.Tensor;
  makeVariable: (
    this: Engine,
    initial: tf.Tensor,
    trainable?: boolean,
    name?: string,
    dtype?: tf.DataType,
  ) => tf.Variable;
  readSync: (this: Engine, dataId: object) => unknown;
  read: (this: Engine, dataId: object) => unknown;
  incRef: (this: Engine, tensor: tf.Tensor, backend: unknown) => void;
}

type Inputs = Readonly<Record<string, tf.Tensor | null | undefined>> | readonly tf.Tensor[];

/** Protected method that every optimizer calls at each step. */
interface Counting {
  incrementIterations: (this: tf.Optimizer) => void;
}

let active = false;

/** True while a function is being recorded, when captured functions that it calls run as usual. */
export function isRecording(): boolean {
  return active;
}

/** Calls the function and records what it does; its intermediate tensors are disposed. */
export function record<Result>(f: () => Result, args: readonly tf.Tensor[]): Recorded<Result> {
  const recorder = new Recorder(args);
  const result = recorder.run(f);
  return { result, ...recorder.finish(result) };
}

class Recorder {
  private readonly values: Value[] = [];
  private readonly steps: Step[] = [];
  private readonly ids = new Map<number, ValueId>();
  /** Values that variables have been assigned. */
  private readonly assigned = new Map<tf.Variable, ValueId>();
  /** Original tensors of clones, by their ids. */
  private readonly clones = new Map<number, number>();
  private readonly made: tf.Tensor[] = [];
  private readonly conditions: Condition[] = [];
  private obstacle: string | undefined;
  private depth = 0;

  constructor(private readonly args: readonly tf.Tensor[]) {
    args.forEach((tensor, index) => this.add(tensor, { from: 'argument', index }));
  }

  run<Result>(f: () => Result): Result {
    const restore = this.hook();
    active = true;
    try {
      return tf.tidy(() => {
        const result = noteConditions(this.conditions, f);
        if (!(result instanceof Promise)) return result as tf.TensorContainer;
        result.catch(() => undefined);
        throw typeError('capture', 'the function must be synchronous', 'result', 'a Promise');
      }) as Result;
    } finally {
      active = false;
      restore();
    }
  }

  finish(result: unknown): Pick<Recorded<unknown>, 'recording' | 'obstacle'> {
    const tree = this.obstacle === undefined ? this.treeOf(result) : undefined;
    if (this.obstacle === undefined) {
      const returned = new Set(tensorsIn(result).map(({ id }) => id));
      const kept = this.made.find((tensor) => !tensor.isDisposed && !returned.has(tensor.id));
      if (kept) this.refuse(`it keeps a tensor of shape [${kept.shape.join(', ')}]; return it instead`);
      if (this.args.some(({ isDisposed }) => isDisposed)) this.refuse('it disposes an argument');
    }
    if (this.obstacle !== undefined || tree === undefined) return { recording: undefined, obstacle: this.obstacle };
    const { values, steps, conditions } = this;
    return { recording: { values, steps, conditions, result: tree }, obstacle: undefined };
  }

  /** Replaces methods of the host; returns the function that restores them. */
  private hook(): () => void {
    const engine = tf.engine() as unknown as Engine;
    const { runKernel, makeTensor, makeVariable, readSync, read, incRef } = engine;
    const optimizers = tf.Optimizer.prototype as unknown as Counting;
    const { incrementIterations } = optimizers;
    const variables = tf.Variable.prototype as { assign: (this: tf.Variable, value: tf.Tensor) => void };
    const { assign } = variables;
    // Of the instance, where a profiler may have put methods of its own.
    const before = new Map<string, PropertyDescriptor | undefined>();
    const own = <Name extends keyof Engine>(name: Name, method: Engine[Name]): void => {
      before.set(name, Object.getOwnPropertyDescriptor(engine, name));
      Object.defineProperty(engine, name, { value: method, configurable: true, writable: true });
    };
    // Kernels may run other kernels, create tensors and read values; only what the function itself does counts.
    const inside = <Output>(call: () => Output): Output => {
      this.depth++;
      try {
        return call();
      } finally {
        this.depth--;
      }
    };
    own('runKernel', (name, inputs, attributes) => {
      if (this.depth > 0) {
        const output = runKernel.call(engine, name, inputs, attributes);
        // While a kernel runs, the engine clones what the gradient will read.
        if (name === 'Identity') this.addClone(output as tf.Tensor, (inputs as Record<string, tf.Tensor>)['x']!);
        return output;
      }
      const operands = this.operandsOf(inputs);
      const outputs = inside(() => runKernel.call(engine, name, inputs, attributes));
      this.addKernel(name, operands, Array.isArray(inputs), attributes ?? {}, outputs);
      return outputs;
    });
    own('makeTensor', (values, shape, dtype, backend) => {
      const tensor = inside(() => makeTensor.call(engine, values, shape, dtype, backend));
      if (this.depth === 0) this.addNumbers(tensor, values);
      return tensor;
    });
    own('makeVariable', (...given) => {
      this.refuse('it creates variables at every call');
      return makeVariable.apply(engine, given);
    });
    own('readSync', (dataId) => {
      if (this.depth === 0) this.refuse('it reads the values of a tensor (dataSync), which may decide what it does');
      return readSync.call(engine, dataId);
    });
    own('read', (dataId) => {
      if (this.depth === 0) this.refuse('it reads the values of a tensor (data), which may decide what it does');
      return read.call(engine, dataId);
    });
    // Of each assignment, one by a method that was bound before this call included.
    let isAssigning = false;
    own('incRef', (tensor, backend) => {
      if (this.depth === 0 && !isAssigning && isVariable(tensor)) {
        this.refuse('it assigns a variable by a method that was taken from it before');
      }
      incRef.call(engine, tensor, backend);
    });
    const { steps } = this;
    optimizers.incrementIterations = function (): void {
      steps.push({ kind: 'count', optimizer: this });
      incrementIterations.call(this);
    };
    const addAssignment = (variable: tf.Variable, tensor: tf.Tensor): void => {
      if (this.depth > 0) return;
      const value = this.idOf(tensor);
      this.assigned.set(variable, value);
      steps.push({ kind: 'assign', variable, value });
    };
    variables.assign = function (value): void {
      // First, while the value is known: a variable may be assigned its own.
      addAssignment(this, value);
      isAssigning = true;
      try {
        assign.call(this, value);
      } finally {
        isAssigning = false;
      }
    };
    return () => {
      for (const [name, descriptor] of before) {
        if (descriptor) Object.defineProperty(engine, name, descriptor);
        else Reflect.deleteProperty(engine, name);
      }
      optimizers.incrementIterations = incrementIterations;
      variables.assign = assign;
    };
  }

  private refuse(obstacle: string): void {
    this.obstacle ??= obstacle;
  }

  private add({ id, shape, dtype }: tf.Tensor, origin: Origin): ValueId {
    const value = this.values.length;
    this.values.push({ origin, shape: [...shape], dtype });
    this.ids.set(id, value);
    return value;
  }

  /** Value of a tensor; one that nothing in the function made comes from outside. */
  private idOf(tensor: tf.Tensor): ValueId {
    const current = isVariable(tensor) ? this.assigned.get(tensor) : undefined;
    const original = this.clones.get(tensor.id);
    return current ?? this.ids.get(original ?? tensor.id) ?? this.add(tensor, { from: 'outside', tensor });
  }

  private addClone(clone: tf.Tensor, original: tf.Tensor): void {
    this.made.push(clone);
    if (isVariable(original)) this.ids.set(clone.id, this.idOf(original));
    // The outputs of the kernel that is running have no value yet.
    else this.clones.set(clone.id, this.clones.get(original.id) ?? original.id);
  }

  private operandsOf(inputs: Inputs): Record<string, ValueId> {
    const given = Object.entries<unknown>(inputs).filter(([, input]) => Boolean(input));
    const present = given.filter((entry): entry is [string, tf.Tensor] => isTensor(entry[1]));
    if (present.length < given.length) this.refuse('a kernel reads something that is not a tensor, such as pixels');
    return Object.fromEntries(present.map(([name, tensor]) => [name, this.idOf(tensor)]));
  }

  private addNumbers(tensor: tf.Tensor, values: unknown): void {
    this.made.push(tensor);
    if (tensor.dtype !== 'float32' && tensor.dtype !== 'int32' && tensor.dtype !== 'bool') {
      this.refuse(`it makes a tensor of ${tensor.dtype}`);
      return;
    }
    const type = tensor.dtype === 'float32' ? Float32Array : tensor.dtype === 'int32' ? Int32Array : Uint8Array;
    const numbers: Numbers = type.from(values as ArrayLike<number>);
    this.add(tensor, { from: 'numbers', numbers });
  }

  private addKernel(
    name: string,
    inputs: Record<string, ValueId>,
    isList: boolean,
    attributes: tf.NamedAttrMap,
    outputs: tf.Tensor | tf.Tensor[],
  ): void {
    if (READS_ON_WEBGL.has(name) && tf.getBackend() === 'webgl') this.refuse(`${name} reads values back on webgl`);
    if (DATA_DEPENDENT.has(name)) this.refuse(`the shape of the result of ${name} depends on values`);
    const list = Array.isArray(outputs) ? outputs : [outputs];
    this.made.push(...list);
    const strange = list.find(({ dtype }) => dtype === 'string' || dtype === 'complex64');
    if (strange) this.refuse(`it computes a tensor of ${strange.dtype}`);
    const ids = list.map((tensor) => this.add(tensor, { from: 'kernel' }));
    this.steps.push({
      kind: 'kernel',
      name,
      inputs,
      isList,
      attributes,
      outputs: ids,
      isSingle: !Array.isArray(outputs),
    });
  }

  private treeOf(result: unknown): ResultTree | undefined {
    if (result === null || result === undefined) return { nothing: result };
    if (isTensor(result)) return this.leafOf(result);
    if (typeof result !== 'object') {
      this.refuse(`it returns a ${typeof result}; return tensors alone`);
      return undefined;
    }
    if (Array.isArray(result)) {
      const list = result.map((part) => this.treeOf(part)).filter((part) => part !== undefined);
      return { list };
    }
    if (![Object.prototype, null].includes(Object.getPrototypeOf(result) as object | null)) {
      this.refuse('it returns an object of a class; return tensors alone');
      return undefined;
    }
    const entries = Object.entries(result).flatMap(([name, part]) => {
      const tree = this.treeOf(part);
      return tree ? [[name, tree] as const] : [];
    });
    return { entries: Object.fromEntries(entries) };
  }

  private leafOf(tensor: tf.Tensor): ResultTree {
    const argument = this.args.findIndex(({ id }) => id === tensor.id);
    if (argument >= 0) return { argument };
    if (isVariable(tensor)) return { tensor };
    const value = this.idOf(tensor);
    return this.values[value]!.origin.from === 'outside' ? { tensor } : { value };
  }
}
