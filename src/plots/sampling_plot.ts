/**
 * Where a deformable layer looks: images with a dot at every sampling location of a few output positions, in the manner
 * of J. Dai et al., "Deformable Convolutional Networks", arXiv 1703.06211, figure 6.
 */
import type { SamplingLocations, SamplingPosition } from '../analysis/sampling_locations.js';
import { rangeError } from '../errors.js';
import { pngDataUrl, type Pixels } from './png.js';
import { loadVega, PALETTE, THEME } from './vega.js';

/** One image of the picture. */
export interface PlotImage extends Pixels {
  /** Stands above the image. */
  readonly title: string;
}

const ACTION = 'draw sampling locations';
const COLOURS = [PALETTE.vermillion, PALETTE.blue, PALETTE.green, PALETTE.pink, PALETTE.orange];
/** Longer side of an image in the picture. */
const SIDE = 250;
const COLUMNS = 3;
const MARKS = { sample: 'sample', position: 'the position itself' } as const;

/**
 * Draws sampling locations over the images that the model was run on.
 *
 * @param locations What `samplingLocations` found, at most five positions per image.
 * @param images The same images in the same order.
 * @returns SVG text.
 * @throws RangeError If images or positions do not fit.
 * @throws MissingPackageError If the packages `vega` and `vega-lite` are not installed.
 */
export async function samplingPlot(locations: SamplingLocations, images: readonly PlotImage[]): Promise<string> {
  const { layer, kernelSize } = locations;
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
  const heaviest = Math.max(...locations.images.flat().flatMap(({ taps }) => taps.map(({ weight }) => weight)));
  return draw({
    title: {
      text: `Where '${layer}' looks`,
      subtitle: `one colour: the ${kernelSize[0]}×${kernelSize[1]} samples that one output position of the layer reads`,
    },
    columns: COLUMNS,
    spacing: 18,
    concat: images.map((image, index) => panel(image, locations, locations.images[index]!, heaviest)),
    config: THEME,
  });
}

function panel(
  image: PlotImage,
  locations: SamplingLocations,
  positions: readonly SamplingPosition[],
  heaviest: number,
): object {
  const [height, width] = locations.imageSize;
  // Pixel centres are whole numbers, so the image reaches half a pixel further.
  const frame = { left: -0.5, right: width - 0.5, top: -0.5, bottom: height - 0.5 };
  const axis = { type: 'quantitative', axis: null } as const;
  const x = { field: 'x', ...axis, scale: { domain: [frame.left, frame.right], nice: false, zero: false } };
  const y = { field: 'y', ...axis, scale: { domain: [frame.bottom, frame.top], nice: false, zero: false } };
  const names = positions.map((_, index) => `position ${index + 1}`);
  const color = {
    field: 'name',
    type: 'nominal',
    scale: { domain: names, range: COLOURS.slice(0, names.length) },
    legend: { title: 'output position', symbolType: 'circle', symbolSize: 90 },
  };
  const shape = {
    type: 'nominal',
    scale: { domain: Object.values(MARKS), range: ['circle', 'cross'] },
    legend: { title: 'marks', labelLimit: 300, symbolSize: 90, symbolFillColor: '#777', symbolStrokeColor: '#777' },
  };
  const size = {
    field: 'weight',
    type: 'quantitative',
    scale: { domain: [0, heaviest], range: [0, 120] },
    legend: { title: 'weight of a sample', symbolFillColor: '#777', symbolStrokeColor: '#777', tickCount: 4 },
  };
  const taps = positions.flatMap(({ taps: list, center }, index) =>
    list.map((tap) => ({ ...tap, name: names[index], fromX: center.x, fromY: center.y })),
  );
  const centres = positions.map(({ center }, index) => ({ ...center, name: names[index] }));
  return {
    width: (SIDE * width) / Math.max(height, width),
    height: (SIDE * height) / Math.max(height, width),
    title: { text: image.title, fontSize: 13, fontWeight: 'normal', anchor: 'middle', offset: 4 },
    layer: [
      {
        data: { values: [{ url: pngDataUrl(image), ...frame }] },
        mark: {
          type: 'image',
          smooth: false,
          opacity: 0.5,
          aspect: false,
          width: SIDE,
          height: SIDE,
          align: 'left',
          baseline: 'top',
        },
        encoding: { x: { ...x, field: 'left' }, y: { ...y, field: 'top' }, url: { field: 'url', type: 'nominal' } },
      },
      {
        data: { values: taps },
        mark: { type: 'point', filled: true, opacity: 1, stroke: 'white', strokeWidth: 0.8 },
        encoding: { x, y, color, size, shape: { ...shape, datum: MARKS.sample } },
      },
      {
        data: { values: centres },
        mark: { type: 'point', filled: true, opacity: 1, size: 140, stroke: 'black', strokeWidth: 1 },
        encoding: { x, y, color, shape: { ...shape, datum: MARKS.position } },
      },
    ],
  };
}
