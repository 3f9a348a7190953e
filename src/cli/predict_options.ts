/** Options of `predict`. */
import { Option, type Command } from 'commander';
import { BACKEND_NAMES } from './model_names.js';
import { integer, names, nameOrPath, probability, twoNumbers } from './option_values.js';
import { RESULT_FORMATS } from './predict_results.js';

const MAX_BATCH = 65_536;
const MAX_TOP = 65_536;
const MAX_SIZE = 4096;

/** Adds the arguments and the options of `predict`, but for those of the preprocessing. */
export function addPredictOptions(command: Command, threads: Option): Command {
  return command
    .argument('<model>', 'folder of a run or a model, path of a model.json, or a .keras, .h5 or .onnx file')
    .argument('<files...>', 'images, and folders of them, to any depth')
    .option(
      '--top <count>',
      'number of classes to name for each image, most probable first (default: 1, or all from --threshold on)',
      integer(1, MAX_TOP),
    )
    .option(
      '--threshold <probability>',
      'name all classes of at least this probability, for models of several labels (default: 0.5 for those that train made)',
      probability,
    )
    .addOption(new Option('--format <format>', 'format of the results').choices(RESULT_FORMATS).default('table'))
    .option(
      '--out <file>',
      'file to write the results to, complete or not at all (default: standard output); folder for the masks of a segmentation',
      nameOrPath,
    )
    .option('--skip-broken', 'pass over files that are no complete images, and name them at the end')
    .option(
      '--size <pixels>',
      'height and width of images for a model that takes any (default: 224)',
      integer(8, MAX_SIZE),
    )
    .option('--class-names <names>', "names of the classes, separated by commas (default: the model's)", names)
    .option(
      '--preprocessing <scale,offset>',
      "what the model takes is pixel · scale + offset (default: the model's, or from -1 to 1)",
      twoNumbers,
    )
    .option('--batch <count>', 'batch size', integer(1, MAX_BATCH), 16)
    .addOption(
      new Option('--backend <name>', "backend of a model that is not an ONNX file (default: 'wasm')").choices(
        BACKEND_NAMES,
      ),
    ) // prettier-ignore
    .addOption(threads)
    .addHelpText('after', EXAMPLES);
}

const EXAMPLES = `
Results are in the order of the files, those of a folder by name. Images are prepared as the model records, or cropped to its
size. ONNX files are run by the package onnxruntime-node, in as many threads as --threads says, each with a session of its own;
other models by TensorFlow.js. The number of images per second is written to stderr.

A model that segments writes a mask for each image into the folder --out: a PNG of the name and the size of the image, whose
palette indices are the classes in classes.json, or 255 where the model does not see the image. In that folder
it replaces masks of its own, and no other file.

Examples:
  $ tfjs-convolutions predict runs/photos cat.jpg --top 3
  $ tfjs-convolutions predict photos.onnx holiday --format csv --out holiday.csv
  $ tfjs-convolutions predict runs/streets trip --out masks`;
