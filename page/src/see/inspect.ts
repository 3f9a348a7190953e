/** Computes what one output position depends on, in the worker: sampling locations, or the influence of each pixel. */
import type * as tf from '@tensorflow/tfjs';
import * as conv from 'tfjs-convolutions';
import { messageOf } from '../shared/message_of.js';
import { fixedGrid } from './fixed_grid.js';
import type { InfluenceMap, Influences, Question, Samples } from './messages.js';
import type { Networks } from './networks.js';

/** Sampling locations of the deformable network, and those of a plain one. */
export async function inspectSamples(
  { deformable, grids }: Networks,
  x: tf.Tensor,
  { layer, trace, position }: Question,
): Promise<Samples> {
  const found = await conv.samplingLocations(deformable, x, { layer, trace, positions: [position] });
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

/** Influence of each pixel on the position, in both networks. */
export async function inspectInfluence(
  { deformable, plain }: Networks,
  x: tf.Tensor,
  question: Question,
): Promise<Influences> {
  return {
    view: 'influence',
    deformable: await influenceOn(deformable, x, question),
    plain: plain && (await influenceOn(plain, x, question)),
  };
}

async function influenceOn(
  model: tf.LayersModel,
  x: tf.Tensor,
  { layer, position }: Question,
): Promise<InfluenceMap | string> {
  try {
    const { map, extent, area, theoretical } = await conv.effectiveReceptiveField(model, x, { layer, position });
    return { map, extent, area, theoretical };
  } catch (error) {
    // A position that depends on no pixel is rare but possible: all of its units may be inactive.
    if (error instanceof RangeError) return messageOf(error);
    throw error;
  }
}
