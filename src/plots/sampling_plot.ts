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
/** What is shown around an image, as a share of its longer side: samples may lie outside. */
const MARGIN = 0.12;
/** Of all dots of a position together, where they are many; in square pixels. */
const MANY_AREA = 4000;
const MARKS = { sample: 'sample', position: 'the position itself' } as const;

/**
 * Draws sampling locations over the images that the model was run on.
 *
 * @param locations what `samplingLocations` found, at most five positions per image
 * @param images the same images in the same order
 * @returns SVG text
 * @throws RangeError if images or positions do not fit; MissingPackageError if `vega`, `vega-lite` or
 * `vega-interpreter` is not installed
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
 * ```
 */
export async function samplingPlot(locations: SamplingLocations, images: readonly PlotImage[]): Promise<string> {
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
  const heaviest = locations.images
    .flat()
    .flatMap(({ taps }) => taps)
    .reduce((most, { weight }) => Math.max(most, Math.abs(weight)), 0);
  return draw({
    title: {
      text: `Where '${layer}' looks`,
      subtitle: `one colour: the ${samplesOf(locations)} that one output position of the layer reads${through.length > 1 ? `, through ${through.slice(1).join(', ')}` : ''}`,
    },
    columns: COLUMNS,
    spacing: 18,
    concat: images.map((image, index) => panel(image, locations, locations.images[index]!, heaviest)),
    config: THEME,
  });
}

/** What the samples of a position are called. */
function samplesOf({ kernelSize, through, offsetGroups, images }: SamplingLocations): string {
  const count = images.flat()[0]?.taps.length ?? 0;
  const isGrid = through.length === 1 && offsetGroups === 1 && count === kernelSize[0] * kernelSize[1];
  return isGrid ? `${kernelSize.join('×')} samples` : `${count} samples`;
}

function panel(
  image: PlotImage,
  locations: SamplingLocations,
  positions: readonly SamplingPosition[],
  heaviest: number,
): object {
  const { title, ...pixels } = image;
  const [height, width] = locations.imageSize;
  const side = Math.max(height, width);
  // Pixel centres are whole numbers, so the image reaches half a pixel further.
  const frame = { left: -0.5, right: width - 0.5, top: -0.5, bottom: height - 0.5 };
  const margin = MARGIN * side;
  const axis = { type: 'quantitative', axis: null } as const;
  const x = { field: 'x', ...axis, scale: { domain: [frame.left - margin, frame.right + margin], nice: false } };
  const y = { field: 'y', ...axis, scale: { domain: [frame.bottom + margin, frame.top - margin], nice: false } };
  // Large dots of traced samples would hide each other.
  const most = Math.max(1, ...positions.map(({ taps }) => taps.length));
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
    scale: { domain: [0, heaviest], range: [0, Math.min(120, Math.max(12, MANY_AREA / most))] },
    legend: { title: 'weight of a sample', symbolFillColor: '#777', symbolStrokeColor: '#777', tickCount: 4 },
  };
  const taps = positions.flatMap(({ taps: list }, index) =>
    // A sample that counts nothing has no dot; one that counts against (version 4) has that of its size.
    list
      .filter(({ weight }) => weight !== 0)
      .map((tap) => ({ ...tap, weight: Math.abs(tap.weight), name: names[index] })),
  );
  const centres = positions.map(({ center }, index) => ({ ...center, name: names[index] }));
  return {
    width: SIDE * (width / side + 2 * MARGIN),
    height: SIDE * (height / side + 2 * MARGIN),
    title: { text: title, fontSize: 13, fontWeight: 'normal', anchor: 'middle', offset: 4 },
    layer: [
      {
        data: { values: [{ url: pngDataUrl(pixels), ...frame }] },
        mark: {
          type: 'image',
          smooth: false,
          opacity: 0.5,
          aspect: false,
          width: (SIDE * width) / side,
          height: (SIDE * height) / side,
          align: 'left',
          baseline: 'top',
        },
        encoding: { x: { ...x, field: 'left' }, y: { ...y, field: 'top' }, url: { field: 'url', type: 'nominal' } },
      },
      {
        data: { values: taps },
        mark: {
          type: 'point',
          clip: true,
          filled: true,
          opacity: 1,
          stroke: 'white',
          strokeWidth: most > 200 ? 0.2 : 0.8,
        },
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
