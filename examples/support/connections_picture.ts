/**
 * Draws the cells of an image that an operator connects, as SVG: those that one output reads, or those that one input
 * reaches. They come from the operator itself, not from a rule: from the gradient of an output, or from its response to
 * a single 1.
 */
import * as tf from '@tensorflow/tfjs';

/** A layer, or a function of one image. */
export type Operator = tf.layers.Layer | ((x: tf.Tensor4D) => tf.Tensor);

/** A cell (y, x, channel). */
export type Cell = readonly [number, number, number];

/** Cell to start from: an output or an input. */
export type Start = { readonly output: Cell } | { readonly input: Cell };

/** Smallest and largest side of a cell; in between, two drawings fit side by side. */
const CELLS = [7, 15] as const;
const COLUMNS_WIDTH = 360;
/** Space for the labels below feature maps. */
const LABEL = 90;
const GAP = 14;
const ARROW = 48;
const TOP = 44;
const COLOURS = { near: '#0072b2', marked: '#d55e00', line: '#b8b8b8', text: '#333' } as const;

/** The values of [height, width, channels]. */
interface Maps {
  readonly name: string;
  readonly shape: Cell;
  /** Connection strength of each cell; 0 for none. */
  readonly values: ArrayLike<number>;
  readonly marked?: Cell;
}

/**
 * Draws input and output as one grid per channel, with one cell marked and its connected cells shaded by connection
 * strength: with kernels of ones all shades are equal, unless fractional positions are read.
 *
 * @param inputShape height, width and channels
 * @param title title above the drawing
 */
export function connectionsPicture(operator: Operator, inputShape: Cell, start: Start, title: string): string {
  const apply = (x: tf.Tensor): tf.Tensor =>
    operator instanceof tf.layers.Layer ? (operator.apply(x) as tf.Tensor) : operator(x as tf.Tensor4D);
  const outputShape = tf.tidy(() => apply(tf.zeros([1, ...inputShape])).shape.slice(1)) as [number, number, number];
  const [input, output]: [Maps, Maps] =
    'output' in start
      ? [
          { name: 'input', shape: inputShape, values: readsOf(apply, inputShape, single(outputShape, start.output)) },
          { name: 'output', shape: outputShape, values: [], marked: start.output },
        ]
      : [
          { name: 'input', shape: inputShape, values: [], marked: start.input },
          { name: 'output', shape: outputShape, values: reachOf(apply, single(inputShape, start.input)) },
        ];
  const columns = input.shape[1] * input.shape[2] + output.shape[1] * output.shape[2];
  const cell = Math.min(Math.max(Math.floor(COLUMNS_WIDTH / columns), CELLS[0]), CELLS[1]);
  const widths = [input, output].map(({ shape }) => shape[2] * (shape[1] * cell + GAP) - GAP) as [number, number];
  const outputLeft = GAP + Math.max(widths[0], LABEL) + ARROW;
  const width = outputLeft + Math.max(widths[1], LABEL);
  const height = Math.max(input.shape[0], output.shape[0]) * cell;
  const total = { width: Math.max(width, 8 * title.length) + GAP, height: height + TOP + 2 * GAP + 10 };
  const middle = TOP + height / 2;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${total.width}" height="${total.height}" viewBox="0 0 ${total.width} ${total.height}" font-family="sans-serif" fill="${COLOURS.text}">`,
    `<rect width="100%" height="100%" fill="white"/><text x="${GAP}" y="22" font-size="15">${title}</text>`,
    drawMaps(input, GAP, middle, cell),
    `<text x="${outputLeft - ARROW / 2}" y="${middle + 8}" font-size="24" text-anchor="middle">→</text>`,
    drawMaps(output, outputLeft, middle, cell),
    '</svg>',
  ].join('');
}

/** Gradient of one output. */
function readsOf(apply: (x: tf.Tensor) => tf.Tensor, inputShape: Cell, wanted: tf.Tensor): ArrayLike<number> {
  return tf.tidy(() =>
    tf
      .grad((x) => tf.sum(tf.mul(apply(x), wanted)))(tf.ones([1, ...inputShape]))
      .dataSync(),
  );
}

/** Response to one input; the response without it is the bias. */
function reachOf(apply: (x: tf.Tensor) => tf.Tensor, input: tf.Tensor): ArrayLike<number> {
  return tf.tidy(() => tf.sub(apply(input), apply(tf.zerosLike(input))).dataSync());
}

/** 1 in one cell, 0 elsewhere. */
function single([height, width, channels]: Cell, [y, x, channel]: Cell): tf.Tensor {
  const buffer = tf.buffer([1, height, width, channels]);
  buffer.set(1, 0, y, x, channel);
  return buffer.toTensor();
}

function drawMaps(maps: Maps, left: number, middle: number, cell: number): string {
  const [height, width, channels] = maps.shape;
  const largest = Array.from(maps.values).reduce((most, value) => Math.max(most, Math.abs(value)), 1e-9);
  const top = middle - (height * cell) / 2;
  const cells = Array.from({ length: height * width * channels }, (_, index) => {
    const [y, x] = [Math.floor(index / channels / width), Math.floor(index / channels) % width];
    const share = Math.abs(maps.values[index] ?? 0) / largest;
    const isMarked = maps.marked?.every((coordinate, axis) => coordinate === [y, x, index % channels][axis]) ?? false;
    const fill = isMarked ? COLOURS.marked : COLOURS.near;
    const corner = `x="${left + (index % channels) * (width * cell + GAP) + x * cell}" y="${top + y * cell}"`;
    const size = `width="${cell}" height="${cell}"`;
    return `<rect ${corner} ${size} fill="${fill}" fill-opacity="${isMarked ? 1 : share.toFixed(3)}" stroke="${COLOURS.line}"/>`;
  });
  const label = `<text x="${left}" y="${top + height * cell + 18}" font-size="12">${maps.name} ${maps.shape.join('×')}</text>`;
  return cells.join('') + label;
}
