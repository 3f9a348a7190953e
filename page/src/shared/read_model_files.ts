/** The files of a network as a person chose them. */
import type { EncodedModel } from 'tfjs-convolutions/training';

/** What is read of model.json. */
interface ModelJson {
  readonly modelTopology?: unknown;
  readonly weightsManifest?: readonly { readonly paths: readonly string[]; readonly weights: readonly unknown[] }[];
}

/**
 * Topology and weights. Those of several files are joined in the order that model.json has, which then names one.
 *
 * @throws Error that names the file that is missing or is none of a network
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
    // Said below: whatever it is, it is not what was asked for.
  }
  throw new Error(`“${name}” is not a network in the layers format of TensorFlow.js`);
}
