/** Commands, options and help of the program. The commands themselves are loaded when they run, so that help is quick. */
import { Command, InvalidArgumentError, Option } from 'commander';
import type { TrainCommandOptions, EvaluateCommandOptions, AnalyzeCommandOptions } from './command_options.js';
import { EXIT, printError, reportError, reportNoCommand, type ExitStatus } from './exit_status.js';
import { BACKEND_NAMES, findModelName, MODEL_NAMES } from './model_names.js';
import { integer, positive, seed, text } from './option_values.js';

const MAX_SIZE = 4096;
const MAX_EPOCHS = 1_000_000;
const MAX_BATCH = 65_536;
const MAX_IMAGES = 0xffff_ffff;
const MAX_CLASSES = 65_536;
/** Of the network with most convolutions that can be deformable. */
const MAX_DEFORMABLE = 34;
/** Places with stride 2 in a named network, at most. */
const PLACES = 5;

/**
 * Runs the program with the words of a command line and returns its exit status.
 *
 * @param argv words, after those of Node and of the program
 * @param version version of the package
 */
export async function runProgram(argv: readonly string[], version: string): Promise<ExitStatus> {
  if (argv.length <= 2) {
    return reportNoCommand();
  }
  let status: ExitStatus = EXIT.success;
  try {
    await createProgram(version, (result) => {
      status = result;
    }).parseAsync(argv);
  } catch (error) {
    return reportError(error);
  }
  return status;
}

/**
 * The parser of the command line, whose commands run when it is given words.
 *
 * @param version version of the package
 * @param finish receives the exit status of the command that ran
 */
export function createProgram(version: string, finish: (status: ExitStatus) => void): Command {
  const program = new Command('tfjs-convolutions')
    .description('Trains, evaluates and analyzes networks with deformable and other convolutions.')
    .version(version)
    .exitOverride()
    .configureOutput({
      outputError: (text) => {
        printError(text.replace(/^error: /, ''));
      },
      // Nothing but the whole help, where no command is found; that has its own line.
      writeErr: () => undefined,
    })
    .addHelpText('after', EXAMPLES.program);
  // Commands inherit the settings above only when they are created by this method.
  const train = program
    .command('train')
    .description('Train a network on images and write the model, its history and pictures.');
  addTrainOptions(train).action(async (_options: unknown, command: Command) => {
    const { runTrain } = await import('./train_command.js');
    finish(await runTrain(command.opts<TrainCommandOptions>(), (name) => command.getOptionValueSource(name) === 'cli'));
  });
  const evaluate = program
    .command('evaluate')
    .description('Measure loss and accuracy of a saved model on test images.');
  addEvaluateOptions(evaluate).action(async (model: string, options: EvaluateCommandOptions) => {
    const { runEvaluate } = await import('./evaluate_command.js');
    finish(await runEvaluate(model, options));
  });
  const analyze = program.command('analyze').description('Print and draw what a saved or named model costs and sees.');
  addAnalyzeOptions(analyze).action(async (model: string, _options: unknown, command: Command) => {
    const { runAnalyze } = await import('./analyze_command.js');
    const isGiven = (name: string): boolean => command.getOptionValueSource(name) === 'cli';
    finish(await runAnalyze(model, command.opts<AnalyzeCommandOptions>(), isGiven));
  });
  return program;
}

function addTrainOptions(command: Command): Command {
  return command
    .option(
      '--data <mnist|folder>',
      'the built-in digits, a folder of images by class (jpg, png, webp), or of IDX files',
      text,
      'mnist',
    )
    .option('--limit <count>', 'use only the first training images', integer(1, MAX_IMAGES))
    .addOption(modelOption())
    .addOption(alphaOption())
    .addOption(deformableOption())
    .option(
      '--size <pixels>',
      "resize images to this height and width (default: the data's own; 32 for folders of images)",
      integer(8, MAX_SIZE),
    )
    .option(
      '--downsampling <count>',
      `how many of the places with stride 2 keep it (default: as many as leave maps of 7×7)`,
      integer(0, PLACES),
    )
    .option('--epochs <count>', 'passes over the training images', integer(1, MAX_EPOCHS), DEFAULTS.epochs)
    .option('--batch <count>', 'images per step', integer(1, MAX_BATCH), DEFAULTS.batch)
    .option(
      '--learning-rate <rate>',
      'of the first step; falls along a cosine to 0',
      positive(1),
      DEFAULTS.learningRate,
    )
    .option('--no-augmentation', 'train on the images as they are, without random zoom and shift')
    .option('--seed <integer>', 'decides weights, order and random changes', seed, 1)
    .addOption(backendOption())
    .option('--out <folder>', 'where to write (default: a new folder below runs)', text)
    .option('--resume', 'continue the run in --out, or the latest one below runs, with the options it was started with')
    .option('--overwrite', 'replace the run in --out, once the new one has written')
    .option('--no-plots', 'write no pictures')
    .addHelpText('after', EXAMPLES.train);
}

function addEvaluateOptions(command: Command): Command {
  return command
    .argument('<model>', 'folder of a run or of a model, or its model.json')
    .option(
      '--data <mnist|folder>',
      'as for train; the test images are used (default: those of the training of the model)',
      text,
    )
    .option('--batch <count>', 'images per step', integer(1, MAX_BATCH), 100)
    .option('--seed <integer>', 'divides a folder without its own test images (default: as in training)', seed)
    .addOption(backendOption())
    .addHelpText('after', EXAMPLES.evaluate);
}

function addAnalyzeOptions(command: Command): Command {
  return command
    .argument('<model>', `folder of a run or of a model, its model.json, or one of: ${MODEL_NAMES.join(', ')}`)
    .addOption(alphaOption(1, 'of a named model: width multiplier'))
    .addOption(deformableOption(0, 'of a named model: number of deformable layers, counted from the end'))
    .option(
      '--size <pixels>',
      'height and width of images, of a named model or one of any size',
      integer(8, MAX_SIZE),
      224,
    )
    .option('--downsampling <count>', 'of a named model: places with stride 2 (default: all)', integer(0, PLACES))
    .option('--channels <count>', 'of a named model: channels of images', integer(1, 4), 3)
    .option('--classes <count>', 'of a named model: number of classes', integer(2, MAX_CLASSES), 1000)
    .option('--image <file>', 'show the model this image (jpg, png, webp) instead of noise', text)
    .option('--out <folder>', 'where to write pictures (default: a new folder below analysis)', text)
    .option('--json', 'print JSON instead of tables, and write pictures only to --out')
    .option('--no-plots', 'write no pictures')
    .addHelpText('after', EXAMPLES.analyze);
}

/** Chosen for the built-in digits: about 97 % in a minute or two. */
const DEFAULTS = { alpha: 0.125, deformable: 2, epochs: 5, batch: 32, learningRate: 0.015 } as const;

function modelOption(): Option {
  return new Option('--model <name>', 'network to train')
    .choices(MODEL_NAMES)
    .argParser((text) => {
      const name = findModelName(text);
      if (name !== undefined) return name;
      throw new InvalidArgumentError(`Allowed choices are ${MODEL_NAMES.join(', ')}.`);
    })
    .default(MODEL_NAMES[0]);
}

function alphaOption(value: number = DEFAULTS.alpha, text = 'width multiplier of the network'): Option {
  return new Option('--alpha <number>', text).argParser(positive(4)).default(value);
}

function deformableOption(
  value: number = DEFAULTS.deformable,
  text = 'number of deformable layers, counted from the end',
): Option {
  return new Option('--deformable <count>', text).argParser(integer(0, MAX_DEFORMABLE)).default(value);
}

function backendOption(): Option {
  return new Option('--backend <name>', 'what computes').choices(BACKEND_NAMES).default(BACKEND_NAMES[0]);
}

const EXAMPLES = {
  program: `
Examples:
  $ tfjs-convolutions train                          # MNIST digits, defaults
  $ tfjs-convolutions evaluate runs/mnist-mobileNetV1-1
  $ tfjs-convolutions analyze mobilenet_v2 --alpha 0.5 --size 160

Exit status: 0 success, 1 failure (data, files, model), 2 wrong command line, 130 interrupted (Ctrl-C), 143 ended by
SIGTERM, 129 by SIGHUP, 141 the reader of standard output has closed it.`,
  train: `
Written to --out: model/ (for tf.loadLayersModel), history.csv, curves.svg, sampling.svg, checkpoint.bin, and run.json,
which marks the folder and says what the run wrote. A new run never writes over another one: --out must be a new or empty
folder, unless --resume or --overwrite is given. --overwrite replaces only what a run wrote, and keeps the old run in
replaced/ until the new one has finished. One process at a time trains in a folder.
Ctrl-C, SIGTERM and SIGHUP finish the step, save the checkpoint and exit with status 130, 143 and 129. Where standard
output is closed, the training goes on without it.

A folder of images has one folder per class, or train and test (also: training, testing), each with one folder per class;
without test, val (valid, validation) takes its place. The content decides what is an image, not the name. What a system
leaves (names that begin with a dot, __MACOSX, Thumbs.db, desktop.ini, @eaDir) does not count; whatever else is left out
(other formats, subfolders of a class, val beside test) is named in a note on stderr. A damaged image, a link that leads
nowhere and something named as an image that is no file are errors.

Examples:
  $ tfjs-convolutions train
  $ tfjs-convolutions train --data photos --size 64 --epochs 20 --out runs/photos
  $ tfjs-convolutions train --data /usr/share/datasets/fashion-mnist --limit 6000 --epochs 3
  $ tfjs-convolutions train --resume --out runs/photos`,
  evaluate: `
Examples:
  $ tfjs-convolutions evaluate runs/mnist-mobileNetV1-1
  $ tfjs-convolutions evaluate runs/photos/model --data others`,
  analyze: `
Written to --out, replacing pictures of the same names: cost.svg, receptive_field.svg and, for models of images,
effective_receptive_field.svg and (with deformable layers) sampling.svg.
Names of networks may also be written with underscores: mobilenet_v2 is mobileNetV2.

Examples:
  $ tfjs-convolutions analyze mobilenet_v2 --alpha 0.5 --size 160
  $ tfjs-convolutions analyze mobilenet_v1 --deformable 3 --image cat.jpg --out cat
  $ tfjs-convolutions analyze runs/mnist-mobileNetV1-shallow-1
  $ tfjs-convolutions analyze mobileNetV1 --alpha 0.25 --json`,
} as const;
