/** Pictures: they are drawn, and what they show is where the data says. */
import sharp from 'sharp';
import { encodePng } from '../../src/plots/png.js';
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
      },
    ],
  ],
};

/** Centres of the marks of one colour, in the order in which they are drawn. */
function marks(svg: string, colour: string): { x: number; y: number }[] {
  const pattern = new RegExp(`<path[^>]*transform="translate\\(([\\d.-]+),([\\d.-]+)\\)"[^>]*fill="${colour}"`, 'g');
  return [...svg.matchAll(pattern)].map((match) => ({ x: Number(match[1]), y: Number(match[2]) }));
}

describe('encodePng()', () => {
  test.each([1, 3] as const)('writes %d channels that a decoder reads back', async (channels) => {
    // More than one stored block of 65,535 bytes.
    const [height, width] = [150, 160];
    const values = Uint8Array.from({ length: height * width * channels }, (_, index) => (index * 31) % 256);
    const { data, info } = await sharp(encodePng({ values, height, width, channels }))
      .toColourspace(channels === 1 ? 'b-w' : 'srgb')
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect([info.height, info.width, info.channels]).toEqual([height, width, channels]);
    expect(data.equals(values)).toBe(true);
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

  test('refuses an empty history', async () => {
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
  test('puts samples where they are read, larger the more they count', async () => {
    const svg = await samplingPlot(LOCATIONS, [IMAGE]);
    expect(svg).toContain('>seven<');
    expect(svg).toContain('data:image/png;base64,');
    const [light, heavy, centre] = marks(svg, '#d55e00');
    // 250 units for ten pixels, whose centres are whole numbers.
    expect(light!.x - centre!.x).toBeCloseTo(5 * 25, 3);
    expect(light!.y - centre!.y).toBeCloseTo(0, 3);
    expect(heavy!.x - centre!.x).toBeCloseTo(0, 3);
    expect(heavy!.y - centre!.y).toBeCloseTo(2 * 25, 3);
    // The image stands in a margin of 12 % of its side.
    expect(centre!.x).toBeCloseTo((2.5 + 0.12 * 10) * 25, 3);
  });

  test('refuses other images than those of the locations, and more positions than colours', async () => {
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

  test('draws a chart of its own, in the look of the others unless it says otherwise', async () => {
    const svg = await vegaLitePlot({ ...spec, title: 'two bars' });
    expect(svg).toContain('two bars');
    expect(svg.match(/aria-roledescription="bar"/g)).toHaveLength(2);
    // The size of titles in the common look, and another.
    expect(svg).toContain('font-size="16px"');
    expect(await vegaLitePlot({ ...spec, title: 'two bars', config: { title: { fontSize: 9 } } })).toContain(
      'font-size="9px"',
    );
  });
});
