/** Plots of the analyses: marks are at the reported positions. */
import sharp from 'sharp';
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import { comparePlot, costPlot, effectiveReceptiveFieldPlot, receptiveFieldPlot } from '../../src/plots/index.js';
import { samplingPlot } from '../../src/plots/sampling_plot.js';

beforeAll(() => tf.setBackend('wasm'));

const BLUE = '#0072b2';
const VERMILLION = '#d55e00';
const GREEN = '#009e73';

/** A box, from its path. */
interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Rectangles that have one colour as their fill or stroke, in the order in which they are drawn. */
function boxes(svg: string, colour: string, of: 'fill' | 'stroke' = 'fill'): Box[] {
  const pattern = new RegExp(`<path[^>]*d="M([\\d.-]+),([\\d.-]+)h([\\d.-]+)v([\\d.-]+)h[^>]*${of}="${colour}"`, 'g');
  return [...svg.matchAll(pattern)].map((match) => {
    const [x, y, width, height] = match.slice(1, 5).map(Number) as [number, number, number, number];
    return { x, y, width, height };
  });
}

/** Asserts that a decoder can read the plot. */
async function expectReadable(svg: string): Promise<void> {
  expect(svg).toMatch(/^<svg .*<\/svg>$/s);
  await expect(sharp(Buffer.from(svg)).png().toBuffer()).resolves.toBeDefined();
}

function network(): tf.Sequential {
  return tf.sequential({
    layers: [
      conv.layers.conv2d({ name: 'stem', filters: 4, kernelSize: 3, strides: 2, inputShape: [21, 21, 1] }),
      conv.layers.deformableConv2d({ name: 'look', filters: 8, kernelSize: 3 }),
      tf.layers.reLU({ name: 'relu' }),
      tf.layers.globalAveragePooling2d({ name: 'pool' }),
    ],
  });
}

test('costPlot() has a bar for each kind of work, as long as the counts', async () => {
  const report = conv.cost(network());
  const svg = await costPlot(report);
  await expectReadable(svg);
  expect(svg).toContain('>22,032 multiply-adds, 62,208 more that predict offsets');
  expect(svg).not.toContain('>relu<');
  const [stem, look] = report.layers as [conv.LayerCost, conv.LayerCost];
  const [offset] = boxes(svg, VERMILLION) as [Box];
  // What follows is the legend.
  const main = boxes(svg, BLUE).slice(0, 2);
  const scale = offset.width / look.offsetMacs;
  expect(main.map(({ width }) => Math.round(width / scale))).toEqual([stem.macs, look.macs]);
  expect(main[1]!.y).toBeCloseTo(offset.y, 3);
  expect(main[1]!.y - main[0]!.y).toBeCloseTo(15, 3);
  expect(boxes(svg, GREEN).map(({ width }) => width > 0)).toEqual([true, true]);
});

test('costPlot() draws a layer that is used twice in two rows, and rejects a model that costs nothing', async () => {
  const input = tf.input({ shape: [4, 4, 3] });
  const shared = conv.layers.pointwiseConv2d({ name: 'shared', filters: 3 });
  const output = shared.apply(shared.apply(input)) as tf.SymbolicTensor;
  const svg = await costPlot(conv.cost(tf.model({ inputs: input, outputs: output })));
  expect([...svg.matchAll(/>shared</g)].length).toBe(2);
  const free = tf.sequential({ layers: [tf.layers.reLU({ inputShape: [2, 2, 1] })] });
  await expect(costPlot(conv.cost(free))).rejects.toThrow('a layer must have multiply-adds or parameters');
});

test('receptiveFieldPlot() draws fields around their centre, those of deformable layers in another colour', async () => {
  const svg = await receptiveFieldPlot(conv.receptiveField(network()));
  await expectReadable(svg);
  expect(svg).toContain('>Receptive fields grow to 7×7 pixels<');
  expect(svg).toContain('>the last layers see the whole image besides<');
  expect(svg).toContain('>3, stride 2<');
  const [[fixed], [moved]] = [boxes(svg, BLUE), boxes(svg, VERMILLION)] as [[Box], [Box]];
  expect(fixed.width / moved.width).toBeCloseTo(3 / 7, 5);
  expect(fixed.x + fixed.width / 2).toBeCloseTo(moved.x + moved.width / 2, 5);
  const tall = tf.sequential({
    layers: [conv.layers.conv2d({ filters: 1, kernelSize: [5, 3], inputShape: [9, 8, 1] })],
  });
  const both = await receptiveFieldPlot(conv.receptiveField(tall));
  expect(both).toContain('pixels from the middle, height');
  expect(boxes(both, BLUE).length).toBe(2);
});

test('effectiveReceptiveFieldPlot() frames the theoretical field and the extent', async () => {
  const ones = { filters: 1, kernelSize: 3, kernelInitializer: 'ones' } as const;
  const model = tf.sequential({
    layers: [
      conv.layers.conv2d({ ...ones, name: 'conv_1', inputShape: [15, 30, 1] }),
      conv.layers.conv2d({ ...ones, name: 'conv_2' }),
    ],
  });
  const x = tf.ones([1, 15, 30, 1]);
  const middle = await conv.effectiveReceptiveField(model, x, { position: [4, 20] });
  const early = await conv.effectiveReceptiveField(model, x, { layer: 'conv_1', position: [0, 0] });
  const svg = await effectiveReceptiveFieldPlot([middle, early]);
  await expectReadable(svg);
  expect(svg).toContain('>conv_2 at [4, 20]<');
  expect([...svg.matchAll(/xlink:href="data:image\/png;base64,/g)].length).toBe(2);
  // 300 units for thirty pixels.
  const [first, second] = boxes(svg, VERMILLION, 'stroke') as [Box, Box];
  expect(first).toEqual({ x: 200, y: 40, width: 50, height: 50 });
  expect(second).toEqual({ x: 0, y: 0, width: 30, height: 30 });
  const [extent] = boxes(svg, GREEN, 'stroke') as [Box];
  expect(extent).toEqual(first);
  await expect(effectiveReceptiveFieldPlot([])).rejects.toThrow('at least one field');
  await expect(effectiveReceptiveFieldPlot([middle], ['a', 'b'])).rejects.toThrow('one title for each of the 1 fields');
});

test('comparePlot() has a row for each model', async () => {
  const plain = conv.layers.conv2d({ filters: 2, kernelSize: 3, inputShape: [9, 9, 1] });
  const models = { small: tf.sequential({ layers: [plain] }), large: network() };
  const report = await conv.compare(models, { runs: 2, warmUp: 0 });
  const svg = await comparePlot(report);
  await expectReadable(svg);
  for (const name of ['small', 'large']) expect(svg).toContain(`>${name}<`);
  expect(svg).toContain('latency: median of 2 runs on wasm, batch 1 × 9×9×1');
  const [small, large] = report.models as [conv.ComparedModel, conv.ComparedModel];
  const macs = boxes(svg, BLUE).map(({ width }) => width);
  expect(macs[1]! / macs[0]!).toBeCloseTo((large.macs + large.offsetMacs) / small.macs, 3);
});

test('samplingPlot() mentions traced samples and draws smaller dots', async () => {
  const args = { filters: 1, kernelSize: 3, padding: 'same', modulated: false } as const;
  const model = tf.sequential({
    layers: ['lower', 'upper'].map((name) => conv.layers.deformableConv2d({ ...args, name, inputShape: [12, 12, 1] })),
  });
  const image = { values: new Uint8Array(144), height: 12, width: 12, channels: 1, title: 'nothing' } as const;
  const draw = async (trace: number): Promise<string> =>
    samplingPlot(await conv.samplingLocations(model, tf.ones([12, 12, 1]), { positions: [[6, 6]], trace }), [image]);
  const [direct, traced] = [await draw(1), await draw(2)];
  expect(direct).toContain('>one colour: the 3×3 samples that one output position of the layer reads<');
  expect(traced).toContain('>one colour: the 81 samples that one output position of the layer reads, through lower<');
  const dots = (svg: string): number => [...svg.matchAll(/aria-roledescription="point"/g)].length;
  expect(dots(traced) - dots(direct)).toBe(72);
});
