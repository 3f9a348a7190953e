/**
 * Constructor arguments of layers, normalised and validated once. Names are those of Keras and tfjs: initializers,
 * regularizers and constraints are given as an object, as a name (`'glorotUniform'`) or as `{className, config}`, and
 * are written back to a config in the last form, which `tf.loadLayersModel` reads.
 */
import * as tf from '@tensorflow/tfjs';
import { checkOneOf, rangeError, typeError, type Action } from '../errors.js';

export type Initializer = ReturnType<typeof tf.initializers.ones>;
export type Regularizer = ReturnType<typeof tf.regularizers.l1l2>;
export type Constraint = ReturnType<typeof tf.constraints.nonNeg>;

export type InitializerIdentifier = string | Initializer | tf.serialization.ConfigDict;
export type RegularizerIdentifier = string | Regularizer | tf.serialization.ConfigDict;
export type ConstraintIdentifier = string | Constraint | tf.serialization.ConfigDict;

/** Names of the functions that an `activation` argument can take. */
export const ACTIVATIONS = [
  'linear',
  'elu',
  'gelu',
  'gelu_new',
  'hardSigmoid',
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
] as const satisfies readonly Parameters<typeof tf.layers.activation>[0]['activation'][];
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

/** A word as tfjs stores it in a saved model: `gelu_new` comes back as `geluNew`. */
const RESTORED_ACTIVATIONS: Readonly<Record<string, ActivationIdentifier>> = { geluNew: 'gelu_new' };

export function toActivation(action: Action, name: string, value: unknown): Activation {
  const restored = typeof value === 'string' ? (RESTORED_ACTIVATIONS[value] ?? value) : value;
  const identifier = checkOneOf(action, name, restored ?? 'linear', ACTIVATIONS);
  if (identifier === 'linear') return { identifier, apply: (x) => x };
  // tfjs exports its activation functions only inside this layer. The name keeps it from using up a default one.
  const layer = tf.layers.activation({ activation: identifier, name: identifier });
  return { identifier, apply: <T extends tf.Tensor>(x: T) => layer.call(x, {}) as T };
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
  if (isAbsent(value)) return otherwise;
  if (typeof value !== 'boolean') throw typeError(action, `${name} must be true or false`, name, value);
  return value;
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
  const number = value ?? otherwise;
  const rule = `${name} must be a number of at least ${minimum}${below === Infinity ? '' : ` and below ${below}`}`;
  if (typeof number !== 'number') throw typeError(action, rule, name, value);
  if (!(number >= minimum && number < below)) throw rangeError(action, rule, name, value);
  return number;
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
  const { className = '', config = {} } = serialized as { className?: string; config?: tf.serialization.ConfigDict };
  const entry = tf.serialization.SerializationMap.getMap().classNameMap[className];
  return entry && entry[1](entry[0], config);
}
