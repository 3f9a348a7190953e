/** Reads the files of a network that a user selected. */
import type { EncodedModel } from 'tfjs-convolutions/training';

/** The part of model.json that is used here. */
interface ModelJson {
  readonly modelTopology?: unknown;
  readonly weightsManifest?: readonly { readonly paths: readonly string[]; readonly weights: readonly unknown[] }[];
}

/**
 * Reads topology and weights. Several weight files are joined in the order of model.json, which then names a single one.
 *
 * @throws Error that names a file that is missing or not part of a network
 */
export async function readModelFiles(files: readonly File[]): Promise<EncodedModel> {
  const json = files.find(({ name }) => name.endsWith('.json'));
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

function parse(text: string, name: string): Required<ModelJson> {
  try {
    const { modelTopology, weightsManifest, ...rest } = JSON.parse(text) as ModelJson;
    if (modelTopology !== undefined && weightsManifest) return { ...rest, modelTopology, weightsManifest };
  } catch {
    // Reported below: whatever this file is, it is not a model.json.
  }
  throw new Error(`“${name}” is not a network in the layers format of TensorFlow.js`);
}
