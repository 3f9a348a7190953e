/** Parts of a run that a program can replace, each with a default. */
import * as tf from '@tensorflow/tfjs';
import { isPlainObject, typeError, type Action } from '../errors.js';
import { Adam } from './adam.js';
import { describe } from './description.js';
import type { Loss } from './losses/loss.js';
import type { Metric } from './metrics/top_k_accuracy.js';
import type { Schedule } from './schedules/schedule.js';
import type { TrainingCallback } from './training_callbacks.js';
import type { VariableOptimizer } from './variable_optimizer.js';

/** Options that a run has for its optimizer. */
export interface OptimizerDefaults {
  /** Learning rate of the first step. */
  readonly learningRate: number;
  /** Learning rate multipliers of the weights that predict offsets. */
  readonly multipliers: Readonly<Record<string, number>>;
}

/** Parts of a run. */
export interface TrainingParts {
  /**
   * Optimizer of this package, or a function that creates one; the run sets its learning rate before every step.
   * @default (defaults) => new Adam(defaults)
   */
  readonly optimizer?: VariableOptimizer | ((defaults: OptimizerDefaults) => VariableOptimizer);
  /**
   * Learning rate of each step of the run, from 0.
   * @default half a cosine from `learningRate` to 0, which ends with the run
   */
  readonly schedule?: Schedule;
  /**
   * Loss of one-hot classes and the output of the model, both [batch, classes]. That of test images stays the
   * cross-entropy. @default the cross-entropy; the binary one if images have several labels
   */
  readonly loss?: Loss;
  /** Further metrics of the test images by name, for the history. @default none */
  readonly metrics?: Readonly<Record<string, Metric>>;
  /** Callbacks of the shape of TensorFlow.js. A resumed run starts them afresh. @default none */
  readonly callbacks?: readonly TrainingCallback[];
}

/** Names of the parts. */
export const PARTS = { optimizer: true, schedule: true, loss: true, metrics: true, callbacks: true } as const;

/** Throws unless the parts are of the right kinds. */
export function checkParts(action: Action, { schedule, loss, metrics, callbacks }: TrainingParts): void {
  for (const [name, part] of Object.entries({ schedule, loss })) {
    if (part !== undefined && typeof part !== 'function') {
      throw typeError(action, `${name} must be a function`, name, part);
    }
  }
  if (metrics !== undefined) {
    if (!isPlainObject(metrics)) throw typeError(action, 'metrics must be functions by name', 'metrics', metrics);
    for (const [name, metric] of Object.entries<unknown>(metrics)) {
      if (typeof metric !== 'function') throw typeError(action, 'metrics must be functions', `metrics.${name}`, metric);
    }
  }
  if (callbacks === undefined) return;
  const isList =
    Array.isArray(callbacks) && callbacks.every((each: unknown) => typeof each === 'object' && each !== null);
  if (!isList) throw typeError(action, 'callbacks must be a list of callbacks', 'callbacks', callbacks);
}

/** Returns the optimizer of a run. */
export function optimizerOf(
  action: Action,
  optimizer: TrainingParts['optimizer'],
  defaults: OptimizerDefaults,
): VariableOptimizer {
  const made: unknown = typeof optimizer === 'function' ? optimizer(defaults) : (optimizer ?? new Adam(defaults));
  if (isOurs(made)) return made;
  const rule =
    'optimizer must be one of this package, such as new AdamW(), whose state can be saved, or a function that creates it';
  throw typeError(action, rule, 'optimizer', made);
}

/** Describes the parts that a program gave, on which the result of a run depends; undefined if there are none. */
export function describeParts(
  { optimizer, schedule, loss, metrics }: TrainingParts,
  used: VariableOptimizer,
): Readonly<Record<string, unknown>> | undefined {
  const config = { ...used.getConfig() };
  // The run sets it.
  delete config['learningRate'];
  const parts = {
    ...(optimizer !== undefined && { optimizer: { name: used.getClassName(), ...config } }),
    ...(schedule !== undefined && { schedule: describe(schedule) }),
    ...(loss !== undefined && { loss: describe(loss) }),
    ...(metrics !== undefined && { metrics: Object.keys(metrics) }),
  };
  return Object.keys(parts).length > 0 ? parts : undefined;
}

/** Tests for an optimizer of this package: `instanceof` of a class of TensorFlow.js accepts any optimizer. */
function isOurs(value: unknown): value is VariableOptimizer {
  return value instanceof tf.Optimizer && (value as Partial<VariableOptimizer>).hasLiveAttributes === true;
}
