/**
 * Constructor arguments of layers, normalised and validated once. Names are those of Keras and tfjs: initializers,
 * regularizers and constraints are given as an object, as a name (`'glorotUniform'`) or as `{className, config}`, and
 * are written back to a config in the last form, which `tf.loadLayersModel` reads.
 */
import * as tf from '@tensorflow/tfjs';
import { checkBoolean, checkNumber, checkOneOf, isPlainObject, rangeError, typeError, type Action } from '../errors.js';
import { hardSwish } from './hard_swish_activation.js';

export type Initializer = ReturnType<typeof tf.initializers.ones>;
export type Regularizer = ReturnType<typeof tf.regularizers.l1l2>;
export type Constraint = ReturnType<typeof tf.constraints.nonNeg>;

export type InitializerIdentifier = string | Initializer | tf.serialization.ConfigDict;
export type RegularizerIdentifier = string | Regularizer | tf.serialization.ConfigDict;
export type ConstraintIdentifier = string | Constraint | tf.serialization.ConfigDict;

/** Names of the activations that the host's layers take. */
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
export type HostActivationIdentifier = Exclude<(typeof HOST_ACTIVATIONS)[number], 'logSoftmax'>;

/** Names of the functions that an `activation` argument can take: those of the host and one that it lacks. */
export const ACTIVATIONS = [...HOST_ACTIVATIONS, 'hardSwish'] as const;
export type ActivationIdentifier = (typeof ACTIVATIONS)[number];

/** Order of an image batch's axes: [n, h, w, c] or [n, c, h, w]. */
export type DataFormat = 'channelsLast' | 'channelsFirst';

/** Arguments that every layer takes. */
export interface LayerArgs {
  /** Unique within a model. @default the class name in snake case with a number */
  name?: string;
  /** Whether training updates the weights. @default true */
  trainable?: boolean;
  /** Shape of one input without the batch axis; only for the first layer of a `tf.sequential`. */
  inputShape?: tf.Shape;
  /** The same with the batch axis. */
  batchInputShape?: tf.Shape;
  /** Fixed batch size, together with `inputShape`. */
  batchSize?: number;
  /** Kind of the input, together with `inputShape`. @default 'float32' */
  dtype?: tf.DataType;
  /** Initial values of all weights, in the order of `getWeights()`. */
  weights?: tf.Tensor[];
}

/** How one weight starts and what holds it. */
export interface WeightOptions {
  readonly initializer: Initializer;
  readonly regularizer: Regularizer | null;
  readonly constraint: Constraint | null;
}

/** An activation by name, ready to be applied; `linear` hands its argument through. */
export interface Activation {
  readonly identifier: ActivationIdentifier;
  readonly apply: <T extends tf.Tensor>(x: T) => T;
}

/** Functions of tfjs that make an object out of options, none of which is needed here. */
type Makers<T> = Readonly<Record<string, (options: { seed: null }) => T>>;

/** A kind of objects: its makers by name, and one of its objects, of a class directly below the kind's own. */
interface Kind<T> {
  readonly makers: Makers<T>;
  readonly example: T;
}

/**
 * Other words for activations: `gelu_new` comes back as `geluNew` from a saved model, and Keras has two names for some,
 * which `tf.loadLayersModel` hands over in camel case.
 */
const OTHER_NAMES: ReadonlyMap<unknown, ActivationIdentifier> = new Map([
  ['geluNew', 'gelu_new'],
  ['hard_swish', 'hardSwish'],
  ['hard_silu', 'hardSwish'],
  ['hardSilu', 'hardSwish'],
  ['silu', 'swish'],
]);

export function toActivation(action: Action, name: string, value: unknown): Activation {
  const identifier = checkOneOf(action, name, OTHER_NAMES.get(value) ?? value ?? 'linear', ACTIVATIONS);
  if (identifier === 'linear') return { identifier, apply: (x) => x };
  if (identifier === 'hardSwish') return { identifier, apply: <T extends tf.Tensor>(x: T) => hardSwish(x) as T };
  // tfjs exports its activation functions only inside this layer. The name keeps it from using up a default one. Its type
  // forgets one of them.
  const activation = identifier as HostActivationIdentifier;
  const layer = tf.layers.activation({ activation, name: identifier });
  return { identifier, apply: <T extends tf.Tensor>(x: T) => layer.call(x, {}) as T };
}

/** The activation of a layer of the host. */
export function toHostActivation(action: Action, name: string, value: unknown): HostActivationIdentifier {
  return checkOneOf(action, name, OTHER_NAMES.get(value) ?? value, HOST_ACTIVATIONS) as HostActivationIdentifier;
}

const initializerKind = (): Kind<Initializer> => ({
  makers: tf.initializers as unknown as Makers<Initializer>,
  example: tf.initializers.ones(),
});

const regularizerKind = (): Kind<Regularizer> => ({
  makers: tf.regularizers as unknown as Makers<Regularizer>,
  example: tf.regularizers.l1l2(),
});

const constraintKind = (): Kind<Constraint> => ({
  makers: tf.constraints as unknown as Makers<Constraint>,
  example: tf.constraints.nonNeg(),
});

export function toInitializer(action: Action, name: string, value: unknown, otherwise: string): Initializer {
  return toObject(action, name, value ?? otherwise, initializerKind());
}

export function toRegularizer(action: Action, name: string, value: unknown): Regularizer | null {
  return isAbsent(value) ? null : toObject(action, name, value, regularizerKind());
}

export function toConstraint(action: Action, name: string, value: unknown): Constraint | null {
  return isAbsent(value) ? null : toObject(action, name, value, constraintKind());
}

export function toBoolean(action: Action, name: string, value: unknown, otherwise: boolean): boolean {
  return checkBoolean(action, name, value ?? otherwise);
}

export function toDataFormat(action: Action, value: unknown): DataFormat {
  return checkOneOf(action, 'dataFormat', value ?? 'channelsLast', ['channelsLast', 'channelsFirst']);
}

/** A finite number from `minimum` (below `below`, where given); the default where the argument is absent. */
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

/** What a config stores of an initializer, regularizer or constraint. */
export function toConfig(object: Initializer | Regularizer | Constraint | null): tf.serialization.ConfigDict | null {
  return object && { className: object.getClassName(), config: object.getConfig() };
}

/** Absent arguments come as undefined from users and as null from saved models. */
export function isAbsent(value: unknown): value is null | undefined {
  return value === undefined || value === null;
}

/** An object from itself, from its name, or from the config that a saved model holds. */
function toObject<T extends tf.serialization.Serializable>(
  action: Action,
  name: string,
  value: unknown,
  { makers, example }: Kind<T>,
): T {
  const rule = `${name} must be an object, a {className, config}, or one of ${Object.keys(makers).join(', ')}`;
  const isKind = (object: unknown): object is T =>
    Object.prototype.isPrototypeOf.call(baseOf(example), object as object);
  if (typeof value !== 'string' && (typeof value !== 'object' || value === null)) {
    throw typeError(action, rule, name, value);
  }
  const made = typeof value === 'string' ? fromName(value, makers) : isKind(value) ? value : fromConfig(value);
  if (!isKind(made)) throw rangeError(action, rule, name, value);
  return made;
}

/** The prototype of the abstract class that all objects of the example's kind extend. */
function baseOf(example: object): object {
  return Object.getPrototypeOf(Object.getPrototypeOf(example)) as object;
}

/** tfjs itself takes both `'zeros'` and `'Zeros'`, and the name of any registered class. */
function fromName(name: string, makers: Makers<unknown>): unknown {
  const maker = Object.entries(makers).find(([key]) => key === name.charAt(0).toLowerCase() + name.slice(1));
  return maker === undefined ? fromConfig({ className: name }) : maker[1]({ seed: null });
}

/** An instance of a class that tfjs knows by name, or undefined where it knows none. */
function fromConfig(serialized: object): unknown {
  const { className, config = {} } = serialized as { className?: unknown; config?: unknown };
  const { classNameMap } = tf.serialization.SerializationMap.getMap();
  if (typeof className !== 'string' || !Object.hasOwn(classNameMap, className) || !isPlainObject(config))
    return undefined;
  const [Class, make] = classNameMap[className]!;
  return make(Class, config as tf.serialization.ConfigDict);
}
