/** Reads whole models from the contents of Keras files. */
import * as tf from '@tensorflow/tfjs';
import { CorruptFileError, type Action } from '../errors.js';
import { buildKerasModel } from './build_keras_model.js';
import type { Contents } from './contents.js';
import { isHdf5, type ReadHdf5, type StoredGroup } from './hdf5_contents.js';
import { isArchive, readArchive } from './keras_archive.js';
import { isKeras2, readGraph } from './keras_graph.js';
import { AUGMENTATIONS } from './keras_layer_options.js';
import { legacyConfig, legacyGroup, readLegacy } from './keras_legacy.js';
import type { KerasModel } from './keras_model.js';
import { layersGroup, namesByKey, readV3, type DescribedLayer } from './keras_v3.js';
import { KerasWeightsError, matchWeights } from './match_weights.js';
import { modelLayers } from './model_layers.js';
import type { StoredLayer, StoredTensor } from './stored_layers.js';
import { isMatch } from './weight_mismatch.js';

export const LOAD: Action = 'load the Keras model';

/**
 * Reads a model, as `loadKeras` describes it.
 *
 * @param contents contents of the file
 * @param readHdf5 reads an HDF5 file
 */
export async function readKerasModel(contents: Contents, readHdf5: ReadHdf5): Promise<tf.LayersModel> {
  const { name } = contents;
  const archive = isArchive(contents.bytes) ? await readArchive(LOAD, contents) : undefined;
  const bytes = archive?.weights ?? contents.bytes;
  if (!isHdf5(bytes)) throw new CorruptFileError(LOAD, 'the file must be HDF5 or a .keras archive', name);
  const described = archive && readGraph(LOAD, archive.config, name);
  const built: tf.LayersModel[] = [];
  try {
    const [{ graph, pairs }, values] = await readHdf5(LOAD, bytes, name, (root) => {
      const config = archive ? archive.config : legacyConfig(root);
      if (config === undefined || config === null) {
        throw new CorruptFileError(LOAD, 'the file must contain a model, not only weights', name);
      }
      const read = readModel(root, config, described ?? readGraph(LOAD, config, name), name);
      built.push(read.model);
      return read;
    });
    pairs.forEach(({ variable }, index) => {
      tf.tidy(() => {
        variable.write(tf.tensor(values[index]!, variable.shape as number[]));
      });
    });
    warnOfAugmentations(graph);
    if (archive?.notes) built[0]!.setUserDefinedMetadata(archive.notes);
    return built[0]!;
  } catch (error) {
    for (const weight of built[0]?.weights ?? []) weight.dispose();
    throw error;
  }
}

/** Builds the model of a file and pairs its weights with the arrays in the file. */
function readModel(root: StoredGroup, config: unknown, graph: KerasModel, file: string) {
  const stored = readStored(root, config, graph, file);
  const { model, complete } = buildKerasModel(graph, {
    action: LOAD,
    file,
    isKeras2: isKeras2(graph),
    largest: largestOf(root),
  });
  const match = matchWeights(modelLayers(model, { byName: true, absent: complete }), withoutCounts(stored, graph));
  if (!isMatch(match.mismatch)) {
    for (const weight of model.weights) weight.dispose();
    throw new KerasWeightsError(LOAD, match, file);
  }
  return { graph, model, pairs: match.pairs, arrays: match.pairs.map(({ array }) => array) };
}

function readStored(root: StoredGroup, config: unknown, graph: KerasModel, file: string): StoredLayer {
  const legacy = legacyGroup(root);
  if (legacy !== undefined) return readLegacy(legacy, config);
  if (layersGroup(root) !== undefined) return readV3(root, namesByKey(describeLayers(graph)), false);
  // A model without weights.
  if (root.names.every((each) => each === 'vars')) return { name: '', tensors: [] };
  throw new CorruptFileError(LOAD, 'the file must contain the weights of its model', file);
}

function describeLayers({ layers }: KerasModel): DescribedLayer[] {
  return layers.map(({ className, name, model }) => ({ className, name, layers: model ? describeLayers(model) : [] }));
}

/**
 * Takes the number of images out of the weights of normalizations, mean, variance and this number, which thereby become
 * those of batch normalizations.
 */
function withoutCounts(stored: StoredLayer, { layers }: KerasModel): StoredLayer {
  const byName = new Map(layers.map((layer) => [layer.name, layer]));
  const isNormalization = (name: string | undefined): boolean => byName.get(name ?? '')?.className === 'Normalization';
  const tensors = (own: StoredLayer, isOwn: boolean): StoredTensor[] =>
    own.tensors.flatMap((tensor, index) => {
      if (!isOwn && !isNormalization(tensor.owner)) return [tensor];
      if (tensor.name === undefined) return index < 2 ? [tensor] : [];
      return tensor.name === 'count' ? [] : [{ ...tensor, name: `moving_${tensor.name}` }];
    });
  const { children } = stored;
  return {
    ...stored,
    tensors: tensors(stored, false),
    ...(children && {
      children: children.map((child) => {
        const { model } = byName.get(child.name) ?? {};
        if (model !== undefined) return withoutCounts(child, model);
        return { ...child, tensors: tensors(child, isNormalization(child.name)) };
      }),
    }),
  };
}

/** Number of elements of the largest array. */
function largestOf(group: StoredGroup): number {
  return group.names.reduce((largest, name) => {
    const shape = group.array(name)?.shape;
    const inner = group.group(name);
    const elements = shape?.reduce((product, size) => product * size, 1) ?? (inner ? largestOf(inner) : 0);
    return Math.max(largest, elements);
  }, 0);
}

function warnOfAugmentations(graph: KerasModel): void {
  const names = namesOf(graph, '');
  if (names.length === 0) return;
  console.warn(
    `Loaded a Keras model whose layers ${names.join(', ')} change images at random in training; TensorFlow.js has none of ` +
      'them, and here they do nothing.',
  );
}

function namesOf({ layers }: KerasModel, path: string): string[] {
  return layers.flatMap(({ name, className, model }) => {
    if (model !== undefined) return namesOf(model, `${path}${name}/`);
    return AUGMENTATIONS.includes(className) ? [`'${path}${name}'`] : [];
  });
}
