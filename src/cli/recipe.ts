/** Parts of a training run that the options of a recipe ask for. */
import { Adam } from '../training/adam.js';
import { AdamW } from '../training/adamw.js';
import type { Images, SplitImages } from '../training/image_source.js';
import { IGNORED } from '../training/masks.js';
import { countClasses } from '../training/multi_hot.js';
import type { EarlyStopping, Plateau } from '../training/early_stopping.js';
import * as losses from '../training/losses/index.js';
import * as schedules from '../training/schedules/index.js';
import { SGD } from '../training/sgd.js';
import type { OptimizerDefaults, TrainingParts } from '../training/training_parts.js';
import type { VariableOptimizer } from '../training/variable_optimizer.js';
import { UsageError } from './exit_status.js';
import type { RecipeOptions } from './recipe_options.js';

/** Length of a run. */
interface Run {
  readonly epochs: number;
  readonly batch: number;
  readonly learningRate: number;
}

/** Options of a run that follow from a recipe. */
interface Recipe extends Pick<TrainingParts, 'optimizer' | 'schedule' | 'loss'> {
  readonly offsetLearningRateMultiplier?: number;
  readonly earlyStopping?: EarlyStopping;
  readonly plateau?: Plateau;
  readonly seconds?: number;
}

/** Momentum of SGD, and the factor of the learning rate in a schedule by steps. */
const MOMENTUM = 0.9;
const STEP_FACTOR = 0.1;

/** Returns what the options change in a run; nothing for none. */
export function recipeOf(options: RecipeOptions & Run, data: SplitImages): Recipe {
  const { offsetRate, earlyStopping, plateau, seconds } = options;
  const optimizer = optimizerOf(options);
  const schedule = scheduleOf(options, Math.ceil(data.train.labels.length / options.batch));
  const loss = lossOf(options, data);
  return {
    ...(optimizer && { optimizer }),
    ...(schedule && { schedule }),
    ...(loss && { loss }),
    ...(offsetRate !== undefined && { offsetLearningRateMultiplier: offsetRate }),
    ...(earlyStopping !== undefined && { earlyStopping: { patience: earlyStopping } }),
    ...(plateau !== undefined && { plateau: { patience: plateau } }),
    ...(seconds !== undefined && { seconds }),
  };
}

function optimizerOf(options: RecipeOptions): ((defaults: OptimizerDefaults) => VariableOptimizer) | undefined {
  const { optimizer = 'adam', momentum, weightDecay, clip, ema, accumulate } = options;
  if (momentum !== undefined && optimizer !== 'sgd') {
    throw new UsageError("option '--momentum' needs option '--optimizer sgd'");
  }
  const given = {
    ...(weightDecay !== undefined && { weightDecay }),
    ...(clip !== undefined && { globalClipNorm: clip }),
    ...(ema !== undefined && { useEma: true, emaMomentum: ema }),
    ...(accumulate !== undefined && { gradientAccumulationSteps: accumulate }),
  };
  if (optimizer === 'adam' && Object.keys(given).length === 0) return undefined;
  return (defaults) => {
    if (optimizer === 'sgd') {
      const own = momentum ?? MOMENTUM;
      return new SGD({ ...defaults, ...given, momentum: own, nesterov: own > 0 });
    }
    return optimizer === 'adamw' ? new AdamW({ ...defaults, ...given }) : new Adam({ ...defaults, ...given });
  };
}

function scheduleOf(options: RecipeOptions & Run, stepsPerEpoch: number): TrainingParts['schedule'] {
  const { schedule, warmUp = 0, learningRate: initial, epochs } = options;
  if (schedule === undefined && warmUp === 0) return undefined;
  const warm = Math.round(warmUp * stepsPerEpoch);
  const rest = epochs * stepsPerEpoch - warm;
  if (rest < 2) throw new UsageError(`option '--warm-up' must leave steps of the ${epochs} epochs`);
  const then = {
    cosine: () => schedules.cosine({ initial, steps: rest }),
    constant: () => schedules.constant(initial),
    step: () => schedules.steps({ initial, at: Math.max(1, Math.ceil(rest / 3)), factor: STEP_FACTOR }),
    'one-cycle': () => schedules.oneCycle({ highest: initial, steps: rest }),
  }[schedule ?? 'cosine']();
  return warm > 0 ? schedules.warmUp({ steps: warm, then }) : then;
}

/** Class of each image, or of each pixel that has one. */
function classesOf({ labels, masks }: Images): ArrayLike<number> {
  return masks ? masks.values.filter((value) => value !== IGNORED) : labels;
}

function lossOf({ loss, labelSmoothing, classWeights }: RecipeOptions, { train }: SplitImages): TrainingParts['loss'] {
  const { multiHot, labels, classNames } = train;
  if (loss !== undefined && (loss === 'binary') !== (multiHot !== undefined)) {
    const rule = multiHot ? 'images with several labels need binary' : 'binary is for images with several labels';
    throw new UsageError(`option '--loss' must fit the data: ${rule}, received loss = '${loss}'`);
  }
  if (labelSmoothing === undefined && classWeights !== true && loss !== 'focal' && loss !== 'cross-entropy') {
    return undefined;
  }
  if (multiHot) {
    return losses.binaryCrossentropy({
      ...(labelSmoothing !== undefined && { labelSmoothing }),
      ...(classWeights && { positiveWeights: positiveWeights(countClasses(train), labels.length) }),
    });
  }
  const options = {
    ...(labelSmoothing !== undefined && { labelSmoothing }),
    ...(classWeights && { classWeights: losses.classWeights(classesOf(train), classNames.length) }),
  };
  return loss === 'focal' ? losses.categoricalFocalCrossentropy(options) : losses.categoricalCrossentropy(options);
}

/** Weights with which the images of a class count as much as all others. */
function positiveWeights(counts: readonly number[], images: number): number[] {
  return counts.map((count) => (images - count) / Math.max(count, 1));
}
