/** Figures of the articles, drawn from the geometry that the package computes with. */
import {
  channelGroups,
  regionBins,
  slidingWindow,
  transposedWindow,
  type Place,
  type WindowOfReads,
} from '../../src/geometry/index.js';
import {
  arrow,
  BLUE,
  CELL,
  DEPTH,
  dot,
  figure,
  frame,
  GREEN,
  GREY,
  grid,
  GROUP_COLOURS,
  INK,
  label,
  line,
  ORANGE,
  pale,
  stack,
  type Fill,
} from './svg.js';

/** Returns the SVG of every figure by the name of its article. */
export function figures(): Record<string, string> {
  return {
    plain: plain(),
    dilated: dilated(),
    transposed: transposed(),
    spatially_separable: spatiallySeparable(),
    depthwise: depthwise(),
    pointwise: pointwise(),
    depthwise_separable: depthwiseSeparable(),
    grouped: grouped(),
    deformable: deformable(),
    deformable_v3_v4: deformableV3(),
    roi_pooling: roiPooling(),
  };
}

const READ: Fill = { colour: BLUE, opacity: 0.6 };
const CHOSEN: Fill = { colour: ORANGE, opacity: 0.8 };

const isAt = ([y, x]: Place, row: number, column: number): boolean => y === row && x === column;

/** Fills of the cells that one output cell reads, those in the padding included. */
const readBy =
  (window: WindowOfReads, [y, x]: Place, fill: Fill = READ) =>
  (row: number, column: number): Fill | undefined =>
    window.reads(y, x).some(({ place }) => isAt(place, row, column)) ? fill : undefined;

const only =
  (cell: Place, fill: Fill = CHOSEN) =>
  (row: number, column: number): Fill | undefined =>
    isAt(cell, row, column) ? fill : undefined;

function plain(): string {
  const window = slidingWindow({ inputSize: 5, kernelSize: 3, strides: 2, padding: 1 });
  const chosen = [1, 2] as const;
  return figure(
    520,
    200,
    grid({ x: 54, y: 42, rows: 5, columns: 5, padding: 1, fill: readBy(window, chosen) }),
    label(238, 102, '×', { size: 22 }),
    grid({ x: 258, y: 66, rows: 3, columns: 3, fill: () => ({ colour: BLUE, opacity: 0.3 }) }),
    arrow([346, 102], [396, 102]),
    grid({ x: 412, y: 66, rows: 3, columns: 3, fill: only(chosen) }),
    label(294, 162, 'K = 3'),
    label(448, 162, 's = 2'),
  );
}

function dilated(): string {
  const rates = [1, 2, 4];
  const cells = 15;
  const x = (at: number): number => 40 + at * 32;
  const y = (layer: number): number => 210 - layer * 60;
  // Cells of each layer that the middle cell of the last one depends on.
  const seen = [new Set([7])];
  const edges: string[] = [];
  [...rates].reverse().forEach((dilations, index) => {
    const window = slidingWindow({
      inputSize: [1, cells],
      kernelSize: [1, 3],
      dilations: [1, dilations],
      padding: 'same',
    });
    const layer = rates.length - index;
    const below = new Set<number>();
    for (const at of seen[0]!) {
      for (const { place } of window.reads(0, at)) {
        below.add(place[1]);
        edges.push(line([x(at), y(layer)], [x(place[1]), y(layer - 1)], BLUE, 1));
      }
    }
    seen.unshift(below);
  });
  const rows = seen.map((cellsSeen, layer) => {
    const dots = Array.from({ length: cells }, (_, at) =>
      dot([x(at), y(layer)], cellsSeen.has(at) ? (layer === rates.length ? ORANGE : BLUE) : '#d5d9de', 6),
    );
    const text = layer === 0 ? '' : label(500, y(layer) + 30, `d = ${rates[layer - 1]!}`, { anchor: 'start' });
    return dots.join('') + text;
  });
  return figure(560, 240, ...edges, ...rows);
}

/** Number of input cells that meet in every output cell. */
function overlap(kernelSize: number, x: number): string {
  const window = transposedWindow({ inputSize: 4, kernelSize, strides: 2, padding: 1 });
  const [rows, columns] = window.outputSize;
  const fill = (row: number, column: number): Fill => {
    const count = window.reads(row, column).length;
    return { colour: BLUE, opacity: count / 5, text: String(count) };
  };
  const text = label(x + (columns * CELL) / 2, 40 + rows * CELL + 22, `K = ${kernelSize}, s = 2`);
  return grid({ x, y: 40, rows, columns, fill }) + text;
}

function transposed(): string {
  return figure(
    640,
    280,
    grid({ x: 20, y: 88, rows: 4, columns: 4, fill: () => ({ colour: BLUE, opacity: 0.3 }) }),
    arrow([128, 136], [168, 136]),
    overlap(3, 184),
    overlap(4, 400),
  );
}

function spatiallySeparable(): string {
  const column = [1, 2, 1];
  const row = [-1, 0, 1];
  const cell = 36;
  const valued = (values: readonly number[][], x: number, colour: string): string =>
    grid({
      x,
      y: 96 - (values.length * cell) / 2,
      rows: values.length,
      columns: values[0]!.length,
      cell,
      fill: (r, c) => ({ colour, opacity: 0.25, text: String(values[r]![c]!).replace('-', '−') }),
    });
  const product = column.map((a) => row.map((b) => (a * b === 0 ? 0 : a * b)));
  return figure(
    460,
    192,
    valued(product, 30, BLUE),
    label(168, 96, '=', { size: 22 }),
    valued(
      column.map((a) => [a]),
      200,
      ORANGE,
    ),
    label(258, 96, '·', { size: 26 }),
    valued([row], 284, GREEN),
  );
}

const kernels = (channels: number, x: number, y: number): string =>
  Array.from({ length: channels }, (_, channel) =>
    grid({
      x,
      y: y + channel * 64,
      rows: 3,
      columns: 3,
      cell: 16,
      fill: () => ({ colour: GROUP_COLOURS[channel]!, opacity: 0.5 }),
    }),
  ).join('');

const paperOf = (channel: number): string => pale(GROUP_COLOURS[channel]!);

/** Three channels, three kernels, three channels. */
function depthwiseAct(x: number): string {
  return [
    stack(3, { x, y: 70, rows: 5, columns: 5, paperOf }),
    arrow([x + 150, 118], [x + 178, 118]),
    kernels(3, x + 194, 28),
    arrow([x + 258, 118], [x + 286, 118]),
    stack(3, { x: x + 302, y: 94, rows: 3, columns: 3, paperOf }),
  ].join('');
}

function depthwise(): string {
  return figure(430, 230, depthwiseAct(20));
}

/** Three channels at one position, one weight for each, M sums. */
function pointwiseAct(x: number, y: number, rows: number): string {
  const side = rows * CELL + 2 * DEPTH;
  const middle = y + (rows * CELL) / 2;
  const weights = Array.from({ length: 4 }, (_, output) =>
    grid({
      x: x + side + 46,
      y: middle - 62 + output * 32,
      rows: 1,
      columns: 3,
      cell: 18,
      fill: (_r, c) => ({ colour: GROUP_COLOURS[c]!, opacity: 0.5 }),
    }),
  );
  return [
    ...weights,
    arrow([x + side + 10, middle], [x + side + 38, middle]),
    arrow([x + side + 110, middle], [x + side + 138, middle]),
    stack(4, { x: x + side + 154, y, rows, columns: rows, fill: only([1, 1]) }),
  ].join('');
}

function pointwise(): string {
  const input = stack(3, {
    x: 20,
    y: 60,
    rows: 4,
    columns: 4,
    paperOf,
    fill: only([1, 1], { colour: INK, opacity: 0.45 }),
  });
  return figure(430, 190, input, pointwiseAct(20, 60, 4));
}

function depthwiseSeparable(): string {
  return figure(700, 230, depthwiseAct(20), pointwiseAct(322, 94, 3));
}

/** Lines between the channels of two groups, then a shuffle, then two groups again. */
function grouped(): string {
  const groups = channelGroups({ inChannels: 6, filters: 6, groups: 3 });
  const y = (channel: number): number => 30 + channel * 32;
  const columns = [60, 200, 340, 480];
  const colourOf = (channel: number): string => GROUP_COLOURS[Math.floor(channel / 2)]!;
  const connect = (from: number, to: number, colours: (input: number) => string): string[] =>
    groups.flatMap(({ inputs, outputs }) =>
      inputs.flatMap((input) => outputs.map((output) => line([from, y(input)], [to, y(output)], colours(input)))),
    );
  // Channel c of group g goes to place c of a row of groups, as channelShuffle() orders them.
  const shuffled = (channel: number): number => (channel % 2) * 3 + Math.floor(channel / 2);
  const order = Array.from({ length: 6 }, (_, channel) => channel);
  const moves = order.map((channel) =>
    line([columns[1]!, y(channel)], [columns[2]!, y(shuffled(channel))], colourOf(channel), 1.5),
  );
  const origin = order.map((at) => order.find((channel) => shuffled(channel) === at)!);
  const dots = columns.flatMap((x, column) =>
    order.map((at) => {
      const colour = column < 2 ? colourOf(at) : column === 2 ? colourOf(origin[at]!) : GREY;
      return dot([x, y(at)], colour, 8);
    }),
  );
  return figure(
    540,
    250,
    ...connect(columns[0]!, columns[1]!, colourOf),
    ...moves,
    ...connect(columns[2]!, columns[3]!, (input) => colourOf(origin[input]!)),
    ...dots,
    label(130, 228, 'g = 3'),
    label(270, 228, 'shuffle'),
    label(410, 228, 'g = 3'),
  );
}

/** A 3×3 kernel at rest and turned, stretched taps. */
function deformable(): string {
  const cell = 30;
  const window = slidingWindow({ inputSize: 9, kernelSize: 3, padding: 'same' });
  const at = ([y, x]: Place): readonly [number, number] => [30 + (x + 0.5) * cell, 20 + (y + 0.5) * cell];
  const turned = ([y, x]: Place): Place => {
    const [down, across] = [1.3 * (y - 4), 2.6 * (x - 4)];
    const angle = 0.5;
    return [
      4 + down * Math.cos(angle) + across * Math.sin(angle),
      4 + across * Math.cos(angle) - down * Math.sin(angle),
    ];
  };
  const taps = window.reads(4, 4).map(({ place }) => [at(place), at(turned(place))] as const);
  return figure(
    330,
    310,
    grid({ x: 30, y: 20, rows: 9, columns: 9, cell, fill: only([4, 4], { colour: ORANGE, opacity: 0.35 }) }),
    ...taps.map(([from, to]) => line(from, to, BLUE, 1.5)),
    ...taps.map(([from]) => dot(from, GREY, 5)),
    ...taps.map(([, to]) => dot(to, BLUE, 6)),
  );
}

/** The block: projection, sampling of groups at predicted places, projection. */
function deformableV3(): string {
  const box = (x: number, y: number, text: string, colour: string, width = 120): string =>
    frame([x, y], [width, 44], { colour, fill: pale(colour), text });
  return figure(
    660,
    190,
    label(30, 52, 'x'),
    arrow([44, 52], [72, 52]),
    box(76, 30, '1×1', BLUE),
    arrow([196, 52], [246, 52]),
    box(250, 30, 'Σ m · x(p + Δ)', ORANGE, 150),
    arrow([400, 52], [450, 52]),
    box(454, 30, '1×1', BLUE),
    arrow([574, 52], [606, 52]),
    label(622, 52, 'y'),
    line([30, 70], [30, 142], GREY),
    arrow([30, 142], [72, 142]),
    box(76, 120, 'depthwise, norm, GELU', GREEN, 174),
    arrow([250, 142], [296, 142]),
    box(300, 120, 'Δ, m', GREEN, 60),
    arrow([330, 120], [330, 78]),
    label(386, 142, 'v3: softmax(m)', { anchor: 'start', size: 14 }),
  );
}

function roiPooling(): string {
  const cell = 26;
  const options = { inputSize: [9, 11], box: [1.5, 1.5, 7.5, 9], outputSize: 3, samplingRatio: 1 } as const;
  const offsets = [-1, -1.2, -1.4, 0, -1, 1, 0, -1.4, 0, 0, 0, 1.2, 1, -1, 1.2, 0.4, 0.8, 1.2];
  const bins = (x: number, moved: readonly number[], colour: string): string =>
    regionBins({ ...options, gamma: 0.1, offsets: moved })
      .map(({ start, size, samples }) => {
        const corner = [x + (start[1] + 0.5) * cell, 20 + (start[0] + 0.5) * cell] as const;
        const [y0, x0] = samples[0]!.place;
        const sample = dot([x + (x0 + 0.5) * cell, 20 + (y0 + 0.5) * cell], colour, 4);
        return frame(corner, [size[1] * cell, size[0] * cell], { colour }) + sample;
      })
      .join('');
  const map = (x: number): string => grid({ x, y: 20, rows: 9, columns: 11, cell });
  return figure(650, 274, map(20), bins(20, [], BLUE), map(342), bins(342, offsets, ORANGE));
}
