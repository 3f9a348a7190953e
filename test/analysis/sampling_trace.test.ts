/** samplingLocations() through several layers: in closed form, and against gradients. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import { weightName } from '../layers/support/layers.js';
import { Random } from '../support/random.js';
import { expectSameImage, footprintOf } from './support/report.js';

beforeAll(() => tf.setBackend('wasm'));

const ONES = { filters: 1, kernelInitializer: 'ones', useBias: false } as const;
type LayerArgs = Partial<conv.DeformableConv2DArgs>;

/** A deformable layer of a kernel of ones, 3×3 and unmodulated unless the arguments say otherwise. */
function deformable(args: LayerArgs): conv.DeformableConv2D {
  return conv.layers.deformableConv2d({
    ...ONES,
    kernelSize: 3,
    modulated: false,
    ...args,
  });
}

/** Sets one weight of a layer, by its own name, to a value for every element by its position. */
function setWeight(layer: tf.layers.Layer, name: string, value: (index: number) => number): void {
  tf.tidy(() => {
    layer.setWeights(
      layer.weights.map((weight) => {
        const old = weight.read();
        if (weightName(weight) !== name) return old;
        return tf.tensor(
          Array.from({ length: old.size }, (_, index) => value(index)),
          old.shape,
        );
      }),
    );
  });
}

/** Makes all offsets of a layer (dy, dx). */
function move(model: tf.LayersModel, name: string, dy: number, dx: number): void {
  setWeight(model.getLayer(name), 'offset_bias', (index) => (index % 2 === 0 ? dy : dx));
}

/** Two deformable layers of ones over 20×20 images whose offsets are inputs of the model. */
function givenOffsets(lower: LayerArgs, upper: LayerArgs): tf.LayersModel {
  const x = tf.input({ shape: [20, 20, 1] });
  const below = deformable({ name: 'lower', predictOffsets: false, ...lower });
  const above = deformable({ name: 'upper', predictOffsets: false, ...upper });
  const first = tf.input({ shape: offsetShape(below, [1, 20, 20, 1]) });
  const y = below.apply([x, first]) as tf.SymbolicTensor;
  const second = tf.input({ shape: offsetShape(above, y.shape) });
  return tf.model({ inputs: [x, first, second], outputs: above.apply([y, second]) as tf.SymbolicTensor });
}

function offsetShape(layer: conv.DeformableConv2D, input: tf.Shape): tf.Shape {
  const [, height, width] = layer.computeOutputShape(input);
  return [height!, width!, 2 * layer.kernelSize[0] * layer.kernelSize[1]];
}

/** The model's inputs: an image, and offsets of the given size. */
function inputsOf(model: tf.LayersModel, size: (input: number) => number, seed = 1): tf.Tensor[] {
  return model.inputs.map(({ shape }, input) => {
    const sizes = [1, ...shape.slice(1)] as number[];
    if (input === 0) return tf.ones(sizes);
    const { data } = new Random(seed + input).array(sizes, -size(input), size(input));
    return tf.tensor(Float32Array.from(data), sizes);
  });
}

function meanOf(taps: readonly conv.SamplingTap[]): { y: number; x: number; weight: number } {
  const weight = taps.reduce((sum, tap) => sum + tap.weight, 0);
  const mean = (of: (tap: conv.SamplingTap) => number): number =>
    taps.reduce((sum, tap) => sum + tap.weight * of(tap), 0) / weight;
  return { y: mean(({ y }) => y), x: mean(({ x }) => x), weight };
}

describe('samplingLocations() traced', () => {
  it('adds up constant offsets, each times the strides below it', async () => {
    const model = tf.sequential({
      layers: [
        conv.layers.conv2d({ ...ONES, kernelSize: 3, strides: 2, padding: 1, inputShape: [40, 48, 1] }),
        deformable({ name: 'lower', strides: [2, 1], padding: 1, dilationRate: [1, 2] }),
        conv.layers.conv2d({
          ...ONES,
          kernelSize: [2, 3],
          strides: [1, 2],
          padding: [
            [0, 1],
            [1, 1],
          ],
        }),
        tf.layers.averagePooling2d({ poolSize: 1 }),
        deformable({ name: 'upper', kernelSize: [1, 2] }),
      ],
    });
    move(model, 'lower', 0.25, -0.5);
    move(model, 'upper', -0.75, 0.4);
    const [row, column] = [3, 4];
    const { images, through } = await conv.samplingLocations(model, tf.ones([1, 40, 48, 1]), {
      positions: [[row, column]],
      trace: 2,
    });
    expect(through).toEqual(['upper', 'lower']);
    const { taps } = images[0]![0]!;
    expect(taps.length).toBe(2 * 9);
    taps.forEach((tap, index) => {
      const [b, a] = [Math.floor(index / 9), index % 9];
      // In the input of `upper`; the windows in between are [2, 3] with strides [1, 2] and begin at [0, −1].
      const v = { y: row - 0.75, x: column + b + 0.4 };
      const u = { y: v.y + 0.5, x: 2 * v.x - 1 + 1 };
      const below = { y: 2 * u.y - 1 + Math.floor(a / 3) + 0.25, x: u.x - 1 + 2 * (a % 3) - 0.5 };
      expect(tap.y).toBeCloseTo(2 * below.y, 4);
      expect(tap.x).toBeCloseTo(2 * below.x, 4);
      expect(tap.weight).toBe(1);
    });
  });

  it('lies in the centre of the receptive fields if a layer in between upsamples', async () => {
    const model = tf.sequential({
      layers: [
        conv.layers.conv2d({ ...ONES, kernelSize: 4, strides: 4, inputShape: [40, 40, 1] }),
        tf.layers.upSampling2d({ size: [4, 4] }),
        deformable({ name: 'last', kernelSize: 1 }),
      ],
    });
    move(model, 'last', 0, 0.5);
    const positions = [[12, 15], [13, 18], [15, 19]] as const; // prettier-ignore
    const { images } = await conv.samplingLocations(model, tf.ones([1, 40, 40, 1]), { positions });
    // Four enlarged positions show the same 4×4 pixels; half-way to the next four lies half-way to their middle.
    const locations = images[0]!.map(({ taps }) => [taps[0]!.y, taps[0]!.x]);
    expect(locations).toEqual([[13.5, 15.5], [13.5, 17.5], [13.5, 19.5]]); // prettier-ignore
  });

  it('multiplies masks, and traces three 3×3 layers to 729 locations as in the figure of the paper', async () => {
    const args = { modulated: true, padding: 'same' } as const;
    const model = tf.sequential({
      layers: [
        deformable({ ...args, name: 'a', inputShape: [24, 24, 1] }),
        deformable({ ...args, name: 'b' }),
        deformable({ ...args, name: 'c', maskActivation: 'doubleSigmoid' }),
      ],
    });
    setWeight(model.getLayer('b'), 'offset_bias', (index) => (index < 18 ? 0 : 1));
    const { images, through } = await conv.samplingLocations(model, tf.ones([24, 24, 1]), {
      positions: [[12, 12]],
      trace: 'all',
    });
    expect(through).toEqual(['c', 'b', 'a']);
    const { taps, center } = images[0]![0]!;
    expect(taps.length).toBe(729);
    for (const { weight } of taps) expect(weight).toBeCloseTo(0.5 / (1 + Math.exp(-1)), 6);
    // At zero offsets: three steps of −1, 0 or 1 on each axis.
    expect(meanOf(taps)).toMatchObject({ y: center.y, x: center.x });
    expect(Math.max(...taps.map(({ y }) => y))).toBe(15);
    expect(taps.filter(({ y, x }) => y === 15 && x === 9).length).toBe(1);
    expect(taps.filter(({ y, x }) => y === 12 && x === 12).length).toBe(7 * 7);
  });

  it('takes the branch through more deformable layers', async () => {
    const input = tf.input({ shape: [16, 16, 1] });
    const lower = deformable({ name: 'lower', padding: 'same' }).apply(input) as tf.SymbolicTensor;
    const sum = tf.layers.add().apply([input, lower]) as tf.SymbolicTensor;
    const upper = deformable({ name: 'upper', padding: 'same' }).apply(sum) as tf.SymbolicTensor;
    const model = tf.model({ inputs: input, outputs: upper });
    move(model, 'lower', 2, 0.5);
    const { images } = await conv.samplingLocations(model, tf.ones([1, 16, 16, 1]), {
      positions: [[8, 8]],
      trace: 'all',
    });
    expect(images[0]![0]!.taps.length).toBe(81);
    expect(meanOf(images[0]![0]!.taps)).toMatchObject({ y: 10, x: 8.5 });
  });

  it('rejects what it cannot trace', async () => {
    const model = tf.sequential({
      layers: [deformable({ name: 'only', padding: 'same', inputShape: [64, 64, 1] })],
    });
    const x = tf.ones([1, 64, 64, 1]);
    await expect(conv.samplingLocations(model, x, { trace: 2 })).rejects.toThrow(
      "trace must be at most 1, the number of deformable layers from 'only' to the image, received trace = 2",
    );
    await expect(conv.samplingLocations(model, x, { trace: 0 })).rejects.toThrow('an integer of at least 1');
    const deep = tf.sequential({
      layers: [1, 2, 3].map(() => deformable({ padding: 'same', inputShape: [96, 96, 1] })),
    });
    await expect(conv.samplingLocations(deep, tf.ones([1, 96, 96, 1]), { trace: 3 })).rejects.toThrow(
      'there must be at most 5000000 samples in all; choose fewer positions or trace fewer layers, received samples = 6718464',
    );
  });
});

describe('samplingLocations() against gradients', () => {
  it('finds exactly the pixels with nonzero gradient, and their weights, for integer samples of the upper layer', async () => {
    const model = givenOffsets({ padding: 1, dilationRate: 2 }, { strides: 2, kernelSize: [2, 3] });
    const [x, first, second] = inputsOf(model, (input) => (input === 1 ? 1.8 : 3));
    const whole = tf.round(second!);
    const options = { positions: [[4, 3]] as const, trace: 2 };
    const { images } = await conv.samplingLocations(model, [x!, first!, whole], options);
    const { map, influence } = await conv.effectiveReceptiveField(model, [x!, first!, whole], { position: [4, 3] });
    const footprint = footprintOf(images[0]![0]!.taps, 20, 20);
    expectSameImage(
      map.map((row) => row.map((share) => share * influence)),
      footprint,
    );
    expect(map.flat().map((share) => share > 1e-6)).toEqual(footprint.flat().map((value) => value > 1e-6));
    // At zero offsets the position sees neither rows above 5 nor columns before 3.
    expect(footprint.some((row, y) => row.some((value, column) => value > 1e-6 && (y < 5 || column < 3)))).toBe(true);
  });

  it.each([1, 2, 3])('has the centre of mass of the gradient between positions, seed %d', async (seed) => {
    const model = givenOffsets({ padding: 'same' }, { padding: 'same' });
    const inputs = inputsOf(model, () => 1.7, 10 * seed);
    const { images } = await conv.samplingLocations(model, inputs, { positions: [[9, 10]], trace: 2 });
    const { center, influence } = await conv.effectiveReceptiveField(model, inputs, { position: [9, 10] });
    const mean = meanOf(images[0]![0]!.taps);
    expect(mean.y).toBeCloseTo(center.y, 4);
    expect(mean.x).toBeCloseTo(center.x, 4);
    expect(mean.weight).toBeCloseTo(influence, 3);
  });

  it('gives no weight to samples outside the feature map of the layer below', async () => {
    // Without padding every tap of `lower` lies in the image, but those of `upper` reach beside the map of `lower`.
    const model = givenOffsets({}, { padding: 1 });
    const [x, first, second] = inputsOf(model, (input) => (input === 1 ? 0 : 1.6), 5);
    for (const position of [
      [0, 0],
      [0, 9],
      [17, 17],
      [8, 0],
    ] as const) {
      const inputs = [x!, first!, second!];
      const { images } = await conv.samplingLocations(model, inputs, { positions: [position], trace: 2 });
      const { center, influence } = await conv.effectiveReceptiveField(model, inputs, { position });
      const mean = meanOf(images[0]![0]!.taps);
      expect(mean.weight).toBeCloseTo(influence, 3);
      expect(mean.weight).toBeLessThan(80);
      expect(mean.y).toBeCloseTo(center.y, 4);
      expect(mean.x).toBeCloseTo(center.x, 4);
    }
  });
});

describe('samplingLocations() of the blocks of versions 3 and 4', () => {
  const blocks: Record<string, () => tf.layers.Layer> = {
    DeformableConv2DV3: () =>
      conv.layers.deformableConv2dV3({ groups: 2, offsetScale: 1.5, removeCenter: true, strides: 2 }),
    DeformableConv2DV4: () => conv.layers.deformableConv2dV4({ groups: 2, kernelSize: [3, 5], dilationRate: [2, 1] }),
    'DeformableConv2DV4 of channels first': () =>
      conv.layers.deformableConv2dV4({ groups: 2, offsetScale: 0.5, dataFormat: 'channelsFirst' }),
  };

  it.each(Object.entries(blocks))('finds exactly what %s reads', async (name, make) => {
    const [first, layer] = [name.endsWith('first'), make()];
    const model = tf.model(
      ((inputs) => ({ inputs, outputs: layer.apply(inputs) as tf.SymbolicTensor }))(
        tf.input({ shape: first ? [2, 17, 19] : [17, 19, 2] }),
      ),
    );
    // All channels count the same; offsets and weights do not depend on the image.
    for (const kernel of ['input_kernel', 'output_kernel']) setWeight(layer, kernel, () => 1);
    setWeight(layer, 'offset_bias', (index) => 2 * Math.sin(index));
    setWeight(layer, 'mask_bias', (index) => 0.6 + 0.5 * Math.cos(index));
    const x = tf.ones(first ? [1, 2, 17, 19] : [1, 17, 19, 2]);
    const position = name === 'DeformableConv2DV3' ? ([4, 5] as const) : ([8, 10] as const);
    const { images, imageSize, offsetGroups } = await conv.samplingLocations(model, x, { positions: [position] });
    expect([imageSize, offsetGroups]).toEqual([[17, 19], 2]);
    const { map, influence } = await conv.effectiveReceptiveField(model, x, { position });
    // Each of two input channels reaches both groups, and each group both output channels.
    expectSameImage(
      map.map((row) => row.map((share) => (share * influence) / 4)),
      footprintOf(images[0]![0]!.taps, 17, 19),
    );
    expect(images[0]![0]!.taps.length).toBe(2 * (name === 'DeformableConv2DV4' ? 15 : name.endsWith('first') ? 9 : 8));
  });
});
