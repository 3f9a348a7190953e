/** Figures of a finished main job: positions named right, and the spread of the samples against the size of the digits. */
import * as tf from '@tensorflow/tfjs';
import { samplingLocations } from '../../analysis/sampling_locations.js';
import { evaluate } from '../../training/evaluate.js';
import type { Images } from '../../training/image_source.js';
import { GROUND, middlePosition, type DigitScene } from './digit_scenes.js';
import { correlationOf, meanOf } from './sampling_figures.js';
import { sceneTensor } from './scene_tensor.js';

/** Size of a digit, and spread of the samples of the position nearest to its middle. */
export interface Look {
  /** Factor on the digit as it came. */
  readonly scale: number;
  /** Root mean square distance of the samples from their mean, in pixels. */
  readonly spread: number;
}

/** Spread of the samples in many scenes. */
export interface SpreadFigures {
  readonly looks: readonly Look[];
  /** Pearson's correlation of size and spread. */
  readonly correlation: number;
  /** Mean spread on the smallest tenth of the digits, and on the largest. */
  readonly least: number;
  readonly most: number;
}

/** Fraction of the positions on digits that have the right name. */
export async function namedRight(model: tf.LayersModel, test: Images): Promise<number> {
  const { confusion } = await evaluate(model, test);
  const rows = confusion.slice(0, GROUND);
  const total = rows.flat().reduce((sum, value) => sum + value, 0);
  return rows.reduce((sum, row, digit) => sum + row[digit]!, 0) / total;
}

/** Measures the spread of the samples. */
export async function spreadFigures(model: tf.LayersModel, scenes: readonly DigitScene[]): Promise<SpreadFigures> {
  const looks: Look[] = [];
  for (const scene of scenes) {
    const x = sceneTensor(scene);
    const { images } = await samplingLocations(model, x, { positions: [middlePosition(scene)] });
    x.dispose();
    looks.push({ scale: scene.scale, spread: images[0]![0]!.spread });
  }
  const bySize = [...looks].sort((a, b) => a.scale - b.scale).map(({ spread }) => spread);
  const tenth = Math.ceil(looks.length / 10);
  const correlation = correlationOf(
    looks.map(({ scale }) => scale),
    looks.map(({ spread }) => spread),
  );
  return { looks, correlation, least: meanOf(bySize.slice(0, tenth)), most: meanOf(bySize.slice(-tenth)) };
}
