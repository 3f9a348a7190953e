/** Computes what output positions depend on, in the worker: sampling locations, offsets, or the influence of each pixel. */
import type * as tf from '@tensorflow/tfjs';
import * as conv from 'tfjs-convolutions';
import { messageOf } from '../shared/message_of.js';
import { fixedGrid } from './fixed_grid.js';
import { arrowOf } from './mean_offset.js';
import type { Axes, Fields, Influences, OffsetField, Question, Samples, SeenLayer } from './messages.js';
import type { Network } from './networks.js';

/** Most positions along an axis that have an arrow. */
const MOST_ARROWS = 28;

/** Sampling locations of a position, and those of the same kernels without offsets. */
export async function inspectSamples(
  { model, grids }: Network,
  x: tf.Tensor,
  { layer, trace, position }: Question,
): Promise<Samples> {
  const found = await conv.samplingLocations(model, x, { layer, trace, positions: [position] });
  const { center, taps } = found.images[0]![0]!;
  const levels = found.through.map((name) => grids.get(name)!);
  const [{ kernelSize, isHollow }] = levels as [(typeof levels)[number]];
  const tapsOfGroup = kernelSize[0] * kernelSize[1] - (isHollow ? 1 : 0);
  const samplesOfTap = taps.length / (tapsOfGroup * found.offsetGroups);
  return {
    view: 'samples',
    center,
    deformable: taps.map((tap, index) => ({ ...tap, tap: Math.floor(index / samplesOfTap) % tapsOfGroup })),
    plain: fixedGrid(center, levels),
  };
}

/** Offsets of many positions, of one deformable layer or of all. */
export async function inspectFields(network: Network, x: tf.Tensor, { layer, isAll }: Question): Promise<Fields> {
  const deformable = network.description.layers.filter(({ sampling }) => sampling !== undefined);
  const fields: OffsetField[] = [];
  for (const seen of deformable) {
    if (isAll || seen.name === layer) fields.push(await offsetField(network, x, seen));
  }
  return { view: 'field', fields };
}

async function offsetField({ model, grids }: Network, x: tf.Tensor, seen: SeenLayer): Promise<OffsetField> {
  const { name: layer, outputSize } = seen;
  const step = Math.ceil(Math.max(...outputSize) / MOST_ARROWS);
  const [rows, columns] = outputSize.map((size) => Math.ceil(size / step)) as [number, number];
  const positions = Array.from({ length: rows * columns }, (_, index): Axes => [
    step * Math.floor(index / columns),
    step * (index % columns),
  ]);
  const { images } = await conv.samplingLocations(model, x, { layer, positions });
  const lengths = images[0]!.flatMap(({ center, taps }) => {
    const grid = fixedGrid(center, [grids.get(layer)!]);
    return taps.map((tap, index) => {
      const rest = grid[index % grid.length]!;
      return Math.hypot(tap.y - rest.y, tap.x - rest.x);
    });
  });
  return {
    layer,
    step,
    arrows: images[0]!.map(arrowOf),
    mean: lengths.reduce((sum, length) => sum + length, 0) / lengths.length,
    greatest: lengths.reduce((a, b) => Math.max(a, b), 0),
  };
}

/** Influence of each pixel on a position. */
export async function inspectInfluence(
  { model }: Network,
  x: tf.Tensor,
  { layer, position }: Question,
): Promise<Influences> {
  try {
    const { map, extent, area, theoretical } = await conv.effectiveReceptiveField(model, x, { layer, position });
    return { view: 'influence', influence: { map, extent, area, theoretical } };
  } catch (error) {
    // A position that depends on no pixel is rare but possible: all of its units may be inactive.
    if (error instanceof RangeError) return { view: 'influence', influence: messageOf(error) };
    throw error;
  }
}
