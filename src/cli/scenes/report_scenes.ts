/** Results of the main job: how well its network names digits of all sizes, and how its samples follow them. */
import type { Trainer } from '../../training/trainer.js';
import { count, percent } from '../format.js';
import { loadTestScenes, SCENES } from './load_digit_scenes.js';
import { PLAIN_RUN } from './plain_run.js';
import { namedRight, spreadFigures } from './scene_figures.js';
import { drawSizes, drawSpread } from './size_pictures.js';

/** Test scenes whose samples are measured. */
const MEASURED = 250;
/** Test digit that is drawn in three sizes, and the seed of its clutter. */
const DRAWN = { digit: 8, seed: 0 } as const;
/** Root mean square distance of a 3×3 grid with 4 pixels between its points from its middle. */
const PLAIN_SPREAD = 4 * Math.sqrt(4 / 3);

/** Lines to print, and pictures by purpose. */
export interface SceneReport {
  readonly lines: readonly string[];
  readonly pictures: { readonly sizes: string; readonly spread: string } | undefined;
}

/** Measures a finished run. */
export async function reportScenes(
  trainer: Trainer,
  { deformable, plots }: { readonly deformable: number; readonly plots: boolean },
): Promise<SceneReport> {
  const { model, data } = trainer;
  const right = `${percent(await namedRight(model, data.test), 1)} of the positions on digits are named right`;
  if (deformable === 0) return { lines: [right], pictures: undefined };
  const { digits, scenes } = await loadTestScenes(MEASURED);
  const { looks, correlation, least, most } = await spreadFigures(model, scenes);
  const lines = [
    right,
    ...plainLines(),
    `samples are spread over ${least.toFixed(1)} px on the smallest tenth of the digits and ${most.toFixed(1)} px on the largest`,
    `(plain: always ${PLAIN_SPREAD.toFixed(1)} px); correlation of spread and size ${correlation.toFixed(2)}`,
  ];
  if (!plots) return { lines, pictures: undefined };
  const sizes = await drawSizes(model, digits, DRAWN.digit, DRAWN.seed);
  return { lines, pictures: { sizes, spread: await drawSpread(looks, PLAIN_SPREAD, correlation) } };
}

/** Lines about the plain network, which is not trained beside the other in every run. */
function plainLines(): string[] {
  const { parameters, epochs, scenes, accuracy, right, date } = PLAIN_RUN;
  return [
    `a plain network of ${count(parameters)} parameters: test accuracy ${percent(accuracy, 2)}, ${percent(right, 1)} on digits (stored from a run of`,
    `${date}, ${count(scenes)} scenes, ${epochs} epochs; to repeat it: train --data ${SCENES} --deformable 0)`,
  ];
}
