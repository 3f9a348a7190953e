/** One image of a sampling plot with the samples of its positions, as a Vega-Lite view. */
import type { SamplingPosition } from '../analysis/sampling_locations.js';
import { convexHull } from './convex_hull.js';

/** Style shared by all panels of a plot. */
export interface PanelStyle {
  /** Longer side of the image in the plot. */
  readonly side: number;
  /** Border shown around the image, as a fraction of its longer side, since samples may lie outside. */
  readonly margin: number;
  /** One colour for each position. */
  readonly colours: readonly string[];
  /** Largest weight of all samples in the plot. */
  readonly heaviest: number;
  /** Whether to fill the convex hull of each position's samples. */
  readonly hull: boolean;
  /** Whether to show legends for colours, marks and sizes. */
  readonly legends: boolean;
  /** Whether to draw a frame. */
  readonly framed: boolean;
  /** Opacity of the image under the samples. */
  readonly opacity: number;
  /** Area of the dot with the largest weight and of a position's cross; in square pixels. */
  readonly dot: number;
  readonly cross: number;
}

/** Text around a panel. */
export interface PanelText {
  readonly above?: string | undefined;
  readonly below?: string | undefined;
}

/** Total area of a position's dots if there are many, in square pixels. */
const MANY_AREA = 4000;
/** Number of samples of a position above which dots overlap so much that their outlines get thin. */
const MANY_SAMPLES = 200;
/** An axis with nothing but its title. */
const BARE_AXIS = {
  labels: false,
  ticks: false,
  domain: false,
  grid: false,
  titleFontSize: 13,
  titlePadding: 2,
} as const;
const MARKS = { sample: 'sample', position: 'the position itself' } as const;

/**
 * Creates the view of one image.
 *
 * @param url address of the image under the samples
 * @param imageSize [height, width] of the images that the model was run on
 * @param positions the positions, with their samples
 * @param text text above and below the image
 * @param style see {@link PanelStyle}
 */
export function samplingPanel(
  url: string,
  [height, width]: readonly [number, number],
  positions: readonly SamplingPosition[],
  { above, below }: PanelText,
  style: PanelStyle,
): object {
  const side = Math.max(height, width);
  // Pixel centres are integers, so the image extends half a pixel further.
  const frame = { left: -0.5, right: width - 0.5, top: -0.5, bottom: height - 0.5 };
  const margin = style.margin * side;
  const axis = { type: 'quantitative', axis: null } as const;
  const named = below === undefined ? axis : { ...axis, axis: { ...BARE_AXIS, title: below } };
  const x = { field: 'x', ...named, scale: { domain: [frame.left - margin, frame.right + margin], nice: false } };
  const y = { field: 'y', ...axis, scale: { domain: [frame.bottom + margin, frame.top - margin], nice: false } };
  return {
    width: style.side * (width / side + 2 * style.margin),
    height: style.side * (height / side + 2 * style.margin),
    ...(above !== undefined && {
      title: { text: above, fontSize: 13, fontWeight: 'normal', anchor: 'middle', offset: 4 },
    }),
    ...(style.framed && { view: { stroke: '#d0d0d0' } }),
    layer: [
      {
        data: { values: [{ url, ...frame }] },
        mark: {
          type: 'image',
          smooth: false,
          opacity: style.opacity,
          aspect: false,
          width: (style.side * width) / side,
          height: (style.side * height) / side,
          align: 'left',
          baseline: 'top',
        },
        encoding: {
          x: { ...x, field: 'left' },
          y: { ...y, field: 'top' },
          url: { field: 'url', type: 'nominal' },
        },
      },
      ...(style.hull ? positions.map(({ taps }, index) => hullOf(taps, style.colours[index]!, { x, y })) : []),
      ...marksOf(positions, style, { x, y }),
    ],
  };
}

/** The two axes of a panel, as encodings. */
interface AxesOfPanel {
  readonly x: object;
  readonly y: object;
}

/** Filled hull of the samples with nonzero weight. */
function hullOf(taps: SamplingPosition['taps'], color: string, { x, y }: AxesOfPanel): object {
  const corners = convexHull(taps.filter(({ weight }) => weight !== 0));
  const values = [...corners, ...corners.slice(0, 1)].map((corner, order) => ({ ...corner, order }));
  return {
    data: { values },
    mark: { type: 'line', clip: true, fill: color, fillOpacity: 0.22, stroke: color, strokeWidth: 1.5 },
    encoding: { x, y, order: { field: 'order', type: 'quantitative' } },
  };
}

/** Dots of the samples and crosses of the positions. */
function marksOf(positions: readonly SamplingPosition[], style: PanelStyle, { x, y }: AxesOfPanel): object[] {
  // Large dots of traced samples would hide each other.
  const most = Math.max(1, ...positions.map(({ taps }) => taps.length));
  const names = positions.map((_, index) => `position ${index + 1}`);
  const legend = (options: object): object | null => (style.legends ? options : null);
  const color = {
    field: 'name',
    type: 'nominal',
    scale: { domain: names, range: style.colours.slice(0, names.length) },
    legend: legend({ title: 'output position', symbolType: 'circle', symbolSize: 90 }),
  };
  const grey = { symbolFillColor: '#777', symbolStrokeColor: '#777' };
  const shape = {
    type: 'nominal',
    scale: { domain: Object.values(MARKS), range: ['circle', 'cross'] },
    legend: legend({ title: 'marks', labelLimit: 300, symbolSize: 90, ...grey }),
  };
  const size = {
    field: 'weight',
    type: 'quantitative',
    scale: { domain: [0, style.heaviest], range: [0, Math.min(style.dot, Math.max(12, MANY_AREA / most))] },
    legend: legend({ title: 'weight of a sample', ...grey, tickCount: 4 }),
  };
  const taps = positions.flatMap(({ taps: list }, index) =>
    // A sample of weight 0 has no dot; one of negative weight (version 4) has a dot of its absolute weight.
    list
      .filter(({ weight }) => weight !== 0)
      .map((tap) => ({ ...tap, weight: Math.abs(tap.weight), name: names[index] })),
  );
  const centres = positions.map(({ center }, index) => ({ ...center, name: names[index] }));
  return [
    {
      data: { values: taps },
      mark: {
        type: 'point',
        clip: true,
        filled: true,
        opacity: 1,
        stroke: 'white',
        strokeWidth: most > MANY_SAMPLES ? 0.2 : 0.8,
      },
      encoding: { x, y, color, size, shape: { ...shape, datum: MARKS.sample } },
    },
    {
      data: { values: centres },
      mark: { type: 'point', filled: true, opacity: 1, size: style.cross, stroke: 'black', strokeWidth: 1 },
      encoding: { x, y, color, shape: { ...shape, datum: MARKS.position } },
    },
  ];
}
