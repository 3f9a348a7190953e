/**
 * Constructor arguments of layers, normalised and validated once. Names follow Keras and tfjs. Initializers,
 * regularizers and constraints are accepted as an object, as a name (`'glorotUniform'`) or as `{className, config}`;
 * configs store the last form, which `tf.loadLayersModel` reads.
 */
import * as tf from '@tensorflow/tfjs';
import {
  checkBoolean,
  checkNumber,
  checkOneOf,
  isPlainObject,
  oneLine,
  rangeError,
  typeError,
  type Action,
} from '../errors.js';
import { hardSwish } from './hard_swish_activation.js';

/** Initializer of TensorFlow.js, as an object. */
export type Initializer = ReturnType<typeof tf.initializers.ones>;

/** Regularizer of TensorFlow.js, as an object. */
export type Regularizer = ReturnType<typeof tf.regularizers.l1l2>;

/** Constraint of TensorFlow.js, as an object. */
export type Constraint = ReturnType<typeof tf.constraints.nonNeg>;

/** Initializer as an object, by name, or as `{className, config}`. */
export type InitializerIdentifier = string | Initializer | tf.serialization.ConfigDict;

/** Regularizer as an object, by name, or as `{className, config}`. */
export type RegularizerIdentifier = string | Regularizer | tf.serialization.ConfigDict;

/** Constraint as an object, by name, or as `{className, config}`. */
export type ConstraintIdentifier = string | Constraint | tf.serialization.ConfigDict;

/** Activations that the layers of TensorFlow.js accept. */
const HOST_ACTIVATIONS = [
  'linear',
  'elu',
  'gelu',
  'gelu_new',
  'hardSigmoid',
  'logSoftmax',
  'mish',
  'relu',
  'relu6',
  'selu',
  'sigmoid',
  'softmax',
  'softplus',
  'softsign',
  'swish',
  'tanh',
] as const;

/**
 * Name of an activation that the layers of TensorFlow.js accept too.
 *
 * @useDeclaredType
 */
export type HostActivationIdentifier = Exclude<(typeof HOST_ACTIVATIONS)[number], 'logSoftmax'>;

/** Activations that an `activation` argument accepts: those of TensorFlow.js, and hardSwish, which it lacks. */
export const ACTIVATIONS = [...HOST_ACTIVATIONS, 'hardSwish'] as const;

/**
 * Name of an activation.
 *
 * @useDeclaredType
 */
export type ActivationIdentifier = (typeof ACTIVATIONS)[number];

/** Axis order of image batches: [n, h, w, c] or [n, c, h, w]. */
export type DataFormat = 'channelsLast' | 'channelsFirst';

/** Arguments of every layer. */
export interface LayerArgs {
  /** Name of the layer, unique within a model. @default the class name in snake case with a number */
  name?: string;
  /** True if the weights are updated in training. @default true */
  trainable?: boolean;
  /** Input shape without the batch axis; only for the first layer of a `tf.sequential`. */
  inputShape?: tf.Shape;
  /** Input shape with the batch axis. */
  batchInputShape?: tf.Shape;
  /** Fixed batch size, together with `inputShape`. */
  batchSize?: number;
  /** Data type of the input, together with `inputShape`. @default 'float32' */
  dtype?: tf.DataType;
  /** Initial values of all weights, in the order of `getWeights()`. */
  weights?: tf.Tensor[];
}

/** Initializer, regularizer and constraint of one weight. */
export interface WeightOptions {
  readonly initializer: Initializer;
  readonly regularizer: Regularizer | null;
  readonly constraint: Constraint | null;
}

/** An activation ready to be applied; `linear` returns its argument. */
export interface Activation {
  readonly identifier: ActivationIdentifier;
  readonly apply: <T extends tf.Tensor>(x: T) => T;
}

/** Factory functions of tfjs by name; they take options, none of which is needed here. */
type ObjectFactories<T> = Readonly<Record<string, (options: { seed: null }) => T>>;

/**
 * A family of objects (e.g. initializers): factories by name, and an example whose class directly extends the family's
 * base class.
 */
interface Family<T> {
  readonly factories: ObjectFactories<T>;
  readonly example: T;
  /** A call that creates a member, for error messages. */
  readonly call: string;
}

/**
 * Aliases of activations: `gelu_new` comes back as `geluNew` from a saved model, and Keras has two names for some,
 * which `tf.loadLayersModel` passes on in camel case.
 */
const ALIASES: ReadonlyMap<unknown, ActivationIdentifier> = new Map([
  ['geluNew', 'gelu_new'],
  ['hard_swish', 'hardSwish'],
  ['hard_silu', 'hardSwish'],
  ['hardSilu', 'hardSwish'],
  ['silu', 'swish'],
]);

/** Reads an activation by name; an absent argument is the identity, `linear`. */
export function toActivation(action: Action, name: string, value: unknown): Activation {
  const identifier = checkOneOf(action, name, ALIASES.get(value) ?? value ?? 'linear', ACTIVATIONS);
  if (identifier === 'linear') return { identifier, apply: (x) => x };
  if (identifier === 'hardSwish') return { identifier, apply: <T extends tf.Tensor>(x: T) => hardSwish(x) as T };
  // tfjs exports its activation functions only inside this layer. Naming the layer avoids using up a default name. Its
  // type misses one of them.
  const activation = identifier as HostActivationIdentifier;
  const layer = tf.layers.activation({ activation, name: identifier });
  return { identifier, apply: <T extends tf.Tensor>(x: T) => layer.call(x, {}) as T };
}

/** Reads an activation of a TensorFlow.js layer. */
export function toHostActivation(action: Action, name: string, value: unknown): HostActivationIdentifier {
  return checkOneOf(action, name, ALIASES.get(value) ?? value, HOST_ACTIVATIONS) as HostActivationIdentifier;
}

const initializerFamily = (): Family<Initializer> => ({
  factories: tf.initializers as unknown as ObjectFactories<Initializer>,
  example: tf.initializers.ones(),
  call: 'tf.initializers.constant({value: 0.1})',
});

const regularizerFamily = (): Family<Regularizer> => ({
  factories: tf.regularizers as unknown as ObjectFactories<Regularizer>,
  example: tf.regularizers.l1l2(),
  call: 'tf.regularizers.l2({l2: 0.01})',
});

const constraintFamily = (): Family<Constraint> => ({
  factories: tf.constraints as unknown as ObjectFactories<Constraint>,
  example: tf.constraints.nonNeg(),
  call: 'tf.constraints.maxNorm({maxValue: 2, axis: 0})',
});

/** Reads an initializer; an absent argument is the one named by `otherwise`. */
export function toInitializer(action: Action, name: string, value: unknown, otherwise: string): Initializer {
  return toObject(action, name, value ?? otherwise, initializerFamily());
}

/** Reads a regularizer; an absent argument is none. */
export function toRegularizer(action: Action, name: string, value: unknown): Regularizer | null {
  return isAbsent(value) ? null : toObject(action, name, value, regularizerFamily());
}

/** Reads a constraint; an absent argument is none. */
export function toConstraint(action: Action, name: string, value: unknown): Constraint | null {
  return isAbsent(value) ? null : toObject(action, name, value, constraintFamily());
}

/** Reads true or false; an absent argument is `otherwise`. */
export function toBoolean(action: Action, name: string, value: unknown, otherwise: boolean): boolean {
  return checkBoolean(action, name, value ?? otherwise);
}

/** Reads a data format; an absent argument is `channelsLast`. */
export function toDataFormat(action: Action, value: unknown): DataFormat {
  return checkOneOf(action, 'dataFormat', value ?? 'channelsLast', ['channelsLast', 'channelsFirst']);
}

/** Reads a finite number of at least `minimum` and, if given, below `below`; an absent argument gives the default. */
export function toNumber(
  action: Action,
  name: string,
  value: unknown,
  otherwise: number,
  minimum: number,
  below = Infinity,
): number {
  return checkNumber(action, name, value ?? otherwise, { from: minimum, ...(below === Infinity ? {} : { below }) });
}

/** Config of an initializer, regularizer or constraint. */
export function toConfig(object: Initializer | Regularizer | Constraint | null): tf.serialization.ConfigDict | null {
  return object && { className: object.getClassName(), config: object.getConfig() };
}

/** Absent arguments are undefined when omitted by the user and null in saved models. */
export function isAbsent(value: unknown): value is null | undefined {
  return value === undefined || value === null;
}

/** Reads an object from itself, from its name, or from the config in a saved model. */
function toObject<T extends tf.serialization.Serializable>(
  action: Action,
  name: string,
  value: unknown,
  { factories, example, call }: Family<T>,
): T {
  const rule = `${name} must be a name (${Object.keys(factories).join(', ')}), an object such as ${call}, or {className, config}`;
  const isMember = (object: unknown): object is T =>
    Object.prototype.isPrototypeOf.call(baseOf(example), object as object);
  if (typeof value !== 'string' && (typeof value !== 'object' || value === null)) {
    throw typeError(action, rule, name, value);
  }
  let made: unknown;
  try {
    made = typeof value === 'string' ? fromName(value, factories) : isMember(value) ? value : fromConfig(value);
  } catch (error) {
    const reason = oneLine((error as Error).message);
    throw rangeError(action, `${name} must have a valid config (${reason})`, name, value);
  }
  if (!isMember(made)) throw rangeError(action, rule, name, value);
  return made;
}

/** Prototype of the abstract class that all members of the example's family extend. */
function baseOf(example: object): object {
  return Object.getPrototypeOf(Object.getPrototypeOf(example)) as object;
}

/** tfjs itself accepts both `'zeros'` and `'Zeros'`, and the name of any registered class. */
function fromName(name: string, factories: ObjectFactories<unknown>): unknown {
  const factory = Object.entries(factories).find(([key]) => key === name.charAt(0).toLowerCase() + name.slice(1));
  return factory === undefined ? fromConfig({ className: name }) : factory[1]({ seed: null });
}

/** Creates an instance of a class registered with tfjs; undefined if the class name is unknown. */
function fromConfig(serialized: object): unknown {
  const { className, config = {} } = serialized as { className?: unknown; config?: unknown };
  const { classNameMap } = tf.serialization.SerializationMap.getMap();
  if (typeof className !== 'string' || !Object.hasOwn(classNameMap, className) || !isPlainObject(config)) {
    return undefined;
  }
  const [Class, make] = classNameMap[className]!;
  return make(Class, config as tf.serialization.ConfigDict);
}
