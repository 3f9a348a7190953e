/** The files of a network as a person chose them. */
import type { EncodedModel } from 'tfjs-convolutions/training';

/**
 * Topology and weights, these in the order that model.json has.
 *
 * @throws Error that names the file that is missing or is none of a network
 */
export async function readModelFiles(files: readonly File[]): Promise<EncodedModel> {
  const json = files.find(({ name }) => name.endsWith('.json'));
  if (!json) throw new Error('Choose model.json together with its weights; no file of these ends in .json');
  const topology = await json.text();
  const names = weightNames(topology, json.name);
  const parts = await Promise.all(
    names.map(async (name) => {
      const file = files.find((other) => other.name === name.split('/').at(-1));
      if (!file) throw new Error(`“${json.name}” needs the file “${name}” too; choose both together`);
      return file.arrayBuffer();
    }),
  );
  return { topology, weights: new Uint8Array(await new Blob(parts).arrayBuffer()) };
}

function weightNames(topology: string, name: string): readonly string[] {
  try {
    const { modelTopology, weightsManifest } = JSON.parse(topology) as {
      readonly modelTopology?: unknown;
      readonly weightsManifest?: readonly { readonly paths: readonly string[] }[];
    };
    if (modelTopology !== undefined && weightsManifest) return weightsManifest.flatMap(({ paths }) => paths);
  } catch {
    // Said below: whatever it is, it is not what was asked for.
  }
  throw new Error(`“${name}” is not a network in the layers format of TensorFlow.js`);
}
