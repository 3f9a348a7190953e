/**
 * Sampling locations of a deformable layer: images with a dot at every sampling location of a few output positions, in
 * the manner of J. Dai et al., "Deformable Convolutional Networks", arXiv 1703.06211, figure 6.
 */
import type { SamplingLocations, SamplingPosition } from '../analysis/sampling_locations.js';
import { checkBoolean, rangeError } from '../errors.js';
import { checkOptions, type OptionNames } from '../support/check_options.js';
import { pngDataUrl, type Pixels } from './png.js';
import { samplingPanel, type PanelStyle } from './sampling_panel.js';
import { loadVega, PALETTE, THEME } from './vega.js';
import { checkList } from '../support/check_list.js';
import { checkFields } from '../support/check_fields.js';

/** One image of the plot. */
export interface PlotImage extends Pixels {
  /** Title above the image. */
  readonly title: string;
}

/** The same with its pixels as PNG. */
interface EncodedImage {
  readonly title: string;
  /** Address that holds the PNG. */
  readonly url: string;
}

/** The options of {@link samplingPlot}. */
export interface SamplingPlotOptions {
  /** Whether to fill the convex hull of each position's samples. @default false */
  readonly hull?: boolean;
  /**
   * Whether to compare with a plain convolution: the same images above, with its sampling grid at the same positions;
   * and under each image with a single position the spread of its samples. @default false
   */
  readonly plainGrid?: boolean;
}

const ACTION = 'draw sampling locations';
const OPTIONS = { hull: true, plainGrid: true } as const satisfies OptionNames<SamplingPlotOptions>;
const COLOURS = [PALETTE.vermillion, PALETTE.blue, PALETTE.green, PALETTE.pink, PALETTE.orange];
const COLUMNS = 3;
const ALONE = { side: 250, margin: 0.12, legends: true, framed: false, opacity: 0.5, dot: 120, cross: 140 } as const;
/** Smaller, since it has twice the rows and no legends. */
const COMPARED = { side: 160, margin: 0.02, legends: false, framed: true, opacity: 0.65, dot: 64, cross: 90 } as const;

/**
 * Draws sampling locations over the images that the model was run on.
 *
 * @param locations result of `samplingLocations`, with at most five positions per image
 * @param images the same images in the same order
 * @param options hulls and comparison with a plain convolution; see {@link SamplingPlotOptions}
 * @returns SVG text
 * @throws TypeError if an option is unknown or of the wrong kind; RangeError if images or positions do not fit;
 * MissingPackageError if `vega`, `vega-lite`, `vega-interpreter` or `fast-png` is not installed
 * @see Dai et al., "Deformable Convolutional Networks" (2017), Figure 6
 * @example
 * ```ts
 * import { samplingPlot } from 'tfjs-convolutions/plots';
 *
 * const model = conv.mobileNetV1({ alpha: 0.25, inputShape: [28, 28, 1], downsampling: 2, deformable: { last: 1 } });
 * const x = tf.randomUniform([1, 28, 28, 1]);
 * const locations = await conv.samplingLocations(model, x, { positions: [[3, 3]] });
 * const image = { values: x.mul(255).dataSync(), height: 28, width: 28, channels: 1, title: 'noise' };
 * console.log((await samplingPlot(locations, [image])).startsWith('<svg')); // true
 * const compared = await samplingPlot(locations, [image], { hull: true, plainGrid: true });
 * console.log(compared.includes('Plain: the 3×3 grid')); // true
 * ```
 */
export async function samplingPlot(
  locations: SamplingLocations,
  images: readonly PlotImage[],
  options: SamplingPlotOptions = {},
): Promise<string> {
  checkOptions(ACTION, options, OPTIONS);
  const hull = checkBoolean(ACTION, 'hull', options.hull ?? false);
  const plainGrid = checkBoolean(ACTION, 'plainGrid', options.plainGrid ?? false);
  checkFields(ACTION, 'locations', locations, 'a result of samplingLocations()', ['layer', 'through', 'images']);
  checkList(ACTION, 'images', images, 'images');
  const { layer, through } = locations;
  if (images.length !== locations.images.length) {
    throw rangeError(
      ACTION,
      `there must be one image for each of the ${locations.images.length}`,
      'images',
      images.length,
    );
  }
  const positions = Math.max(0, ...locations.images.map((image) => image.length));
  if (positions > COLOURS.length) {
    throw rangeError(ACTION, `there must be at most ${COLOURS.length} positions per image`, 'positions', positions);
  }
  const draw = await loadVega();
  const encoded: EncodedImage[] = [];
  for (const { title, ...pixels } of images) encoded.push({ title, url: await pngDataUrl(pixels) });
  const heaviest = locations.images
    .flat()
    .flatMap(({ taps }) => taps)
    .reduce((most, { weight }) => Math.max(most, Math.abs(weight)), 0);
  if (plainGrid) return draw(compared(locations, encoded, { hull, heaviest }));
  const style = { ...ALONE, colours: COLOURS, heaviest, hull };
  return draw({
    title: {
      text: `Where '${layer}' looks`,
      subtitle: `one colour: the ${samplesOf(locations)} that one output position of the layer reads${through.length > 1 ? `, through ${through.slice(1).join(', ')}` : ''}`,
    },
    columns: COLUMNS,
    spacing: 18,
    concat: encoded.map(({ title, url }, index) =>
      samplingPanel(url, locations.imageSize, locations.images[index]!, { above: title }, style),
    ),
    config: THEME,
  });
}

/** Name of the samples of a position. */
function samplesOf({ kernelSize, through, offsetGroups, images }: SamplingLocations): string {
  const count = images.flat()[0]?.taps.length ?? 0;
  const isGrid = through.length === 1 && offsetGroups === 1 && count === kernelSize[0] * kernelSize[1];
  return isGrid ? `${kernelSize.join('×')} samples` : `${count} samples`;
}

/** Rows of images with the grid of a plain convolution, each above the same images with the samples. */
function compared(
  locations: SamplingLocations,
  images: readonly EncodedImage[],
  { hull, heaviest }: { readonly hull: boolean; readonly heaviest: number },
): object {
  const shared = { ...COMPARED, hull };
  const isOne = locations.images.every((positions) => positions.length === 1);
  // With one position the two rows differ in colour; with more, each position has one colour in both.
  const plain = { ...shared, heaviest: 1, colours: isOne ? [PALETTE.blue] : COLOURS };
  const deformed = { ...shared, heaviest, colours: COLOURS };
  const row = (
    first: number,
    title: string,
    style: PanelStyle,
    positionsOf: (index: number) => readonly SamplingPosition[],
  ): object => ({
    title: { text: title, fontSize: 15, anchor: 'start', color: isOne ? style.colours[0] : '#333', offset: 4 },
    spacing: 10,
    hconcat: images.slice(first, first + COLUMNS).map(({ title: above, url }, index) => {
      const positions = positionsOf(first + index);
      const below = isOne ? `spread ${positions[0]!.spread.toFixed(1)} px` : undefined;
      return samplingPanel(url, locations.imageSize, positions, { above, below }, style);
    }),
  });
  const where = isOne ? 'of one position' : 'of each position';
  const grid = `Plain: the ${locations.kernelSize.join('×')} grid ${where}`;
  const samples = `'${locations.layer}': the ${samplesOf(locations)} ${where}`;
  const starts = images.map((_, index) => index).filter((index) => index % COLUMNS === 0);
  return {
    spacing: 14,
    // Adjacent views share their colours and sizes unless told otherwise.
    resolve: { scale: { color: 'independent', size: 'independent' } },
    vconcat: starts.flatMap((first) => [
      row(first, grid, plain, (index) => locations.images[index]!.map((at) => plainAt(at, locations))),
      row(first, samples, deformed, (index) => locations.images[index]!),
    ]),
    config: THEME,
  };
}

/** Samples of a plain convolution with the same window at a position. */
function plainAt({ position, center }: SamplingPosition, locations: SamplingLocations): SamplingPosition {
  const { kernelSize, tapSpacing } = locations;
  const along = (axis: 0 | 1, middle: number): number[] =>
    Array.from(
      { length: kernelSize[axis] },
      (_, tap) => middle + (tap - (kernelSize[axis] - 1) / 2) * tapSpacing[axis],
    );
  const taps = along(0, center.y).flatMap((y) => along(1, center.x).map((x) => ({ y, x, weight: 1 })));
  const squares = taps.map(({ y, x }) => (y - center.y) ** 2 + (x - center.x) ** 2);
  return { position, center, taps, spread: Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / taps.length) };
}
