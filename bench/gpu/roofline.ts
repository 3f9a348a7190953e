/**
 * Lower bounds of the time of a specific GPU for the counted work: the time that its arithmetic, memory and texture units need
 * at least. Memory traffic is counted as if no cache survived between two dispatches.
 */
import type { Inputs } from '../../test/support/gradient_check.js';
import type { Backend } from './counters.js';
import type { Counted } from './count.js';
import type { Recording } from './recording.js';
import type { Work } from './works.js';

export const GPU = {
  name: 'Apple M1 (8 GPU cores)',
  flops: 2.6e12,
  bytes: 68.2e9,
  texels: 82e9,
  source:
    '2.6 TFLOP/s and 82 Gtexel/s by Apple’s announcement of 10 November 2020; 68.2 GB/s by its memory, LPDDR4X-4266 on 128 bits',
} as const;

export type Pass = 'forward' | 'backward';
export type Limit = 'arithmetic' | 'memory' | 'texture units';

export interface Bound {
  readonly work: Counted;
  readonly pass: Pass;
  /** Number of multiplications and additions. */
  readonly flops: number;
  readonly bytes: number;
  /** Bytes of inputs and results alone: no implementation moves less. */
  readonly leastBytes: number;
  /** Microseconds for each limit. */
  readonly times: Readonly<Record<Limit, number>>;
}

/** A bilinear sample of one channel, times its mask: four products, their sum, one product. */
const SAMPLE = 8;
/** What one gradient adds to: itself times the mask; then a product and a sum for each of four pixels. */
const SCATTER = 9;
/** The gradient times each of four pixels, summed over the channels. */
const CORNERS = 8;

/** Operations of both passes of a 3×3 convolution that keeps size and channels. */
function arithmetic(counted: Counted): Readonly<Record<Pass, number>> {
  const { title, image } = counted;
  const columns = columnsOf(counted);
  const product = 2 * columns * (title.startsWith('depthwise') ? 1 : image[3]);
  if (!title.endsWith('deformConv2d')) return { forward: product, backward: 2 * product };
  return { forward: product + SAMPLE * columns, backward: 2 * product + (SAMPLE + SCATTER + CORNERS) * columns };
}

/**
 * Texels that the shaders on WebGL fetch for each column, that is for each tap of each position and channel, outside of
 * matrix products. A texel has four channels. conv2d packs each pixel once. A sample takes offset and mask, which are one
 * texel, and four pixels. With the column's gradient, which is a texel or, where the convolution is depthwise, dy times a
 * weight, the gradients of a sample take four pixels, and the image's takes it once for each of four corners.
 */
const FETCHES: Readonly<Record<string, Readonly<Record<Pass, number>>>> = {
  conv2d: { forward: 1 / 9, backward: 3 / 9 },
  deformConv2d: { forward: 5 / 4, backward: (5 + 1 + 4 + 4) / 4 },
  depthwiseConv2d: { forward: 2 / 4, backward: (2 + 2) / 4 },
  'depthwise deformConv2d': { forward: (5 + 1) / 4, backward: (2 + 4 + 4 * 2 + 5 + 1) / 4 },
};

const columnsOf = ({ image: [batch, height, width, channels] }: Counted): number =>
  batch * height * width * 9 * channels;

function leastBytes({ inputs, image }: Work): Readonly<Record<Pass, number>> {
  const sizes = Object.values<Inputs[string]>(inputs(image)).map((input) => 4 * (input?.data.length ?? 0));
  const all = sizes.reduce((total, size) => total + size, 0);
  const y = 4 * image.reduce((size, length) => size * length, 1);
  return { forward: all + y, backward: 2 * all + y };
}

export function sum(recording: Recording, what: 'read' | 'written' | 'fetched'): number {
  return recording.dispatches.reduce((total, dispatch) => total + (dispatch[what] ?? 0), 0);
}

/** Computes the bounds of both passes. */
export function boundsOf(backend: Backend, work: Work, counted: Counted): Bound[] {
  const flops = arithmetic(counted);
  const least = leastBytes(work);
  return (['forward', 'backward'] as const).map((pass) => {
    const recording = counted.first[pass];
    const bytes = sum(recording, 'read') + sum(recording, 'written');
    // WebGPU buffers are not fetched through texture units.
    const texels =
      backend === 'webgl' ? sum(recording, 'fetched') + columnsOf(counted) * FETCHES[counted.title]![pass] : 0;
    const times = {
      arithmetic: (flops[pass] / GPU.flops) * 1e6,
      memory: (bytes / GPU.bytes) * 1e6,
      'texture units': (texels / GPU.texels) * 1e6,
    };
    return { work: counted, pass, flops: flops[pass], bytes, leastBytes: least[pass], times };
  });
}

/** Finds the limit that takes the most time. */
export function ruling({ times }: Bound): Limit {
  const limits = Object.keys(times) as Limit[];
  return limits.reduce((most, limit) => (times[limit] > times[most] ? limit : most));
}
