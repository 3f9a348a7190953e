/** Describes the layers of a network whose outputs are maps: their positions in the image, and the samples of deformable ones. */
import * as tf from '@tensorflow/tfjs';
import * as conv from 'tfjs-convolutions';
import type { GridLevel } from './fixed_grid.js';
import type { Axes, LayerSampling, SeenLayer } from './messages.js';

/** Three layers of 3×3 give 729 samples, as in Figure 6 of Dai et al. (2017); more would be indistinguishable. */
const MOST_LEVELS = 3;
/** Classes of layers that read a neighbourhood. */
const READERS = /Conv|Pool/;

export interface DescribedLayers {
  /** In the order of computation. */
  readonly layers: readonly SeenLayer[];
  /** Kernels of the deformable layers, by name. */
  readonly grids: ReadonlyMap<string, GridLevel>;
}

/**
 * @param shape [height, width, channels] of the images
 * @param fields receptive fields of the layers
 */
export async function describeLayers(
  model: tf.LayersModel,
  shape: number[],
  fields: readonly conv.LayerReceptiveField[],
): Promise<DescribedLayers> {
  const deformable = deformableLayers(model);
  const grids = new Map<string, GridLevel>();
  const layers: SeenLayer[] = [];
  const x = tf.zeros([1, ...shape]);
  try {
    const sizes = outputSizes(model, shape);
    for (const { name, type, size, stride, padding } of fields) {
      const outputSize = sizes.get(name);
      // A shared layer is listed once for each call.
      if (!READERS.test(type) || outputSize === undefined || layers.some((layer) => layer.name === name)) continue;
      const origin: Axes = [(size[0] - 1) / 2 - padding[0], (size[1] - 1) / 2 - padding[1]];
      const layer = deformable.get(name);
      if (layer === undefined) {
        layers.push({ name, outputSize, origin, stride, sampling: undefined });
        continue;
      }
      const { sampling, grid, center } = await describeSampling(model, x, name);
      grids.set(name, grid);
      layers.push({ name, outputSize, origin: center, stride, sampling });
    }
  } finally {
    x.dispose();
  }
  return { layers, grids };
}

/** [height, width] of outputs that are maps, by the names of their layers. */
function outputSizes(model: tf.LayersModel, inputShape: number[]): ReadonlyMap<string, Axes> {
  const { layers } = conv.cost(model, { inputShape });
  const maps = layers.filter(({ outputShape }) => outputShape.length === 3);
  return new Map(maps.map(({ name, outputShape }) => [name, [outputShape[0]!, outputShape[1]!]]));
}

/** All deformable layers by name; those of nested models are prefixed by the name of the model. */
function deformableLayers({ layers }: tf.LayersModel, path = ''): ReadonlyMap<string, tf.layers.Layer> {
  return new Map(
    layers.flatMap((layer): readonly (readonly [string, tf.layers.Layer])[] => {
      if (layer instanceof tf.LayersModel) return [...deformableLayers(layer, `${path}${layer.name}/`)];
      const isDeformable =
        layer instanceof conv.DeformableConv2D ||
        layer instanceof conv.DeformableConv2DV3 ||
        layer instanceof conv.DeformableConv2DV4;
      return isDeformable ? [[path + layer.name, layer]] : [];
    }),
  );
}

interface DescribedSampling {
  readonly sampling: LayerSampling;
  readonly grid: GridLevel;
  /** Centre of position (0, 0), in pixels of the image. */
  readonly center: Axes;
}

async function describeSampling(model: tf.LayersModel, x: tf.Tensor, layer: string): Promise<DescribedSampling> {
  const { through, kernelSize } = await traceMost(model, x, layer);
  const { images, offsetGroups, tapSpacing } = await conv.samplingLocations(model, x, { layer, positions: [[0, 0]] });
  const { center, taps: all } = images[0]![0]!;
  const taps = all.length / offsetGroups;
  return {
    sampling: { chain: through, kernelSize, taps },
    grid: { kernelSize, spacing: tapSpacing, isHollow: taps < kernelSize[0] * kernelSize[1] },
    center: [center.y, center.x],
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
