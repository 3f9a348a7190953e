/**
 * Spelling of Keras's configurations, and the small objects in them: initializers, regularizers, constraints and
 * activations. Options are in snake case there and in camel case here; words such as `channels_last` likewise.
 */
import { isPlainObject, show } from '../errors.js';

/** Options of a layer, by name. */
export type Config = Readonly<Record<string, unknown>>;

/** An object as Keras 3 describes it. */
export interface KerasObject {
  readonly module: string | null;
  readonly class_name: string;
  readonly config: Config | string;
  readonly registered_name: string | null;
}

/** Reason why a layer cannot be described in the other library. */
export class Inexpressible extends Error {
  override readonly name = 'Inexpressible';
}

/** Modules of Keras, with its names of the classes whose objects can be options. Listed by their names here. */
const MODULES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'keras.initializers': {
    ...same('Zeros', 'Ones', 'Constant', 'RandomUniform', 'RandomNormal', 'TruncatedNormal', 'Identity', 'Orthogonal'),
    ...same('VarianceScaling', 'GlorotUniform', 'GlorotNormal', 'HeNormal', 'HeUniform'),
    LeCunNormal: 'LecunNormal',
    LeCunUniform: 'LecunUniform',
  },
  'keras.regularizers': same('L1L2'),
  'keras.constraints': same('MaxNorm', 'UnitNorm', 'NonNeg', 'MinMaxNorm'),
};

/** Names of classes in earlier releases of Keras. */
const FORMER_CLASSES: Readonly<Record<string, string>> = {
  OrthogonalInitializer: 'Orthogonal',
  IdentityInitializer: 'Identity',
};

/** Activations of TensorFlow.js whose names in Keras are not simply in snake case. */
const ACTIVATIONS: Readonly<Record<string, string>> = { swish: 'silu', hardSwish: 'hard_silu' };

/** Activations of TensorFlow.js that compute other values than those of the same name in Keras, or that it lacks. */
const OWN_ACTIVATIONS: readonly string[] = ['hard_sigmoid', 'gelu_new'];

/** Activations of Keras that TensorFlow.js has, with their names here. */
const READABLE_ACTIVATIONS: Readonly<Record<string, string>> = {
  ...same('linear', 'elu', 'gelu', 'mish', 'relu', 'relu6', 'selu', 'sigmoid', 'softmax', 'softplus', 'softsign'),
  ...same('swish', 'tanh', 'gelu_new'),
  silu: 'swish',
  log_softmax: 'logSoftmax',
  hard_swish: 'hardSwish',
  hard_silu: 'hardSwish',
};

/** Package under which the Python package registers its classes and functions. */
const PREFIX = 'Convolutions>';

function same(...names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, name]));
}

/** Converts `dataFormat` to `data_format`. */
export function toSnake(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase();
}

/** Converts `data_format` to `dataFormat`. */
export function toCamel(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** Describes the value of an option as Keras does. */
export function writeValue(value: unknown): unknown {
  if (value === undefined) return null;
  if (typeof value === 'string') return toSnake(value);
  if (Array.isArray(value)) return value.map(writeValue);
  if (!isPlainObject(value)) return value;
  const { className, config } = value;
  for (const [module, classes] of Object.entries(MODULES)) {
    const name = Object.hasOwn(classes, String(className)) ? classes[String(className)] : undefined;
    if (name === undefined) continue;
    return { module, class_name: name, config: writeConfig(config as Config), registered_name: null };
  }
  throw new Inexpressible(`Keras has no class ${String(className)}`);
}

/** Describes options as Keras does. */
export function writeConfig(config: Config): Config {
  return Object.fromEntries(Object.entries(config).map(([name, value]) => [toSnake(name), writeValue(value)]));
}

/** Describes an activation of a Keras layer. */
export function writeActivation(activation: string): string | KerasObject {
  const name = ACTIVATIONS[activation] ?? toSnake(activation);
  if (!OWN_ACTIVATIONS.includes(name)) return name;
  const registered = `${PREFIX}${name}`;
  return { module: 'tfjs_convolutions', class_name: 'function', config: registered, registered_name: registered };
}

/**
 * Reads an activation of a Keras layer.
 *
 * @param isKeras2 whether the file is of Keras 2, whose `hard_sigmoid` is that of TensorFlow.js
 */
export function readActivation(value: unknown, isKeras2: boolean): string {
  const isFunction = isPlainObject(value) && value['class_name'] === 'function';
  const given = isFunction ? value['config'] : value;
  const name = given === null || given === undefined ? 'linear' : given;
  if (typeof name === 'string') {
    if (name === `${PREFIX}hard_sigmoid` || (isKeras2 && name === 'hard_sigmoid')) return 'hardSigmoid';
    const plain = name.startsWith(PREFIX) ? name.slice(PREFIX.length) : name;
    if (Object.hasOwn(READABLE_ACTIVATIONS, plain)) return READABLE_ACTIVATIONS[plain]!;
  }
  throw new Inexpressible(`it has no activation ${show(name)}`);
}

/** Reads an initializer, a regularizer or a constraint. */
export function readObject(option: string, value: unknown): Config | null {
  if (value === null || value === undefined) return null;
  const { class_name: given, config = {} } = (
    typeof value === 'string' ? { class_name: pascal(value) } : value
  ) as Partial<KerasObject>;
  const name = FORMER_CLASSES[String(given)] ?? String(given);
  if (!isPlainObject(config)) throw new Inexpressible(`${option} must be an object of Keras`);
  // Keras has a class for each of the two.
  if (name === 'L1' || name === 'L2') return { className: 'L1L2', config: { l1: 0, l2: 0, ...readOptions(config) } };
  for (const classes of Object.values(MODULES)) {
    const [className] = Object.entries(classes).find(([, keras]) => keras === name) ?? [];
    if (className !== undefined) return { className, config: readOptions(config) };
  }
  throw new Inexpressible(`it has no ${option} ${show(name)}`);
}

/** Converts options to the spelling of TensorFlow.js. */
function readOptions(config: Config): Config {
  return Object.fromEntries(
    Object.entries(config).flatMap(([name, value]) => {
      // The seed of an object that Keras has seeded itself, or none.
      if (value === null || (name === 'seed' && typeof value !== 'number')) return [];
      if (value === 'untruncated_normal') return [[toCamel(name), 'normal']];
      return [[toCamel(name), typeof value === 'string' ? toCamel(value) : value]];
    }),
  );
}

/** Converts `glorot_uniform` to `GlorotUniform`. */
function pascal(name: string): string {
  const camel = toCamel(name);
  return camel.charAt(0).toUpperCase() + camel.slice(1);
}

/** Converts the options of a layer of this package, whose words and names are those of Keras in camel case. */
export function readOwnOptions(config: Config): Config {
  return Object.fromEntries(
    Object.entries(config).map(([name, value]) => {
      if (/_(initializer|regularizer|constraint)$/.test(name)) return [toCamel(name), readObject(name, value)];
      return [toCamel(name), typeof value === 'string' ? toCamel(value) : value];
    }),
  );
}
