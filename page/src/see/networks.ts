/** Networks to visualize, in the worker: the bundled pair, or one of the user's own. */
import * as tf from '@tensorflow/tfjs';
import * as conv from 'tfjs-convolutions';
import { preprocessingOf, type EncodedModel, type Preprocessing } from 'tfjs-convolutions/training';
import { readModel } from '../engine/read_model.js';
import type { GridLevel } from './fixed_grid.js';
import type { Axes, NetworkDescription, SeenLayer } from './messages.js';

export interface Networks {
  readonly description: NetworkDescription;
  readonly deformable: tf.LayersModel;
  readonly plain: tf.LayersModel | undefined;
  readonly classNames: readonly string[];
  readonly preprocessing: Preprocessing;
  /** Kernels of the deformable layers, by name. */
  readonly grids: ReadonlyMap<string, GridLevel>;
}

/** Image size for a network that accepts any. */
const OPEN_SIZE = 96;
/** Three layers of 3×3 give 729 samples, as in Figure 6 of Dai et al. (2017); more would be indistinguishable. */
const MOST_LEVELS = 3;

/** Index that make_models.mjs writes next to the models. */
interface ShippedIndex {
  readonly testImages: number;
  readonly networks: Readonly<Record<'deformable' | 'plain', { readonly testAccuracy: number }>>;
}

/** @param folder URL of the bundled models */
export async function loadShipped(folder: string): Promise<Networks> {
  const response = await fetch(new URL('index.json', folder));
  if (!response.ok) throw new Error(`Cannot load the networks: the server answered ${response.status}`);
  const { networks, testImages } = (await response.json()) as ShippedIndex;
  const load = (name: string): Promise<tf.LayersModel> =>
    tf.loadLayersModel(new URL(`${name}/model.json`, folder).href);
  const [deformable, plain] = await Promise.all([load('deformable'), load('plain')]);
  const percent = (name: 'deformable' | 'plain'): string => (100 * networks[name].testAccuracy).toFixed(1);
  const title = `Two networks for handwritten digits, alike but for their last three layers. Of ${testImages} digits that they
    had never seen, the deformable one reads ${percent('deformable')} % right and the plain one ${percent('plain')} %.`;
  return describe(title, deformable, plain);
}

/** @throws Error that explains to the user what is wrong with the files */
export async function loadOwn(files: EncodedModel): Promise<Networks> {
  const model = await readModel(files);
  try {
    return await describe(`Your network “${model.name}”.`, model, undefined);
  } catch (error) {
    model.dispose();
    throw error;
  }
}

export function dispose({ deformable, plain }: Networks): void {
  deformable.dispose();
  plain?.dispose();
}

async function describe(title: string, deformable: tf.LayersModel, plain?: tf.LayersModel): Promise<Networks> {
  const { imageSize, channels, preprocessing } = imageOf(deformable);
  const found = deformableLayers(deformable);
  if (found.length === 0) {
    throw new Error('This network has no deformable layer, so there are no sampling locations to show');
  }
  const x = tf.zeros([1, ...imageSize, channels]);
  try {
    const layers: SeenLayer[] = [];
    const grids = new Map<string, GridLevel>();
    for (const { name, layer } of found) {
      const { seen, grid } = await describeLayer(deformable, x, name, layer);
      layers.push(seen);
      grids.set(name, grid);
    }
    // According to its types, the host always returns an object; a model saved without one has none.
    const notes = deformable.getUserDefinedMetadata() as { readonly classNames?: unknown } | undefined;
    const classNames = notes?.classNames;
    const description = { title, imageSize, channels, layers, hasPlain: plain !== undefined };
    return { description, deformable, plain, classNames: isNames(classNames) ? classNames : [], preprocessing, grids };
  } finally {
    x.dispose();
  }
}

function isNames(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((name) => typeof name === 'string');
}

/** Input of a network, and its preprocessing. */
interface InputImage {
  readonly imageSize: Axes;
  readonly channels: 1 | 3;
  readonly preprocessing: Preprocessing;
}

function imageOf(model: tf.LayersModel): InputImage {
  const [shape] = model.inputs.map((input) => input.shape);
  if (model.inputs.length !== 1 || shape?.length !== 4) {
    throw new Error('This network does not take one image at a time, so it cannot be shown a picture');
  }
  const channels = shape[3];
  if (channels !== 1 && channels !== 3) {
    throw new Error(
      `This network takes images of ${channels ?? 'any number of'} channels; pictures here have 1 (grey) or 3 (colour)`,
    );
  }
  const preprocessing = preprocessingOf(model, OPEN_SIZE);
  return { imageSize: [preprocessing.height, preprocessing.width], channels, preprocessing };
}

interface NamedLayer {
  readonly name: string;
  readonly layer: tf.layers.Layer;
}

/** Lists all deformable layers; those of nested models are prefixed by the name of the model. */
function deformableLayers({ layers }: tf.LayersModel, path = ''): NamedLayer[] {
  return layers.flatMap((layer) => {
    if (layer instanceof tf.LayersModel) return deformableLayers(layer, `${path}${layer.name}/`);
    const isDeformable =
      layer instanceof conv.DeformableConv2D ||
      layer instanceof conv.DeformableConv2DV3 ||
      layer instanceof conv.DeformableConv2DV4;
    return isDeformable ? [{ name: path + layer.name, layer }] : [];
  });
}

async function describeLayer(
  model: tf.LayersModel,
  x: tf.Tensor,
  name: string,
  layer: tf.layers.Layer,
): Promise<{ seen: SeenLayer; grid: GridLevel }> {
  const { through, kernelSize, offsetGroups, outputSize, images } = await traceMost(model, x, name);
  const one = await conv.samplingLocations(model, x, { layer: name, positions: [[0, 0]] });
  const { center } = images[0]![0]!;
  const { stride } = conv.receptiveField(model, { layer: name, inputShape: x.shape.slice(1) });
  const config = layer.getConfig();
  const [strides, dilations] = [pairOf(config['strides']), pairOf(config['dilationRate'])];
  const taps = one.images[0]![0]!.taps.length / offsetGroups;
  const spacing = (axis: 0 | 1): number => (stride[axis] / strides[axis]) * dilations[axis];
  return {
    seen: { name, chain: through, kernelSize, taps, outputSize, origin: [center.y, center.x], stride },
    grid: { kernelSize, spacing: [spacing(0), spacing(1)], isHollow: taps < kernelSize[0] * kernelSize[1] },
  };
}

/** Traces samples through as many layers as can be drawn. */
async function traceMost(model: tf.LayersModel, x: tf.Tensor, layer: string): Promise<conv.SamplingLocations> {
  for (let trace = MOST_LEVELS; ; trace--) {
    try {
      return await conv.samplingLocations(model, x, { layer, positions: [[0, 0]], trace });
    } catch (error) {
      if (!(error instanceof RangeError) || trace === 1) throw error;
    }
  }
}

function pairOf(value: unknown): Axes {
  if (typeof value === 'number') return [value, value];
  return Array.isArray(value) ? [Number(value[0]), Number(value[1])] : [1, 1];
}
