/** Texts of the picture in English, the language that all of Explore has. Other languages have the same keys. */
import type { JSX } from 'preact';
import type { Place } from 'tfjs-convolutions/geometry';
import type { ActName, ConvolutionTitle } from '../model/convolution.js';
import type { CellMap, MapTitle } from '../model/maps.js';
import { formatExact, formatNumber } from '../model/numbers.js';
import type { KernelTitle } from '../model/stage.js';
import { Key } from '../view/key.js';

/** The cells of another map that the selected cell reads. */
export interface Reads {
  readonly input: CellMap;
  readonly output: CellMap;
  /** The selected cell, and its channel, from 0. */
  readonly cell: Place;
  readonly channel: number;
  /** Number of cells read, and of channels. */
  readonly cells: number;
  readonly channels: number;
  /** Number of taps or samples outside the map. */
  readonly outside: number;
  /** True if taps of a kernel read; otherwise samples do. */
  readonly hasKernel: boolean;
  /** True if the cells show the numbers of taps. */
  readonly hasTapNumbers: boolean;
}

/** Gradient of the offset (y, x) of a tap, and of its mask if there is one. */
export interface TapGradient {
  readonly offset: Place;
  readonly mask: number | undefined;
}

/** Weight of one of the four cells that a tap reads. */
export interface WeighedCell {
  readonly cell: Place;
  readonly weight: string;
}

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** A cell, counted from 1. */
const at = ([y, x]: Place): string => `row ${y + 1}, column ${x + 1}`;

const KEYS = 'Arrow keys move it, Page Up and Page Down choose another.';

const channelOf = (title: string, channel: number, channels: number): string =>
  channels === 1 ? title : `${title}, channel ${channel + 1} of ${channels}`;

export const ENGLISH = {
  convolution: (title: ConvolutionTitle): string => title,
  picture: 'Picture',
  /** A cell and, after it, its value or equation. */
  cell: (cell: Place, words: string | undefined): string => `${at(cell)}${words === undefined ? '' : `: ${words}`}`,
  gradient: 'gradient',

  map: {
    name: (title: MapTitle): string => title,
    output: ({ title, size: [height, width], channels }: CellMap, channel: number): string =>
      `${channelOf(title, channel, channels)}, ${height} by ${width} cells. Arrow keys choose a cell.`,
    blank: ({ title, channels }: CellMap, channel: number): string =>
      `${channelOf(title, channel, channels)}, not computed yet.`,
    /** @param padding width on each side, or `undefined` without padding */
    input: (
      { title, size: [height, width], channels }: CellMap,
      channel: number,
      padding: string | undefined,
    ): string =>
      `${channelOf(title, channel, channels)}, ${height} by ${width} cells${padding === undefined ? '' : `, padding ${padding} around it`}.`,
    unread: 'The chosen output channel does not read it.',
    noneRead: 'The chosen output cell reads none of its cells.',
    /** @param list rows and columns, or `undefined` if there are too many */
    read: (count: number, list: string | undefined): string =>
      `The chosen output cell reads ${count} of its cells${list === undefined ? '' : ` (row, column): ${list}`}.`,
    channels: (title: MapTitle): string => `Channels of ${title.toLowerCase()}. Arrow keys choose one.`,
    channel: (title: MapTitle, channel: number, isUsed: boolean, group: number | undefined): string =>
      `${title}, channel ${channel + 1}${isUsed ? '' : ', not used'}${group === undefined ? '' : `, group ${group + 1}`}`,
  },

  kernel: {
    name: (title: KernelTitle): string => title,
    /** @param between the channels, or `undefined` if there is one on either side */
    label: (title: KernelTitle, size: Place, between: string | undefined, used: number): string =>
      `${title}, ${size.join(' by ')} taps${between === undefined ? '' : `, ${between}`}. ${used} of them are used.`,
    between: (input: number, output: number): string => `channel ${input + 1} to channel ${output + 1}`,
    notConnected: (between: string): string => `No weights: ${between} are not connected.`,
    weight: 'Weight',
  },

  products: {
    title: 'Products',
    ofChannel: (channel: number): string => `of channel ${channel + 1}`,
    label: (size: Place): string => `Products, value times weight, ${size.join(' by ')} taps`,
    none: 'no product',
    /** Words before the sum. */
    all: 'all products add up to',
    some: (count: number, all: number): string => `${count} of ${all} add up to`,
  },

  acts: {
    title: 'Acts',
    all: 'both at once',
    name: (act: ActName): string => act,
  },

  play: {
    title: 'Slide over the output',
    back: 'One cell back',
    play: 'Play',
    pause: 'Pause',
    on: 'One cell on',
    speed: 'Speed',
    speeds: { rising: 'slow, then fast', products: 'each product', cells: 'cell by cell', fast: 'fast' },
    loop: 'Loop',
  },

  reading: ({ input, output, cell, channel, cells, channels, ...also }: Reads): JSX.Element => (
    <>
      <Key of="chosen" /> The {output.title.toLowerCase()} cell in {at(cell)}
      {output.channels === 1 ? '' : ` of channel ${channel + 1}`} reads <Key of="read" /> {cells} of{' '}
      {input.size[0] * input.size[1]} {input.title.toLowerCase()} cells
      {input.channels === 1 ? '' : ` in ${channels} of ${plural(input.channels, 'channel')}`}
      {also.outside > 0
        ? `; ${plural(also.outside, also.hasKernel ? 'tap' : 'sample')} reach${also.outside === 1 ? 'es' : ''} into the padding`
        : ''}
      .{also.hasTapNumbers ? ' The numbers show which tap of the kernel reads which cell.' : ''}
    </>
  ),
  /** @param count number of output cells that read the input cell */
  feeding: (cell: Place, count: number): JSX.Element => (
    <>
      The input cell in {at(cell)} feeds <Key of="fed" /> {plural(count, 'output cell')}.
    </>
  ),
  photo: 'Photograph: Rachel Michetti, CC0. Black is −9, mid-grey 0, white 9.',

  backward: {
    show: 'Backward: show gradients',
    meaning:
      'How much the chosen output changes with each input value and with each weight: an input gets the weights that read it, a weight gets the values that it read.',
    tap: ({ offset: [down, right], mask }: TapGradient): string => {
      const ofMask = mask === undefined ? '' : ` and that of its mask ${formatExact(mask)}`;
      return `The gradient of the chosen tap’s offset is ${formatExact(down)} down, ${formatExact(right)} to the right${ofMask}; arrows show it for all taps.`;
    },
  },

  tap: {
    title: 'The chosen tap',
    help: 'Drag a dot, or focus it and use the arrow keys. Here the offsets are the same for every output cell; a trained layer predicts them for each one.',
    tap: 'Tap',
    at,
    down: 'Moved down by',
    right: 'Moved right by',
    mask: (mask: number): string => `Mask ${formatNumber(mask)}`,
    reset: 'Reset all taps',
    handle: (tap: Place, [down, right]: Place): string =>
      `Tap in ${at(tap)}: moved by ${down} down, ${right} to the right. ${KEYS}`,
    reads: (cells: readonly WeighedCell[]): string => {
      const list = cells.map(({ cell, weight }) => `${weight} of ${at(cell)}`).join('; ');
      return `What the tap reads: ${list === '' ? 'nothing, it is outside' : list}.`;
    },
    /** @param value result of the tap, if values are known */
    closeUp: ([y, x]: Place, value: number | undefined): string =>
      `It reads at row ${formatNumber(y + 1)}, column ${formatNumber(x + 1)}, between cells: the closer a cell’s middle, the more the cell counts${value === undefined ? '' : `. That gives ${formatNumber(value)}`}.`,
  },

  bin: {
    title: 'The chosen bin',
    help: 'Drag a bin or a corner of the box, or focus it and use the arrow keys. In Faster R-CNN, a fully connected layer predicts the offsets from the pooled box.',
    down: 'Offset down',
    right: 'Offset right',
    reset: 'Reset all bins',
    /** @param ways product that gives the shift, down and to the right */
    moves: (bin: Place, ways: readonly [string, string]): string =>
      `The bin in ${at(bin)} moves by γ · size of the box · offset: ${ways[0]} cells down and ${ways[1]} cells to the right.`,
    handle: (bin: Place): string => `Bin in ${at(bin)}. ${KEYS}`,
    corners: {
      upperLeft: 'Upper left corner',
      upperRight: 'Upper right corner',
      lowerLeft: 'Lower left corner',
      lowerRight: 'Lower right corner',
    },
    corner: (corner: string, down: number, right: number): string =>
      `${corner} of the box, at ${down} down, ${right} to the right. ${KEYS}`,
  },

  pen: (cell: Place, hasInk: boolean): string =>
    `Pen at ${at(cell)}: ${hasInk ? 'ink' : 'no ink'}. Arrow keys move it, Space draws or erases.`,

  /** The rule that a number in a field breaks. */
  rule: (name: string, isWhole: boolean, [min, max]: readonly [string, string], value: string): string =>
    `${name}: ${isWhole ? 'a whole number' : 'a number'} from ${min} to ${max}. The picture still shows ${value}.`,

  trouble: {
    late: 'The numbers are taking unusually long. The page is still waiting for them.',
    failed: (reason: string): string | JSX.Element => `The numbers could not be computed: ${reason}`,
    retry: 'Try again',
    onWasm: 'Compute on wasm instead',
  },
};

/** Texts of the picture in some language. */
export type Texts = typeof ENGLISH;
