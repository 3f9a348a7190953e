/** Checks of the arguments that every layer passes on to TensorFlow.js, which does not check them. */
import * as tf from '@tensorflow/tfjs';
import {
  checkBoolean,
  checkInteger,
  checkOneOf,
  isPlainObject,
  LARGEST_INTEGER,
  rangeError,
  typeError,
  type Action,
} from '../errors.js';
import { sizeOf } from '../kernel/sizes.js';
import { isAbsent } from './config.js';

/** Check of one given argument. */
type Check = (action: Action, name: string, value: unknown, dtypes: readonly tf.DataType[]) => void;

const checkDtype: Check = (action, name, value, dtypes) => checkOneOf(action, name, value, dtypes);

const CHECKS: Readonly<Record<string, Check>> = {
  name: checkName,
  trainable: checkBoolean,
  inputShape: checkSizes,
  batchInputShape: checkSizes,
  batchSize: (action, name, value) => checkInteger(action, name, value, 1),
  dtype: checkDtype,
  inputDType: checkDtype,
  weights: checkTensors,
};

/**
 * Returns the arguments if they form an object and those that TensorFlow.js reads are valid.
 *
 * @param layer class name of the layer
 * @param dtypes data types of inputs that the layer accepts
 */
export function checkLayerArgs<T>(layer: string, args: T, dtypes: readonly tf.DataType[]): T {
  const action = `build layer ${layer}`;
  if (!isPlainObject(args)) {
    throw typeError(action, `the arguments of ${layer} must be an object: {name: value}`, 'options', args);
  }
  for (const [name, check] of Object.entries(CHECKS)) {
    const value = Object.hasOwn(args, name) ? args[name] : undefined;
    if (!isAbsent(value)) check(action, name, value, dtypes);
  }
  return args;
}

function checkName(action: Action, name: string, value: unknown): void {
  if (typeof value !== 'string') throw typeError(action, 'name must be a string', name, value);
  if (value === '') throw rangeError(action, 'name must not be empty', name, value);
}

function checkSizes(action: Action, name: string, value: unknown): void {
  if (!Array.isArray(value)) throw typeError(action, `${name} must be a list of sizes`, name, value);
  for (const size of value as unknown[]) if (size !== null) checkInteger(action, name, size, 0);
  if (sizeOf((value as (number | null)[]).map((size) => size ?? 1)) > LARGEST_INTEGER) {
    throw rangeError(action, `${name} must have fewer than 2³¹ elements`, name, value);
  }
}

function checkTensors(action: Action, name: string, value: unknown): void {
  if (!Array.isArray(value) || !value.every((weight) => weight instanceof tf.Tensor)) {
    throw typeError(action, `${name} must be a list of tensors`, name, value);
  }
}
