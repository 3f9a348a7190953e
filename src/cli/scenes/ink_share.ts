/** Fractions of samples that fall on an object. */
import * as tf from '@tensorflow/tfjs';
import { samplingLocations } from '../../analysis/sampling_locations.js';
import { isInk, middlePosition, type DigitScene } from './digit_scenes.js';
import { meanOf } from './sampling_figures.js';
import { sceneTensor } from './scene_tensor.js';

/** Fractions of samples on the ink of digits. */
export interface InkShare {
  /** Of the samples of the network. */
  readonly samples: number;
  /** Of a 3×3 grid around the same position with the same spread: a grid that is small would read little but the stroke. */
  readonly control: number;
  /** Of the plain grid at the same position. */
  readonly plain: number;
}

/** Measures the samples of the position nearest to the middle of each digit. */
export async function inkShare(model: tf.LayersModel, scenes: readonly DigitScene[]): Promise<InkShare> {
  const shares: InkShare[] = [];
  for (const scene of scenes) {
    const x = sceneTensor(scene);
    const { images, tapSpacing } = await samplingLocations(model, x, { positions: [middlePosition(scene)] });
    x.dispose();
    const { taps, center, spread } = images[0]![0]!;
    const onInk = (places: readonly { readonly y: number; readonly x: number }[]): number =>
      places.filter((place) => isInk(scene, place)).length / places.length;
    const plain = squareGrid(center, tapSpacing[0]);
    const control = squareGrid(center, spread / Math.sqrt(4 / 3));
    shares.push({ samples: onInk(taps), control: onInk(control), plain: onInk(plain) });
  }
  const mean = (kind: keyof InkShare): number => meanOf(shares.map((share) => share[kind]));
  return { samples: mean('samples'), control: mean('control'), plain: mean('plain') };
}

/** A 3×3 grid with `step` pixels between its points; their root mean square distance from its middle is √(4/3) steps. */
function squareGrid(center: { readonly y: number; readonly x: number }, step: number) {
  return Array.from({ length: 9 }, (_, tap) => ({
    y: center.y + (Math.floor(tap / 3) - 1) * step,
    x: center.x + ((tap % 3) - 1) * step,
  }));
}
