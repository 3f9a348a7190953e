/** Imports ONNX files as models that can be trained. */
import type * as tf from '@tensorflow/tfjs';
import { CorruptFileError, isPlainObject, typeError, type Action } from '../../../errors.js';
import { checkOptions, type OptionNames } from '../../../support/check_options.js';
import { buildModel } from './build_model.js';
import { notesOf } from './model_notes.js';
import { planGraph, type Plan } from './plan_graph.js';
import { decodeFile, readGraph, type StoredModel } from './read_graph.js';
import type { ExternalBytes } from './read_tensor.js';

/** Options of {@link importOnnx}. */
export interface ImportOnnxOptions {
  /** Contents of the files in which weights are, by their name in the ONNX file. @default none */
  readonly externalData?: Readonly<Record<string, Uint8Array>>;
}

const OPTIONS = { externalData: true } as const satisfies OptionNames<ImportOnnxOptions>;

const ACTION = 'import from ONNX';

/**
 * Imports a convolutional network from an ONNX file (operator sets 7 to 23), as a model of layers of this package and of
 * TensorFlow.js that trains, saves and exports like any other. Images that are channels first in the file are channels last in the
 * model, with no transpose between its layers; the batch size may vary. Layers have the names of the nodes.
 *
 * Computations of constants and of sizes vanish, and so do reshapes and transposes that only move between views. Biases and
 * factors after a convolution become part of it, and activations of several nodes become one layer. The model is not
 * compiled. Class names and preprocessing that `exportOnnx` stored become the model's metadata, as `train` records it.
 *
 * @param bytes contents of the file
 * @param options files that belong to it; see {@link ImportOnnxOptions}
 * @returns the model with its weights
 * @throws OnnxImportError, whose `nodes` lists every node that no layer computes with the reason; CorruptFileError if the
 * file is truncated, corrupt or not ONNX; TypeError for an invalid argument; MissingPackageError if `onnx-buf` or
 * `@bufbuild/protobuf` is not installed
 * @see https://onnx.ai/onnx/operators
 * @example
 * ```ts
 * import { exportOnnx, importOnnx } from 'tfjs-convolutions/interop';
 *
 * const bytes = await exportOnnx(conv.squeezeNet({ inputShape: [64, 64, 3], alpha: 0.25, classes: 10 }));
 * const model = await importOnnx(bytes);
 * console.log(model.outputShape); // [null, 10]
 * ```
 */
export async function importOnnx(
  bytes: Uint8Array | ArrayBuffer,
  options: ImportOnnxOptions = {},
): Promise<tf.LayersModel> {
  const contents = bytes instanceof ArrayBuffer ? new Uint8Array(bytes) : bytes;
  if (!(contents instanceof Uint8Array)) {
    const rule = 'bytes must be a Uint8Array or an ArrayBuffer (loadOnnx takes a path)';
    throw typeError(ACTION, rule, 'bytes', bytes);
  }
  checkOptions(ACTION, options, OPTIONS);
  const { externalData = {} } = options;
  if (!isPlainObject(externalData) || !Object.values(externalData).every((part) => part instanceof Uint8Array)) {
    throw typeError(ACTION, 'externalData must be Uint8Arrays by name', 'externalData', externalData);
  }
  const file = `${contents.length} bytes`;
  const stored = await decodeFile(ACTION, contents, file);
  return modelOf(ACTION, stored, new Map(Object.entries(externalData)), file);
}

/** Builds the model of a decoded file. */
export function modelOf(
  action: Action,
  stored: StoredModel,
  external: ReadonlyMap<string, Uint8Array>,
  file: string,
): tf.LayersModel {
  const bytesOf: ExternalBytes = (location) => external.get(location);
  const graph = readGraph(action, stored, bytesOf, file);
  const model = build(action, planGraph(action, graph, file), file);
  const notes = notesOf(stored.metadataProps);
  if (notes) model.setUserDefinedMetadata(notes);
  return model;
}

function build(action: Action, plan: Plan, file: string): tf.LayersModel {
  try {
    return buildModel(plan);
  } catch (error) {
    const reason = (error as Error).message.slice(0, 300);
    throw new CorruptFileError(action, `the layers of the model must fit together (${reason})`, file);
  }
}
