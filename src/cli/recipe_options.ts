/** Options of `train` for the optimizer, the learning rate, the loss and the end of a run. */
import { Option, type Command } from 'commander';
import { checkNumber } from '../errors.js';
import { augmentText } from './augment_option.js';
import { fraction, integer, nameOrPath, positive } from './option_values.js';

export const OPTIMIZER_NAMES = ['adam', 'adamw', 'sgd'] as const;
export const SCHEDULE_NAMES = ['cosine', 'constant', 'step', 'one-cycle'] as const;
export const LOSS_NAMES = ['cross-entropy', 'focal', 'binary'] as const;

/** Options of a recipe, as the parser gives them; all are missing by default. */
export interface RecipeOptions {
  readonly optimizer?: (typeof OPTIMIZER_NAMES)[number];
  readonly momentum?: number;
  readonly weightDecay?: number;
  readonly clip?: number;
  readonly ema?: number;
  readonly accumulate?: number;
  readonly offsetRate?: number;
  readonly schedule?: (typeof SCHEDULE_NAMES)[number];
  readonly warmUp?: number;
  readonly plateau?: number;
  readonly loss?: (typeof LOSS_NAMES)[number];
  readonly labelSmoothing?: number;
  readonly classWeights?: boolean;
  readonly earlyStopping?: number;
  readonly seconds?: number;
  readonly keepBest?: boolean;
  readonly augment?: string;
}

type Check = (value: unknown) => boolean;

const isNumber: Check = (value) => {
  try {
    return checkNumber('', '', value, { from: 0 }) >= 0;
  } catch {
    return false;
  }
};
const isOneOf =
  (names: readonly string[]): Check =>
  (value) =>
    names.includes(value as string);

/** Type check of each option in a checkpoint; ranges are checked by the trainer. */
export const RECIPE_SETTINGS = {
  optimizer: isOneOf(OPTIMIZER_NAMES),
  momentum: isNumber,
  weightDecay: isNumber,
  clip: isNumber,
  ema: isNumber,
  accumulate: isNumber,
  offsetRate: isNumber,
  schedule: isOneOf(SCHEDULE_NAMES),
  warmUp: isNumber,
  plateau: isNumber,
  loss: isOneOf(LOSS_NAMES),
  labelSmoothing: isNumber,
  classWeights: (value) => value === true,
  earlyStopping: isNumber,
  seconds: isNumber,
  keepBest: (value) => value === true,
  augment: (value) => typeof value === 'string',
} as const satisfies Readonly<Record<keyof RecipeOptions, Check>>;

const MOST_STEPS = 1_000_000;
const MOST_SECONDS = 10_000_000;

/** Adds the options to a command, in groups of its help. */
export function addRecipeOptions(command: Command): Command {
  const add = (group: string, options: readonly Option[]): void => {
    for (const option of options) command.addOption(option.helpGroup(group));
  };
  add('Optimizer:', [
    new Option('--optimizer <name>', 'rule of the updates (default: adam)').choices(OPTIMIZER_NAMES),
    new Option('--momentum <number>', 'momentum of sgd, with the look-ahead of Nesterov (default: 0.9)').argParser(
      fraction,
    ),
    new Option(
      '--weight-decay <number>',
      'decoupled weight decay of all but biases and normalizations (default: 0, and 0.004 for adamw)',
    ).argParser(positive(1)),
    new Option('--clip <norm>', 'largest norm of all gradients together (default: no limit)').argParser(
      positive(1_000_000),
    ),
    new Option(
      '--ema <momentum>',
      'evaluate and save moving averages of the weights, such as 0.99 (default: the weights themselves)',
    ).argParser(fraction),
    new Option('--accumulate <steps>', 'steps whose mean gradient makes one update (default: 1)').argParser(
      integer(1, MOST_STEPS),
    ),
    new Option('--offset-rate <factor>', 'learning rate of offsets relative to the others (default: 0.1)').argParser(
      positive(100),
    ),
  ]);
  add('Learning rate:', [
    new Option('--schedule <name>', 'course of the learning rate (default: cosine)').choices(SCHEDULE_NAMES),
    new Option('--warm-up <epochs>', 'epochs in which the learning rate rises from 0 (default: 0)').argParser(
      positive(MOST_STEPS),
    ),
    new Option(
      '--plateau <epochs>',
      'epochs without a lower test loss after which the learning rate falls to a tenth (default: never)',
    ).argParser(integer(1, MOST_STEPS)),
  ]);
  add('Loss:', [
    new Option(
      '--loss <name>',
      'loss to minimize; binary is for images with several labels, with sigmoid in place of softmax (default: cross-entropy, or binary)',
    ).choices(LOSS_NAMES),
    new Option('--label-smoothing <fraction>', 'fraction of a label to spread over all classes (default: 0)').argParser(
      fraction,
    ),
    new Option('--class-weights', 'weigh classes so that each counts the same, however many images it has'),
  ]);
  add('Images:', [
    new Option(
      '--augment <changes>',
      'random changes of training images instead of zoom=0.1,shift=0.1, such as flip,rotate=10,contrast=0.2,mixup=0.2; ' +
        'also flip=vertical, flip=both, brightness=0.2, erase=0.2, cutmix=1 and rand=2:9 (RandAugment: operations and magnitude to 30)',
    ).argParser(augmentText),
    new Option('--preview <file>', 'write a PNG picture of training images as the network sees them').argParser(
      nameOrPath,
    ),
  ]);
  add('End of the run:', [
    new Option(
      '--early-stopping <epochs>',
      'epochs without a lower test loss after which to stop; implies --keep-best (default: never)',
    ).argParser(integer(1, MOST_STEPS)),
    new Option('--keep-best', 'save the model after the epoch of the lowest test loss instead of the last'),
    new Option(
      '--seconds <count>',
      'seconds of training that no further epoch may exceed (default: no limit)',
    ).argParser(positive(MOST_SECONDS)),
  ]);
  return command;
}
