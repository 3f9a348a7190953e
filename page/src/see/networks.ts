/** Network of the user to look into, in the worker. */
import type * as tf from '@tensorflow/tfjs';
import * as conv from 'tfjs-convolutions';
import { preprocessingOf, type Preprocessing } from 'tfjs-convolutions/training';
import { readModel } from '../engine/read_model.js';
import { messageOf } from '../shared/message_of.js';
import { describeLayers, type DescribedLayers } from './describe_layers.js';
import type { GridLevel } from './fixed_grid.js';
import type { ModelContents, NetworkDescription, OwnModel } from './messages.js';
import { reportOn } from './report_on.js';

export interface Network {
  readonly description: NetworkDescription;
  readonly model: tf.LayersModel;
  readonly classNames: readonly string[];
  /** Undefined for a network that takes no pictures. */
  readonly preprocessing: Preprocessing | undefined;
  /** Kernels of the deformable layers, by name. */
  readonly grids: ReadonlyMap<string, GridLevel>;
}

/** Image size for a network that accepts any. */
const OPEN_SIZE = 96;

/** @throws Error that explains to the user what is wrong with the files */
export async function loadOwn({ contents, name }: OwnModel): Promise<Network> {
  const model = await load(contents);
  try {
    return await describe(model, `Your network “${name ?? model.name}”.`);
  } catch (error) {
    model.dispose();
    throw error;
  }
}

/** Loads the code for a format when a file of it is opened. */
async function load(contents: ModelContents): Promise<tf.LayersModel> {
  if (contents.format === 'layers') return readModel(contents.files);
  if (contents.format === 'onnx') {
    const { importOnnx } = await import('tfjs-convolutions/interop');
    return importOnnx(contents.bytes);
  }
  const { loadKeras } = await import('tfjs-convolutions/interop/keras');
  return loadKeras(contents.bytes);
}

async function describe(model: tf.LayersModel, title: string): Promise<Network> {
  const channels = channelsOf(model);
  const preprocessing = channels === 1 || channels === 3 ? preprocessingOf(model, OPEN_SIZE) : undefined;
  const [, height, width] = model.inputs[0]!.shape as readonly (number | null)[];
  const imageSize = [preprocessing?.height ?? height ?? OPEN_SIZE, preprocessing?.width ?? width ?? OPEN_SIZE] as const;
  const shape = channels === undefined ? undefined : [...imageSize, channels];
  const fields = shape ? fieldsOf(model, shape) : [];
  const { layers, grids } = shape ? await describeLayers(model, shape, fields) : NO_LAYERS;
  const report = attempt(() => reportOn(model, shape, fields, layers));
  const input = preprocessing ? { imageSize, channels: channels as 1 | 3 } : reasonAgainst(channels);
  // According to its types, the host always returns an object; a model saved without one has none.
  const notes = model.getUserDefinedMetadata() as { readonly classNames?: unknown } | undefined;
  const classNames = isNames(notes?.classNames) ? notes.classNames : [];
  return { description: { title, input, layers, report }, model, classNames, preprocessing, grids };
}

const NO_LAYERS: DescribedLayers = { layers: [], grids: new Map() };

/** Channels of the images that a network takes; undefined if it does not take one image. */
function channelsOf({ inputs }: tf.LayersModel): number | undefined {
  // According to the types of the host, shapes of images are complete.
  const shape: readonly (number | null)[] = inputs[0]!.shape;
  return inputs.length > 1 || shape.length !== 4 ? undefined : (shape[3] ?? undefined);
}

/** The reason why a network takes no pictures. */
function reasonAgainst(channels: number | undefined): string {
  return channels === undefined
    ? 'This network does not take one image at a time, so it cannot be shown a picture.'
    : `This network takes images of ${channels} channels; pictures here have 1 (grey) or 3 (colour).`;
}

/** Receptive fields of the layers; none if a layer is of an unknown class. */
function fieldsOf(model: tf.LayersModel, inputShape: number[]): readonly conv.LayerReceptiveField[] {
  try {
    return conv.receptiveField(model, { inputShape }).layers;
  } catch (error) {
    if (error instanceof RangeError) return [];
    throw error;
  }
}

function attempt<T>(work: () => T): T | string {
  try {
    return work();
  } catch (error) {
    return messageOf(error);
  }
}

function isNames(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((name) => typeof name === 'string');
}
