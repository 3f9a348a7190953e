/** Commands, options and help texts. A command's code is loaded only when that command runs, so that help is quick. */
import os from 'node:os';
import { Command, InvalidArgumentError, Option } from 'commander';
import type {
  AnalyzeCommandOptions,
  ConvertCommandOptions,
  EvaluateCommandOptions,
  PredictCommandOptions,
} from './command_options.js';
import type { GivenTrainOptions } from './train_defaults.js';
import { EXIT, printError, reportError, reportNoCommand, type ExitStatus } from './exit_status.js';
import {
  BACKEND_NAMES,
  findModelName,
  isSegmenterName,
  MODEL_NAMES,
  SEGMENTER_NAMES,
  TASK_NAMES,
} from './model_names.js';
import { addPreprocessingOptions } from './preprocessing_options.js';
import { PRETRAINED_NAMES } from './start_source.js';
import { addRecipeOptions } from './recipe_options.js';
import { HELP_TEXTS } from './help_texts.js';
import {
  integer,
  keyedText,
  layers,
  nameOrPath,
  names,
  positive,
  probability,
  seed,
  shape,
  twoNumbers,
} from './option_values.js';
import { addPredictOptions } from './predict_options.js';
import { MEMORY_USES } from '../recompute/memory_use.js';
import { CACHES } from '../training/caches.js';
import { WEIGHT_TYPES } from '../training/weight_types.js';

const MAX_SIZE = 4096;
const MAX_EPOCHS = 1_000_000;
const MAX_BATCH = 65_536;
const MAX_IMAGES = 0xffff_ffff;
const MAX_CLASSES = 65_536;
/** Replaceable convolutions of the network that has the most of them. */
const MAX_DEFORMABLE = 34;
/** Most stride-2 layers that any named network has. */
const MAX_STRIDED = 5;
/** Most threads of a backend. */
const MAX_THREADS = 64;

/**
 * Runs a command line and returns the exit status.
 *
 * @param argv arguments, preceded by the paths of Node and of the program as in `process.argv`
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
 * Creates the parser of the command line; parsing a command line runs its command.
 *
 * @param version version of the package
 * @param finish called with the exit status of the command
 */
export function createProgram(version: string, finish: (status: ExitStatus) => void): Command {
  const program = new Command('tfjs-convolutions')
    .description('Trains, evaluates, runs, analyzes and converts networks with deformable and other convolutions.')
    .version(version)
    .exitOverride()
    .configureOutput({
      outputError: (text) => {
        printError(text.replace(/^error: /, ''));
      },
      // Commander would print the whole help when the command is missing; `reportNoCommand` prints one line instead.
      writeErr: () => undefined,
    })
    .addHelpText('after', HELP_TEXTS.program);
  // Only commands created by `command()` inherit the settings above.
  const train = program
    .command('train')
    .description('Train a network to classify images, or to segment them; save the model, its history and plots.');
  addPreprocessingOptions(addTrainOptions(train), true).action(async (_options: unknown, command: Command) => {
    const { runTrain } = await import('./train_command.js');
    finish(await runTrain(command.opts<GivenTrainOptions>(), (name) => command.getOptionValueSource(name) === 'cli'));
  });
  const evaluate = program
    .command('evaluate')
    .description('Measure the loss and accuracy of a saved model on test images.');
  addPreprocessingOptions(addEvaluateOptions(evaluate), false).action(
    async (model: string, options: EvaluateCommandOptions) => {
      const { runEvaluate } = await import('./evaluate_command.js');
      finish(await runEvaluate(model, options));
    },
  );
  const predict = program
    .command('predict')
    .description('Name the classes of images, or of their pixels, by a saved model or an ONNX file.');
  addPredictOptions(predict, threadsOption('threads of wasm, or of onnxruntime')).action(
    async (model: string, files: readonly string[], options: PredictCommandOptions) => {
      const { runPredict } = await import('./predict_command.js');
      finish(await runPredict(model, files, options));
    },
  );
  const analyze = program
    .command('analyze')
    .description('Report the cost and receptive fields of a saved or named model, as tables and plots.');
  addAnalyzeOptions(analyze).action(async (model: string, _options: unknown, command: Command) => {
    const { runAnalyze } = await import('./analyze_command.js');
    const isGiven = (name: string): boolean => command.getOptionValueSource(name) === 'cli';
    finish(await runAnalyze(model, command.opts<AnalyzeCommandOptions>(), isGiven));
  });
  const convert = program
    .command('convert')
    .description('Convert a saved model to an ONNX file, to a file of Keras, or to weights of another type.');
  addConvertOptions(convert).action(async (model: string, file: string, _options: unknown, command: Command) => {
    const { runConvert } = await import('./convert_command.js');
    const given = command.options.filter((option) => command.getOptionValueSource(option.attributeName()) === 'cli');
    const flags = given.map(({ long }) => long!);
    finish(await runConvert(model, file, command.opts<ConvertCommandOptions>(), flags));
  });
  return program;
}

function addTrainOptions(command: Command): Command {
  command
    .addOption(
      new Option('--task <name>', 'classify images, or segment them: name the class of every pixel')
        .choices(TASK_NAMES)
        .default(TASK_NAMES[0]),
    )
    .option(
      '--data <scenes|mnist|path>',
      'scenes of digits in many sizes, single digits, images by class (a folder, .tar, .zip, or a list: .csv, .json), ' +
        'or a folder of IDX files (default: scenes, or mnist if a network is chosen)',
      nameOrPath,
    )
    .option('--limit <count>', 'maximum number of training images to use (default: all)', integer(1, MAX_IMAGES))
    .addOption(modelOption())
    .addOption(alphaOption())
    .addOption(deformableOption())
    .option(
      '--from <model>',
      `trained model to start from: ${PRETRAINED_NAMES.join(', ')}, a run, a model.json, an .onnx file, or a Keras file (.keras, .h5; weights alone with --model)`,
      nameOrPath,
    )
    .option(
      '--freeze <layers>',
      "layers that keep the weights of --from: all but the new head, none, the first so many, or those up to a layer's name",
      layers,
    )
    .option(
      '--unfreeze-after <epoch>',
      'epochs with frozen layers (default: all), after which all layers but normalizations train',
      integer(1, MAX_EPOCHS),
    )
    .option(
      '--unfreeze-rate <rate>',
      'learning rate after --unfreeze-after (default: a tenth of --learning-rate)',
      positive(1),
    )
    .option(
      '--size <pixels>',
      "height and width to resize images to (default: the data's own; 32 for a folder of images)",
      integer(8, MAX_SIZE),
    )
    .option(
      '--downsampling <count>',
      'number of stride-2 layers to keep (default: as many as leave feature maps of at least 7×7)',
      integer(0, MAX_STRIDED),
    )
    .option('--epochs <count>', 'number of passes over the training images', integer(1, MAX_EPOCHS), DEFAULTS.epochs)
    .option('--batch <count>', 'batch size', integer(1, MAX_BATCH), DEFAULTS.batch)
    .option(
      '--learning-rate <rate>',
      'initial learning rate (the highest one of one-cycle)',
      positive(1),
      DEFAULTS.learningRate,
    )
    .option('--no-augmentation', 'disable random zoom and shift of the training images')
    .option('--seed <integer>', 'random seed for initial weights, shuffling and augmentation', seed, 1)
    .addOption(backendOption())
    .addOption(threadsOption())
    .addOption(memoryOption())
    .addOption(cacheOption())
    .addOption(skipBrokenOption())
    .addOption(
      new Option('--weights <type>', 'type in which the weights of the model are stored')
        .choices(WEIGHT_TYPES)
        .default(WEIGHT_TYPES[0]),
    )
    .option('--out <folder>', 'output folder (default: a new folder in runs/)', nameOrPath)
    .option('--resume', 'continue the run in --out (default: the latest run in runs/) with its original options')
    .option('--overwrite', 'replace the run in --out')
    .option('--no-plots', 'skip the plots')
    .option('--live', 'show curves and progress on a page of this machine while the run goes on, and print its address')
    .addHelpText('after', HELP_TEXTS.train);
  return addRecipeOptions(command);
}

function addEvaluateOptions(command: Command): Command {
  return command
    .argument(
      '<model>',
      'folder of a run or a model, or path of a model.json, a .keras or .h5 file of Keras, or an .onnx file',
    )
    .option(
      '--data <scenes|mnist|path>',
      'same as for train; only its test images are used (default: the data the model was trained on)',
      nameOrPath,
    )
    .option('--batch <count>', 'batch size', integer(1, MAX_BATCH), 100)
    .option(
      '--seed <integer>',
      'random seed for splitting a folder that has no test images of its own (default: as in training)',
      seed,
    )
    .addOption(skipBrokenOption())
    .addOption(backendOption())
    .addOption(threadsOption())
    .option(
      '--threshold <probability>',
      'probability from which on a label counts as found, for images with several labels (default: 0.5)',
      probability,
    )
    .option('--out <folder>', 'folder for confusion.svg and worst.svg (default: no pictures)', nameOrPath)
    .addHelpText('after', HELP_TEXTS.evaluate);
}

function addAnalyzeOptions(command: Command): Command {
  return command
    .argument(
      '<model>',
      `folder of a run or a model, path of a model.json, a .keras, .h5 or .onnx file, or one of: ${MODEL_NAMES.join(', ')}`,
    )
    .addOption(alphaOption(1, 'width multiplier (named models only)'))
    .addOption(deformableOption(0, 'number of deformable layers, starting from the last (named models only)'))
    .option(
      '--size <pixels>',
      'height and width of the input (named models, and saved models that accept any size)',
      integer(8, MAX_SIZE),
      224,
    )
    .option(
      '--downsampling <count>',
      'number of stride-2 layers to keep (named models only; default: all)',
      integer(0, MAX_STRIDED),
    )
    .option('--channels <count>', 'number of input channels (named models only)', integer(1, 4), 3)
    .option('--classes <count>', 'number of classes (named models only)', integer(2, MAX_CLASSES), 1000)
    .option('--image <file>', 'image to run the model on (jpg, png, webp) instead of noise', nameOrPath)
    .addOption(threadsOption())
    .option('--out <folder>', 'folder for the plots (default: a new folder in analysis/)', nameOrPath)
    .option('--json', 'print JSON instead of tables, and draw plots only if --out is given')
    .option('--no-plots', 'skip the plots')
    .addHelpText('after', HELP_TEXTS.analyze);
}

function addConvertOptions(command: Command): Command {
  return command
    .argument(
      '<model>',
      'folder of a run or a model, or path of a model.json, a .keras or .h5 file of Keras, or an .onnx file',
    )
    .argument(
      '<file>',
      'file to write, which ends in .onnx or .keras, or folder for a model.json; all options but --weights are for .onnx',
      nameOrPath,
    )
    .addOption(
      new Option('--deformable <form>', 'deformable layers: DeformConv, or decomposed for runtimes without it')
        .choices(['native', 'decomposed'])
        .default('native'),
    )
    .option('--no-nan-guard', 'let NaN offsets of decomposed layers have any result, so that the file has no Where')
    .addOption(
      new Option('--layout <order>', "order of the axes of images in the file (default: the model's)").choices([
        'nhwc',
        'nchw',
      ]),
    )
    .option('--input-shape <sizes>', "sizes without the batch, such as any,any,3 (default: the model's)", shape)
    .option('--fold-batch-normalization', 'fold batch normalizations into the convolutions before them')
    .addOption(
      new Option('--weights <type>', 'type in which kernels are stored (uint8: not in ONNX files)')
        .choices(WEIGHT_TYPES)
        .default(WEIGHT_TYPES[0]),
    )
    .option('--class-names <names>', 'names of the classes, separated by commas (default: those of the run)', names)
    .option(
      '--preprocessing <scale,offset>',
      'what the model takes is pixel · scale + offset (default: that of the run)',
      twoNumbers,
    )
    .option('--metadata <key=text>', 'text for the metadata of the file; may be repeated', keyedText)
    .option('--external-data', 'write the weights to a second file (default: above 500 MB)')
    .addHelpText('after', HELP_TEXTS.convert);
}

/** Chosen for the single digits: about 97 % accuracy in a minute or two. */
const DEFAULTS = { alpha: 0.125, deformable: 2, epochs: 5, batch: 32, learningRate: 0.015 } as const;

function modelOption(): Option {
  return new Option('--model <name>', 'network to train')
    .choices([...MODEL_NAMES, ...SEGMENTER_NAMES])
    .argParser((text) => {
      const name = findModelName(text) ?? (isSegmenterName(text) ? text : undefined);
      if (name !== undefined) return name;
      throw new InvalidArgumentError(`Allowed choices are ${[...MODEL_NAMES, ...SEGMENTER_NAMES].join(', ')}.`);
    })
    .default(MODEL_NAMES[0]);
}

function alphaOption(value: number = DEFAULTS.alpha, text = 'width multiplier'): Option {
  return new Option('--alpha <number>', text).argParser(positive(4)).default(value);
}

function deformableOption(
  value: number = DEFAULTS.deformable,
  text = 'number of deformable layers, starting from the last',
): Option {
  return new Option('--deformable <count>', text).argParser(integer(0, MAX_DEFORMABLE)).default(value);
}

function backendOption(): Option {
  return new Option('--backend <name>', 'backend to run on').choices(BACKEND_NAMES).default(BACKEND_NAMES[0]);
}

function threadsOption(what = 'threads of wasm'): Option {
  const cores = Math.min(os.availableParallelism(), MAX_THREADS);
  return new Option('--threads <count>', `${what}, from 1 to ${cores} (default: all cores)`).argParser(
    integer(1, cores),
  );
}

function memoryOption(): Option {
  return new Option('--memory <use>', "memory of training; 'low' takes less than half, and up to a third more time")
    .choices(MEMORY_USES)
    .default(MEMORY_USES[0]);
}

function cacheOption(): Option {
  const text = 'where to keep the decoded images of a folder (default: memory up to 200 MB, then none)';
  return new Option('--cache <place>', text).choices(CACHES);
}

function skipBrokenOption(): Option {
  return new Option('--skip-broken', 'pass over images that cannot be read, and report them');
}
