/** Reads the files of a network that a user selected. */
import type { EncodedModel } from 'tfjs-convolutions/training';
import { namesOf } from './names_of.js';

/** The part of model.json that is used here. */
interface ModelJson {
  readonly format?: unknown;
  readonly modelTopology?: unknown;
  readonly weightsManifest?: readonly { readonly paths: readonly string[]; readonly weights: readonly unknown[] }[];
}

/**
 * Reads topology and weights. Several weight files are joined in the order of model.json, which then names a single one.
 *
 * @throws Error that names a file that is missing, not part of a network, or one too many
 */
export async function readModelFiles(files: readonly File[]): Promise<EncodedModel> {
  const [json, ...others] = files.filter(({ name }) => name.toLowerCase().endsWith('.json'));
  if (others.length > 0) {
    throw new Error(
      `A network has one .json file, received ${namesOf([json!, ...others])}; choose its model.json and its weights alone`,
    );
  }
  if (!json) throw new Error('Choose model.json together with its weights; no file of these ends in .json');
  const { weightsManifest, ...rest } = parse(await json.text(), json.name);
  const names = weightsManifest.flatMap(({ paths }) => paths);
  const parts = await Promise.all(
    names.map(async (name) => {
      const file = files.find((other) => other.name === name.split('/').at(-1));
      if (!file) throw new Error(`“${json.name}” needs the file “${name}” too; choose both together`);
      return file.arrayBuffer();
    }),
  );
  const manifest = [{ paths: ['weights.bin'], weights: weightsManifest.flatMap(({ weights }) => weights) }];
  const topology = JSON.stringify({ ...rest, weightsManifest: manifest });
  return { topology, weights: new Uint8Array(await new Blob(parts).arrayBuffer()) };
}

function parse(text: string, name: string): ModelJson & Required<Pick<ModelJson, 'modelTopology' | 'weightsManifest'>> {
  try {
    const { modelTopology, weightsManifest, ...rest } = JSON.parse(text) as ModelJson;
    if (isGraph({ modelTopology, ...rest })) throw new GraphModelError(name);
    if (modelTopology !== undefined && weightsManifest) return { ...rest, modelTopology, weightsManifest };
  } catch (error) {
    if (error instanceof GraphModelError) throw error;
    // Reported below: whatever this file is, it is not a model.json.
  }
  throw new Error(`“${name}” is not a network in the layers format of TensorFlow.js`);
}

/** A model that converters have frozen for inference. */
class GraphModelError extends Error {
  constructor(name: string) {
    super(
      `“${name}” is a graph model, which has no layers to train or to look into; convert the Keras model that it was made of ` +
        'with --output_format tfjs_layers_model',
    );
  }
}

function isGraph({ format, modelTopology }: ModelJson): boolean {
  return (
    format === 'graph-model' || Array.isArray((modelTopology as { readonly node?: unknown } | null | undefined)?.node)
  );
}
