/** A model from files that a person chose: `model.json` and the weights it names, as `model.save` and the command line write. */
import * as tf from '@tensorflow/tfjs';
import 'tfjs-convolutions';
import { messageOf } from '../shared/message_of.js';

/** The contents of model.json, as far as they are checked here. */
interface ModelJson {
  readonly modelTopology: object;
  readonly weightsManifest: readonly { readonly paths: readonly string[] }[];
  /** SHA-256 of the weights, where this package wrote them. */
  readonly weightsChecksum?: string;
}

/**
 * @param files in any order
 * @throws Error that says in plain words what is wrong with them
 */
export async function readModel(files: readonly File[]): Promise<tf.LayersModel> {
  const topology = files.find(({ name }) => name.endsWith('.json'));
  if (topology === undefined) {
    throw new Error('A model.json must be among the files, together with the weights that it names.');
  }
  const json = parse(topology.name, await topology.text());
  const weights = pick(files, json);
  await check(json, weights);
  try {
    return await tf.loadLayersModel(tf.io.browserFiles([topology, ...weights]));
  } catch (error) {
    throw new Error(`The model does not load: ${messageOf(error)}`, { cause: error });
  }
}

function parse(name: string, text: string): ModelJson {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new Error(`${name} is not a model: it is not complete JSON.`, { cause: error });
  }
  if (isModelJson(json)) return json;
  throw new Error(`${name} is not a model in the layers format of TensorFlow.js.`);
}

function isModelJson(json: unknown): json is ModelJson {
  if (typeof json !== 'object' || json === null) return false;
  const { modelTopology, weightsManifest } = json as Readonly<Record<string, unknown>>;
  return typeof modelTopology === 'object' && modelTopology !== null && Array.isArray(weightsManifest);
}

/** The weights in the order in which the model names them. */
function pick(files: readonly File[], { weightsManifest }: ModelJson): readonly File[] {
  const names = weightsManifest.flatMap(({ paths }) => paths.map((path) => path.split('/').at(-1)!));
  return names.map((name) => {
    const file = files.find((candidate) => candidate.name === name);
    if (file === undefined) throw new Error(`The weights are missing: choose ${name} together with model.json.`);
    return file;
  });
}

async function check({ weightsChecksum }: ModelJson, weights: readonly File[]): Promise<void> {
  // Pages that did not come over https have no cryptography.
  if (weightsChecksum === undefined || !isSecureContext) return;
  const digest = await crypto.subtle.digest('SHA-256', await new Blob([...weights]).arrayBuffer());
  const hex = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
  if (weightsChecksum === `sha256-${hex}`) return;
  throw new Error('The weights are damaged, or belong to another model.json.');
}
