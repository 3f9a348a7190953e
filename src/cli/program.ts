/** Commands, options and help texts. A command's code is loaded only when that command runs, so that help is quick. */
import os from 'node:os';
import { Command, InvalidArgumentError, Option } from 'commander';
import type {
  AnalyzeCommandOptions,
  ConvertCommandOptions,
  EvaluateCommandOptions,
  PredictCommandOptions,
  TrainCommandOptions,
} from './command_options.js';
import { EXIT, printError, reportError, reportNoCommand, type ExitStatus } from './exit_status.js';
import { BACKEND_NAMES, findModelName, MODEL_NAMES } from './model_names.js';
import { addPreprocessingOptions } from './preprocessing_options.js';
import { PRETRAINED_NAMES } from './start_source.js';
import { addRecipeOptions } from './recipe_options.js';
import { integer, keyedText, layers, nameOrPath, names, positive, seed, shape, twoNumbers } from './option_values.js';
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
    .addHelpText('after', EXAMPLES.program);
  // Only commands created by `command()` inherit the settings above.
  const train = program
    .command('train')
    .description('Train an image classifier and save the model, its history and plots.');
  addPreprocessingOptions(addTrainOptions(train), true).action(async (_options: unknown, command: Command) => {
    const { runTrain } = await import('./train_command.js');
    finish(await runTrain(command.opts<TrainCommandOptions>(), (name) => command.getOptionValueSource(name) === 'cli'));
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
    .description('Name the classes of images, by a saved model or an ONNX file.');
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
    .option(
      '--data <mnist|path>',
      'built-in digits, images by class (a folder, .tar, .zip, or a list: .csv, .json), or a folder of IDX files',
      nameOrPath,
      'mnist',
    )
    .option('--limit <count>', 'maximum number of training images to use (default: all)', integer(1, MAX_IMAGES))
    .addOption(modelOption())
    .addOption(alphaOption())
    .addOption(deformableOption())
    .option(
      '--from <model>',
      `trained model to start from: ${PRETRAINED_NAMES.join(', ')}, a run, a model.json, or a Keras file (.keras, .h5; weights alone with --model)`,
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
    .addHelpText('after', EXAMPLES.train);
  return addRecipeOptions(command);
}

function addEvaluateOptions(command: Command): Command {
  return command
    .argument('<model>', 'folder of a run or a model, or path of a model.json or a .keras or .h5 file of Keras')
    .option(
      '--data <mnist|path>',
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
    .addHelpText('after', EXAMPLES.evaluate);
}

function addAnalyzeOptions(command: Command): Command {
  return command
    .argument('<model>', `folder of a run or a model, path of a model.json, or one of: ${MODEL_NAMES.join(', ')}`)
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
    .addHelpText('after', EXAMPLES.analyze);
}

function addConvertOptions(command: Command): Command {
  return command
    .argument('<model>', 'folder of a run or a model, or path of a model.json or a .keras or .h5 file of Keras')
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
    .addHelpText('after', EXAMPLES.convert);
}

/** Chosen for the built-in digits: about 97 % accuracy in a minute or two. */
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

const EXAMPLES = {
  program: `
Examples:
  $ tfjs-convolutions train                          # MNIST digits, defaults
  $ tfjs-convolutions evaluate runs/mnist-mobileNetV1-1
  $ tfjs-convolutions predict runs/photos holiday --top 3
  $ tfjs-convolutions analyze mobilenet_v2 --alpha 0.5 --size 160
  $ tfjs-convolutions convert runs/mnist-mobileNetV1-1 digits.onnx

Exit status: 0 success, 1 failure (data, files, model), 2 invalid command line, 130 Ctrl-C, 143 SIGTERM, 129 SIGHUP,
141 standard output was closed by its reader.`,
  train: `
Output in --out: model/ (for tf.loadLayersModel), history.csv and history.json, curves.svg, sampling.svg, checkpoint.bin,
with --keep-best also best.bin, and run.json, which records the settings of the run and the files it wrote. A new run never overwrites another one by accident: --out
must be a new or empty folder unless --resume or --overwrite is given. --overwrite replaces only files that a run wrote,
and keeps the old run in replaced/ until the new one finishes. Only one process at a time can train in a folder.
Ctrl-C, SIGTERM and SIGHUP finish the current step, save a checkpoint and exit with status 130, 143 and 129. If standard
output is closed, training continues without it.

A folder of images contains one subfolder per class, or train and test (also: training, testing), each with one subfolder
per class; if there is no test, val (also: valid, validation) is used for testing. Images (jpg, png, webp, gif, avif, tiff, svg)
are recognized by their content, and may be in subfolders of their class. System files (names starting with a dot,
__MACOSX, Thumbs.db, desktop.ini, @eaDir) are ignored silently; anything else that is skipped (other formats, links to a
folder around them, val beside test) is reported in a note on stderr. Corrupt images and broken links are listed in one
error, unless --skip-broken passes over them.

A tar or zip file is read like a folder, without unpacking it; a tar file with .cls files like a shard of WebDataset. A list
has the columns file and label, and perhaps split (train, test, validation); files are relative to its folder.

Images that do not fit into 200 MB of memory once they are decoded are decoded again in each epoch, in the background, or
once into runs/cache with --cache disk, where later runs find them. The results are the same bits.

Examples:
  $ tfjs-convolutions train
  $ tfjs-convolutions train --data photos --size 64 --epochs 20 --out runs/photos
  $ tfjs-convolutions train --data /usr/share/datasets/fashion-mnist --limit 6000 --epochs 3
  $ tfjs-convolutions train --data photos --optimizer adamw --weight-decay 0.05 --label-smoothing 0.1 --warm-up 1
  $ tfjs-convolutions train --from emoji --data photos --freeze all
  $ tfjs-convolutions train --from mobilenet.keras --data photos --unfreeze-after 3 --epochs 10
  $ tfjs-convolutions train --resume --out runs/photos`,
  evaluate: `
Examples:
  $ tfjs-convolutions evaluate runs/mnist-mobileNetV1-1
  $ tfjs-convolutions evaluate runs/photos/model --data others`,
  analyze: `
Output in --out, replacing plots of the same names: cost.svg, receptive_field.svg and, for models that take images,
effective_receptive_field.svg and (with deformable layers) sampling.svg.
Model names may also be written with underscores: mobilenet_v2 is mobileNetV2.

Examples:
  $ tfjs-convolutions analyze mobilenet_v2 --alpha 0.5 --size 160
  $ tfjs-convolutions analyze mobilenet_v1 --deformable 3 --image cat.jpg --out cat
  $ tfjs-convolutions analyze runs/mnist-mobileNetV1-shallow-1
  $ tfjs-convolutions analyze mobileNetV1 --alpha 0.25 --json`,
  convert: `
The file has operator set 19; its metadata has the class names and the preprocessing as JSON, under class_names and
preprocessing. An existing file is replaced. A name without an ending is a folder, which gets model.json and weights.bin for
tf.loadLayersModel, with weights in the type of --weights. Layers that have no form in ONNX are listed in one error, and nothing
is written.

Examples:
  $ tfjs-convolutions convert runs/mnist-mobileNetV1-1 digits.onnx --fold-batch-normalization
  $ tfjs-convolutions convert runs/photos photos.onnx --deformable decomposed --layout nchw
  $ tfjs-convolutions convert runs/photos photos.keras
  $ tfjs-convolutions convert runs/photos small --weights uint8`,
} as const;
