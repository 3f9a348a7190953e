/** Saves models as ONNX files, in Node. */
import path from 'node:path';
import type * as tf from '@tensorflow/tfjs';
import { checkBoolean, rangeError } from '../../errors.js';
import { writeFileAtomic } from '../../support/atomic_file.js';
import { checkPath } from '../../support/check_path.js';
import type { OptionNames } from '../../support/check_options.js';
import type { BuiltGraph } from './build_graph.js';
import { encodeModel } from './encode.js';
import { EXPORT_OPTIONS, graphOf, readSettings, type ExportOnnxOptions } from './export_onnx.js';
import { loadFormat } from './load_format.js';

/** Options of {@link saveOnnx}. */
export interface SaveOnnxOptions extends ExportOnnxOptions {
  /**
   * Writes the weights to a second file, `⟨file⟩.data`, which must stay beside the first.
   * @default true above 500 MB of weights, since a single file must be below 2 GB, and encoding it takes twice its size
   */
  readonly externalData?: boolean;
}

const ACTION = 'save to ONNX';
const OPTIONS = { ...EXPORT_OPTIONS, externalData: true } as const satisfies OptionNames<SaveOnnxOptions>;

/** Bytes of weights that one file may have. */
const MOST_INTERNAL = 500e6;

/**
 * Exports a model as {@link exportOnnx} does and writes it to a file. The file appears complete or not at all; a file of
 * the same name is replaced.
 *
 * @param model any built model of layers of this package and of common layers of TensorFlow.js
 * @param file path that ends in `.onnx`
 * @param options those of exportOnnx, and `externalData`
 * @throws OnnxExportError, TypeError, RangeError and MissingPackageError as exportOnnx; FileAccessError if the file system
 * refuses
 * @example
 * ```ts
 * import { saveOnnx } from 'tfjs-convolutions/interop';
 *
 * const model = conv.mobileNetV2({ alpha: 0.35, inputShape: [null, null, 3], classes: 10 });
 * await saveOnnx(model, 'ten_classes.onnx', { weights: 'float16' });
 * ```
 */
export async function saveOnnx(model: tf.LayersModel, file: string, options: SaveOnnxOptions = {}): Promise<void> {
  const settings = readSettings(ACTION, model, options, OPTIONS);
  const { externalData } = options;
  checkPath(ACTION, 'file', file);
  if (!file.endsWith('.onnx')) throw rangeError(ACTION, 'the file name must end in .onnx', 'file', file);
  if (externalData !== undefined) checkBoolean(ACTION, 'externalData', externalData);
  const format = await loadFormat(ACTION);
  const built = await graphOf(ACTION, model, settings);
  const isExternal = externalData ?? bytesOf(built) > MOST_INTERNAL;
  const location = `${path.basename(file)}.data`;
  const encoded = encodeModel(format, built, settings.metadata, isExternal ? { location } : undefined);
  if (isExternal) await writeFileAtomic(path.join(path.dirname(file), location), encoded.external);
  await writeFileAtomic(file, [encoded.model]);
}

function bytesOf({ graph }: BuiltGraph): number {
  return [...graph.constants.values()].reduce((sum, { values }) => sum + values.byteLength, 0);
}
