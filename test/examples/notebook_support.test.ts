/** What notebooks and the programs beside them share: pictures, tasks, freezing. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import { binsPicture } from '../../examples/support/bins_picture.js';
import { connectionsPicture } from '../../examples/support/connections_picture.js';
import { filterEach, repeat } from '../../examples/support/filters.js';
import { learnOnly } from '../../examples/support/learn_only.js';
import { drawBoxed, missing } from '../../examples/support/missed_boxes.js';
import { coloursOf, GROUND, shareOfInk } from '../../examples/support/named_pixels.js';

beforeAll(() => tf.setBackend('cpu'));

/** The cells of a picture: their places, colours and shades. */
function cellsOf(svg: string): { x: number; y: number; fill: string; shade: number }[] {
  const pattern = /<rect x="([\d.]+)" y="([\d.]+)" width="\d+" height="\d+" fill="(#\w+)" fill-opacity="([\d.]+)"/g;
  return [...svg.matchAll(pattern)].map(([, x, y, fill, shade]) => {
    return { x: Number(x), y: Number(y), fill: fill!, shade: Number(shade) };
  });
}

const ONES = { filters: 1, kernelSize: 3, kernelInitializer: 'ones' } as const;

describe('connectionsPicture()', () => {
  it('shades what one output reads, and marks that output', () => {
    const layer = conv.layers.conv2d({ ...ONES, dilationRate: 2 });
    const cells = cellsOf(connectionsPicture(layer, [5, 6, 2], { output: [0, 1, 0] }, 'read'));
    expect(cells).toHaveLength(5 * 6 * 2 + 2);
    const shaded = cells.filter(({ shade }) => shade > 0);
    const marked = shaded.filter(({ fill }) => fill !== shaded[0]!.fill);
    expect([shaded.length, marked.length]).toEqual([18 + 1, 1]);
    const side = cells[2]!.x - cells[0]!.x;
    const columns = new Set(shaded.slice(0, 18).map(({ x }) => Math.round((x - cells[0]!.x) / side)));
    expect([...columns].slice(0, 2)).not.toContain(0);
    expect(new Set(shaded.slice(0, 18).map(({ shade }) => shade))).toEqual(new Set([1]));
  });

  it('shades where one input goes, by how much of it, whatever the bias', () => {
    const resize = (x: tf.Tensor4D): tf.Tensor => tf.add(conv.resizeBilinear(x, [4, 4]), 3);
    const cells = cellsOf(connectionsPicture(resize, [2, 2, 1], { input: [0, 0, 0] }, 'reached'));
    const shades = cells.slice(4).map(({ shade }) => shade);
    expect(shades.slice(0, 4)).toEqual([1, 0.75, 0.25, 0]);
    expect(shades.slice(12)).toEqual([0, 0, 0, 0]);
  });
});

test('binsPicture() moves bins by γ · size of the box · offset', async () => {
  const data = drawBoxed(1, 1);
  const { y1, x1, y2, x2 } = data.boxes[0]!;
  const offsets = tf.tensor4d([2, 0, 0, 0, 0, 0, 0, -1], [1, 2, 2, 2]);
  const picture = await binsPicture(data, offsets);
  const places = [...picture.matchAll(/<rect x="([-\d.]+)" y="([-\d.]+)"/g)].map(
    ([, x, y]) => [Number(y), Number(x)] as const,
  );
  const [height, width] = [y2 - y1, x2 - x1];
  expect(places[0]![0]).toBeCloseTo(y1 + 0.2 * height);
  expect(places[1]).toEqual([y1, x1 + width / 2]);
  expect(places[3]![1]).toBeCloseTo(x1 + width / 2 - 0.1 * width);
  expect(places[4]).toEqual([y1, x1]);
});

test('missing() moves boxes by less than the part, and leaves their sizes', () => {
  const right = drawBoxed(40, 2);
  const moves = missing(right, 0.3, 1).boxes.map(({ y1, x1, y2, x2 }, index) => {
    const box = right.boxes[index]!;
    expect([y2 - y1, x2 - x1]).toEqual([expect.closeTo(box.y2 - box.y1), expect.closeTo(box.x2 - box.x1)]);
    return (y1 - box.y1) / (box.y2 - box.y1);
  });
  expect(Math.max(...moves.map(Math.abs))).toBeLessThanOrEqual(0.3);
  expect([Math.max(...moves) > 0.2, Math.min(...moves) < -0.2]).toEqual([true, true]);
});

test('learnOnly() freezes all other weights, also after another call', () => {
  const layer = conv.layers.deformableConv2d({ filters: 2, kernelSize: 3, modulated: false, inputShape: [5, 5, 1] });
  const model = tf.sequential({ layers: [layer, conv.layers.batchNormalization({})] });
  expect(learnOnly(model, /\/offset_/)).toBe(9 * 18 + 18);
  expect(learnOnly(model, /\/(gamma|beta)$/)).toBe(4);
  expect(model.trainableWeights.map(({ originalName }) => originalName.split('/')[1])).toEqual(['gamma', 'beta']);
});

test('repeat() makes every pixel a square', () => {
  const large = filterEach(Float32Array.of(1, 2, 3, 4), 2, repeat(2));
  expect([...large]).toEqual([1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4]);
});

test('shareOfInk() leaves out the ground, and every name has a colour', () => {
  const names = Int32Array.of(GROUND, 3, 3, 7, GROUND, 7);
  expect(shareOfInk(Int32Array.of(1, 3, GROUND, 7, GROUND, 7), { images: new Float32Array(6), names })).toBe(0.75);
  const colours = coloursOf(Int32Array.from({ length: GROUND + 1 }, (_, name) => name));
  expect(
    new Set(Array.from({ length: GROUND + 1 }, (_, name) => colours.slice(3 * name, 3 * name + 3).join())).size,
  ).toBe(GROUND + 1);
});
