/** Options that all optimizers share, and what they mean for a step. */
import type * as tf from '@tensorflow/tfjs';
import { checkBoolean, checkInteger, isPlainObject, rangeError, typeError, type Action } from '../errors.js';
import type { ClipAttributes } from '../ops/clip_gradients/kernels.js';
import type { OptionNames } from '../support/check_options.js';
import { checkBelowOne, checkNotNegative, checkPositive } from './checks.js';
import type { Schedule } from './schedules/schedule.js';

/** Options of every optimizer. */
export interface UpdateOptions {
  /** Learning rate, or a function of the number of finished updates. */
  learningRate?: number | Schedule;
  /**
   * Decoupled weight decay (Loshchilov and Hutter): before an update, a value shrinks by learningRate · weightDecay of
   * itself. @default 0, and 0.004 for `AdamW`
   */
  weightDecay?: number;
  /**
   * Returns whether the variable of a name decays. @default all but biases, and scales and shifts of normalizations: names
   * that end in `bias`, `gamma` or `beta`
   */
  decays?: (name: string) => boolean;
  /** Largest absolute value of an element of a gradient. At most one way to clip can be chosen. @default none */
  clipValue?: number;
  /** Largest Euclidean norm of the gradient of one variable. @default none */
  clipNorm?: number;
  /** Largest Euclidean norm of the gradients of all variables together. @default none */
  globalClipNorm?: number;
  /** Number of steps whose mean gradient makes one update. @default 1 */
  gradientAccumulationSteps?: number;
  /** Keeps an exponential moving average of every variable. @default false */
  useEma?: boolean;
  /** Momentum of the averages, in [0, 1). @default 0.99 */
  emaMomentum?: number;
  /** Number of updates after which the averages are assigned to the variables, again and again. @default never */
  emaOverwriteFrequency?: number;
  /** Learning rate multipliers of individual variables, by name. @default none */
  multipliers?: Readonly<Record<string, number>>;
}

export const UPDATE_OPTIONS: OptionNames<UpdateOptions> = {
  learningRate: true,
  weightDecay: true,
  decays: true,
  clipValue: true,
  clipNorm: true,
  globalClipNorm: true,
  gradientAccumulationSteps: true,
  useEma: true,
  emaMomentum: true,
  emaOverwriteFrequency: true,
  multipliers: true,
};

/** Moving averages of the variables. */
export interface AveragePlan {
  readonly momentum: number;
  readonly overwriteFrequency: number | undefined;
}

/** Checked options. */
export interface UpdatePlan {
  readonly learningRate: number | Schedule;
  readonly weightDecay: number;
  readonly decays: (name: string) => boolean;
  readonly clip: ClipAttributes | undefined;
  /** Number of steps per update. */
  readonly steps: number;
  readonly average: AveragePlan | undefined;
  readonly multipliers: Readonly<Record<string, number>>;
  /** Options that differ from their defaults, apart from the learning rate, for a configuration. */
  readonly extra: Readonly<Record<string, number | boolean>>;
}

/** Options to clip by, and what each one clips. */
const CLIPS = { clipValue: 'value', clipNorm: 'norm', globalClipNorm: 'globalNorm' } as const;

const NOT_DECAYED = /(^|[/_])(bias|gamma|beta)(_\d+)?$/;

/**
 * Checks options.
 *
 * @param options options whose names have been checked
 * @param defaults learning rate and weight decay of the optimizer
 * @throws TypeError if an option is of the wrong kind, or two exclude each other; RangeError if one is out of range
 */
export function planUpdates(
  action: Action,
  options: UpdateOptions,
  defaults: { readonly learningRate: number; readonly weightDecay: number },
): UpdatePlan {
  const { learningRate = defaults.learningRate, weightDecay = defaults.weightDecay, decays } = options;
  if (typeof learningRate !== 'function') checkPositive(action, 'learningRate', learningRate);
  checkNotNegative(action, 'weightDecay', weightDecay);
  if (decays !== undefined && typeof decays !== 'function') {
    throw typeError(action, 'decays must be a function of the name of a variable', 'decays', decays);
  }
  const { gradientAccumulationSteps: steps = 1, multipliers = {} } = options;
  checkInteger(action, 'gradientAccumulationSteps', steps, 1);
  checkMultipliers(action, multipliers);
  const average = planAverages(action, options);
  const given = { ...options, weightDecay };
  const extra = Object.entries(DEFAULTS).filter(([name, value]) => {
    const own = given[name as keyof typeof DEFAULTS];
    return own !== undefined && own !== value;
  });
  return {
    learningRate,
    weightDecay,
    decays: decays ?? ((name) => !NOT_DECAYED.test(name)),
    clip: planClipping(action, options),
    steps,
    average,
    multipliers,
    extra: Object.fromEntries(extra.map(([name]) => [name, given[name as keyof typeof DEFAULTS]!])),
  };
}

/** Defaults of the options in a configuration. */
const DEFAULTS = {
  weightDecay: 0,
  clipValue: undefined,
  clipNorm: undefined,
  globalClipNorm: undefined,
  gradientAccumulationSteps: 1,
  useEma: false,
  emaMomentum: undefined,
  emaOverwriteFrequency: undefined,
} as const;

function planClipping(action: Action, options: UpdateOptions): ClipAttributes | undefined {
  const given = (Object.keys(CLIPS) as (keyof typeof CLIPS)[]).filter((name) => options[name] !== undefined);
  const [name, other] = given;
  if (name === undefined) return undefined;
  if (other !== undefined) {
    throw typeError(action, `gradients can be clipped in one way only, and ${name} is given`, other, options[other]);
  }
  return { by: CLIPS[name], limit: checkPositive(action, name, options[name]) };
}

function planAverages(action: Action, options: UpdateOptions): AveragePlan | undefined {
  const { useEma = false, emaMomentum, emaOverwriteFrequency } = options;
  if (!checkBoolean(action, 'useEma', useEma)) {
    for (const name of ['emaMomentum', 'emaOverwriteFrequency'] as const) {
      if (options[name] !== undefined) throw typeError(action, `${name} requires useEma: true`, name, options[name]);
    }
    return undefined;
  }
  if (emaOverwriteFrequency !== undefined) checkInteger(action, 'emaOverwriteFrequency', emaOverwriteFrequency, 1);
  return {
    momentum: checkBelowOne(action, 'emaMomentum', emaMomentum ?? 0.99),
    overwriteFrequency: emaOverwriteFrequency,
  };
}

function checkMultipliers(action: Action, multipliers: unknown): void {
  if (!isPlainObject(multipliers)) {
    throw typeError(action, 'multipliers must be an object of factors by variable name', 'multipliers', multipliers);
  }
  for (const [name, factor] of Object.entries(multipliers)) {
    checkNotNegative(action, `multipliers['${name}']`, factor);
  }
}

/** Returns the rate that a schedule has at an update; throws if it is not one. */
export function scheduledRate(action: Action, schedule: Schedule, update: number): number {
  const rate: unknown = schedule(update);
  if (typeof rate === 'number' && rate >= 0 && Number.isFinite(rate)) return rate;
  throw rangeError(
    action,
    `the schedule must return a number of at least 0 for update ${update}`,
    'learningRate',
    rate,
  );
}

/** Returns a configuration without what the host adds to it when it loads a model. */
export function withoutHost(config: tf.serialization.ConfigDict): tf.serialization.ConfigDict {
  const own = { ...config };
  delete own['customObjects'];
  return own;
}
