/** Plots: they are drawn, and marks are at the positions of the data. */
import sharp from 'sharp';
import { pngDataUrl } from '../../src/plots/png.js';
import { samplingPlot, type PlotImage } from '../../src/plots/sampling_plot.js';
import { trainingCurves } from '../../src/plots/training_curves.js';
import { vegaLitePlot } from '../../src/plots/vega_lite_plot.js';
import type { SamplingLocations } from '../../src/analysis/sampling_locations.js';

const HISTORY = [
  { epoch: 1, loss: 2, accuracy: 0.25, testLoss: 1.5, testAccuracy: 0.5 },
  { epoch: 2, loss: 1, accuracy: 0.75, testLoss: 0.5, testAccuracy: 0.875 },
];

const IMAGE: PlotImage = { values: new Uint8Array(100), height: 10, width: 10, channels: 1, title: 'seven' };
const LOCATIONS: SamplingLocations = {
  layer: 'look',
  through: ['look'],
  imageSize: [10, 10],
  outputSize: [5, 5],
  kernelSize: [1, 2],
  tapSpacing: [0, 3],
  offsetGroups: 1,
  images: [
    [
      {
        position: [1, 1],
        center: { y: 2, x: 2 },
        taps: [
          { y: 2, x: 7, weight: 0.5 },
          { y: 4, x: 2, weight: 1 },
        ],
        spread: 2.5,
      },
    ],
  ],
};

/** Centres of the marks of one colour, in the order in which they are drawn. */
function marks(svg: string, colour: string): { x: number; y: number }[] {
  const pattern = new RegExp(`<path[^>]*transform="translate\\(([\\d.-]+),([\\d.-]+)\\)"[^>]*fill="${colour}"`, 'g');
  return [...svg.matchAll(pattern)].map((match) => ({ x: Number(match[1]), y: Number(match[2]) }));
}

/** Polygons that are filled, in the order in which they are drawn, with their corners on the page. */
function hulls(svg: string): { colour: string; corners: { x: number; y: number }[] }[] {
  const pattern =
    /<path aria-label="[^"]*" role="graphics-symbol" aria-roledescription="line mark" d="([^"]*)" fill="(#\w+)"/g;
  return [...svg.matchAll(pattern)].map(([, path, colour]) => ({
    colour: colour!,
    corners: [...path!.matchAll(/([\d.-]+),([\d.-]+)/g)].map(([, x, y]) => ({ x: Number(x), y: Number(y) })),
  }));
}

describe('pngDataUrl()', () => {
  test.each([1, 3] as const)('writes %d channels that a decoder reads back, rounded and limited', async (channels) => {
    const [height, width] = [150, 160];
    const exact = Uint8Array.from({ length: height * width * channels }, (_, index) => (index * 31) % 256);
    const off = (value: number): number => (value === 0 ? -7 : value === 255 ? 300 : value + ((value % 9) - 4) / 10);
    const url = await pngDataUrl({ values: Array.from(exact, off), height, width, channels });
    expect(url).toMatch(/^data:image\/png;base64,/);
    const { data, info } = await sharp(Buffer.from(url.slice(url.indexOf(',') + 1), 'base64'))
      .toColourspace(channels === 1 ? 'b-w' : 'srgb')
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect([info.height, info.width, info.channels]).toEqual([height, width, channels]);
    expect(data.equals(exact)).toBe(true);
  });
});

describe('trainingCurves()', () => {
  test('draws four points for each of two epochs, with titles and a legend', async () => {
    const svg = await trainingCurves(HISTORY);
    expect(svg).toMatch(/^<svg .*<\/svg>$/s);
    for (const text of [
      'Test accuracy 87.50 % after 2 epochs',
      'Accuracy',
      'training images',
      'test images',
      'epoch',
    ]) {
      expect(svg).toContain(`>${text}<`);
    }
    // Two panels of two epochs, and one mark in the legend.
    expect(marks(svg, '#0072b2').length).toBe(5);
    expect(marks(svg, '#d55e00').length).toBe(5);
    await expect(sharp(Buffer.from(svg)).png().toBuffer()).resolves.toBeDefined();
  });

  test('draws a single epoch', async () => {
    expect(marks(await trainingCurves(HISTORY.slice(0, 1)), '#0072b2').length).toBe(3);
  });

  test('rejects an empty history', async () => {
    await expect(trainingCurves([])).rejects.toThrow('there must be at least one epoch');
  });

  test('draws the steps of a run that has no epoch yet, stacked and on a dark ground', async () => {
    const steps = [
      { epoch: 0.25, loss: 2, accuracy: 0.2 },
      { epoch: 0.5, loss: 1, accuracy: 0.5 },
    ];
    const svg = await trainingCurves([], { steps, stacked: true, theme: 'dark' });
    expect(svg).toContain('The first epoch');
    expect(svg).toContain('fill="#10161c"');
    const sizeOf = (text: string): number[] =>
      [...text.matchAll(/^<svg[^>]*? width="(\d+)" height="(\d+)"/g)][0]!.slice(1).map(Number);
    const [width, height] = sizeOf(svg);
    expect(width).toBeLessThan(360);
    expect(height).toBeGreaterThan(width!);
    const [wide, low] = sizeOf(await trainingCurves(HISTORY));
    expect(wide).toBeGreaterThan(low!);
  });
});

describe('samplingPlot()', () => {
  test('draws samples at their locations, larger for larger weights', async () => {
    const svg = await samplingPlot(LOCATIONS, [IMAGE]);
    expect(svg).toContain('>seven<');
    expect(svg).toContain('data:image/png;base64,');
    const [light, heavy, centre] = marks(svg, '#d55e00');
    // 250 units for ten pixels, whose centres are whole numbers.
    expect(light!.x - centre!.x).toBeCloseTo(5 * 25, 3);
    expect(light!.y - centre!.y).toBeCloseTo(0, 3);
    expect(heavy!.x - centre!.x).toBeCloseTo(0, 3);
    expect(heavy!.y - centre!.y).toBeCloseTo(2 * 25, 3);
    // The image has a margin of 12 % of its side.
    expect(centre!.x).toBeCloseTo((2.5 + 0.12 * 10) * 25, 3);
  });

  test('fills the convex hull of the samples of each position with nonzero weight', async () => {
    const position = LOCATIONS.images[0]![0]!;
    const corners = [
      { y: 1, x: 1 },
      { y: 1, x: 5 },
      { y: 6, x: 3 },
    ].map((corner) => ({ ...corner, weight: 1 }));
    const taps = [...corners, { y: 2, x: 3, weight: 0.5 }, { y: 9, x: 9, weight: 0 }];
    const other = { ...position, taps: taps.map(({ y, x, weight }) => ({ y: y + 2, x: x + 1, weight })) };
    const locations = { ...LOCATIONS, images: [[{ ...position, taps }, other]] };
    expect(hulls(await samplingPlot(locations, [IMAGE]))).toEqual([]);
    const svg = await samplingPlot(locations, [IMAGE], { hull: true });
    // From the first corner around to it again, relative to the cross of the first position at (2, 2).
    const [first, second] = hulls(svg);
    // Behind the four samples with nonzero weight.
    const centre = marks(svg, '#d55e00')[4];
    const shape = (corner: { x: number; y: number }): string =>
      `${((corner.x - centre!.x) / 25 + 2).toFixed(2)}, ${((corner.y - centre!.y) / 25 + 2).toFixed(2)}`;
    expect(first).toMatchObject({ colour: '#d55e00' });
    expect(first!.corners.map(shape).sort()).toEqual(['1.00, 1.00', '1.00, 1.00', '3.00, 6.00', '5.00, 1.00']);
    expect(second).toMatchObject({ colour: '#0072b2' });
    expect(second!.corners.map(shape).sort()).toEqual(['2.00, 3.00', '2.00, 3.00', '4.00, 8.00', '6.00, 3.00']);
  });

  test('draws the grid of a plain convolution above, and gives the spread of each', async () => {
    const svg = await samplingPlot(LOCATIONS, [IMAGE], { plainGrid: true });
    expect(svg).toContain('>Plain: the 1×2 grid of one position<');
    expect(svg).toContain(">'look': the 1×2 samples of one position<");
    // Two taps 3 pixels apart, around the position; 160 units for ten pixels.
    const [left, right, centre] = marks(svg, '#0072b2');
    expect(left!.x - centre!.x).toBeCloseTo(-1.5 * 16, 3);
    expect(right!.x - centre!.x).toBeCloseTo(1.5 * 16, 3);
    expect([left!.y, right!.y]).toEqual([centre!.y, centre!.y]);
    expect(svg).toContain('>spread 1.5 px<');
    expect(svg).toContain('>spread 2.5 px<');
    expect(marks(svg, '#d55e00')).toHaveLength(3);
  });

  test('uses one colour per position when comparing several, in rows of three images', async () => {
    const pair = [LOCATIONS.images[0]![0]!, LOCATIONS.images[0]![0]!];
    const four = { ...LOCATIONS, images: [pair, pair, pair, pair] };
    const svg = await samplingPlot(four, [IMAGE, IMAGE, IMAGE, IMAGE], { plainGrid: true });
    // For each image two samples and a cross, twice.
    for (const colour of ['#d55e00', '#0072b2']) expect(marks(svg, colour)).toHaveLength(4 * 3 * 2);
    expect(svg).not.toContain('spread');
    expect([...svg.matchAll(/>Plain: the 1×2 grid of each position</g)]).toHaveLength(2);
  });

  test('rejects other images than those of the locations, and more positions than colours', async () => {
    await expect(samplingPlot(LOCATIONS, [])).rejects.toThrow(
      'there must be one image for each of the 1, received images = 0',
    );
    const crowded = { ...LOCATIONS, images: [new Array(6).fill(LOCATIONS.images[0]![0]!)] } as SamplingLocations;
    await expect(samplingPlot(crowded, [IMAGE])).rejects.toThrow(
      'at most 5 positions per image, received positions = 6',
    );
  });
});

describe('vegaLitePlot()', () => {
  const spec = { data: { values: [{ x: 1 }, { x: 3 }] }, mark: 'bar', encoding: { x: { field: 'x' } } };

  test('draws a custom chart in the style of the others unless it sets its own', async () => {
    const svg = await vegaLitePlot({ ...spec, title: 'two bars' });
    expect(svg).toContain('two bars');
    expect(svg.match(/aria-roledescription="bar"/g)).toHaveLength(2);
    // The title size of the common style, and a custom one.
    expect(svg).toContain('font-size="16px"');
    expect(await vegaLitePlot({ ...spec, title: 'two bars', config: { title: { fontSize: 9 } } })).toContain(
      'font-size="9px"',
    );
  });
});
