/** Pictures of a deformable layer whose samples follow the size of a digit: one digit in three sizes, and spread against size. */
import type * as tf from '@tensorflow/tfjs';
import { samplingLocations, type SamplingLocations } from '../../analysis/sampling_locations.js';
import { samplingPlot } from '../../plots/sampling_plot.js';
import { vegaLitePlot } from '../../plots/vega_lite_plot.js';
import type { Dataset } from '../../training/dataset.js';
import { Random } from '../../training/random.js';
import { drawScene, middlePosition, SCALES, SCENE_SIZE } from './digit_scenes.js';
import { sceneTensor } from './scene_tensor.js';

const COLOURS = { plain: '#0072b2', deformable: '#d55e00' } as const;
/** Height of the chart: with its title and its axis as high as the picture of the samples. */
const HEIGHT = 385;

/**
 * One digit in the smallest, a middle and the largest size, in the middle of the image amid other clutter each time: the
 * samples of the position nearest to its middle, below the grid of a plain convolution.
 *
 * @param index which of the digits
 */
export async function drawSizes(model: tf.LayersModel, digits: Dataset, index: number, seed: number): Promise<string> {
  const scales = [SCALES[0], Math.sqrt(SCALES[0] * SCALES[1]), SCALES[1]];
  const at = [(SCENE_SIZE - 1) / 2, (SCENE_SIZE - 1) / 2] as const;
  const scenes = scales.map((scale, row) =>
    drawScene(digits, index, { random: new Random(seed, 'split', index, row), scale, at }),
  );
  const found: SamplingLocations[] = [];
  for (const scene of scenes) {
    const x = sceneTensor(scene);
    found.push(await samplingLocations(model, x, { positions: [middlePosition(scene)] }));
    x.dispose();
  }
  const images = scenes.map(({ image, scale }) => ({
    // Dark ink on white.
    values: image.map((value) => 255 * (1 - value)),
    height: SCENE_SIZE,
    width: SCENE_SIZE,
    channels: 1 as const,
    title: `×${scale.toFixed(1)}`,
  }));
  const locations = { ...found[0]!, images: found.flatMap((one) => one.images) };
  return samplingPlot(locations, images, { hull: true, plainGrid: true });
}

/** The spread of the samples of each test image against the size of its digit, beside that of the plain grid. */
export function drawSpread(
  looks: readonly { readonly scale: number; readonly spread: number }[],
  plainSpread: number,
  correlation: number,
): Promise<string> {
  const top = 2 * Math.ceil(Math.max(...looks.map(({ spread }) => spread)) / 2);
  const y = { type: 'quantitative', title: null, scale: { domain: [0, top] }, axis: { tickCount: 5 } };
  const x = {
    field: 'scale',
    type: 'quantitative',
    title: 'size of the digit',
    scale: { domain: [0.3, 1.7], nice: false },
    axis: { values: [0.4, 0.8, 1.2, 1.6], labelExpr: "'×' + datum.label", grid: false },
  };
  return vegaLitePlot({
    width: 200,
    height: HEIGHT,
    title: { text: `Spread, px (r = ${correlation.toFixed(2)})`, fontSize: 14 },
    layer: [
      {
        data: { values: looks },
        mark: { type: 'point', filled: true, size: 36, opacity: 0.6, color: COLOURS.deformable },
        encoding: { x, y: { ...y, field: 'spread' } },
      },
      {
        data: { values: [{ spread: plainSpread }] },
        mark: { type: 'rule', color: COLOURS.plain, size: 2.5 },
        encoding: { y: { ...y, field: 'spread' } },
      },
      {
        data: { values: [{ spread: plainSpread, text: `plain: ${plainSpread.toFixed(1)} px` }] },
        mark: { type: 'text', color: COLOURS.plain, align: 'right', baseline: 'top', dy: 7, fontSize: 14 },
        encoding: { x: { ...x, field: undefined, datum: 1.68 }, y: { ...y, field: 'spread' }, text: { field: 'text' } },
      },
    ],
  });
}
