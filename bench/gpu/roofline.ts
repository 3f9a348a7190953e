/**
 * How fast a named GPU could be at what was counted: the time that its arithmetic, its memory and its texture units need at
 * the least. What moves between memory and the chip is taken as if nothing stayed in a cache between two dispatches.
 */
import type { Inputs } from '../../test/support/gradient_check.js';
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
  /** Multiplications and additions. */
  readonly flops: number;
  readonly bytes: number;
  /** What inputs and results alone take: no implementation moves less. */
  readonly leastBytes: number;
  /** Microseconds that each limit asks for. */
  readonly times: Readonly<Record<Limit, number>>;
}

/** A bilinear sample of one channel, times its mask: four products, their sum, one product. */
const SAMPLE = 8;
/** What one gradient adds to: itself times the mask; then a product and a sum for each of four pixels. */
const SCATTER = 9;
/** The gradient times each of four pixels, summed over the channels. */
const CORNERS = 8;

/** Operations of both passes of a 3×3 convolution that keeps size and channels. */
function arithmetic({ title, image }: Counted): Readonly<Record<Pass, number>> {
  const [batch, height, width, channels] = image;
  const columns = batch * height * width * 9 * channels;
  const product = 2 * columns * (title.startsWith('depthwise') ? 1 : channels);
  if (!title.endsWith('deformConv2d')) return { forward: product, backward: 2 * product };
  return { forward: product + SAMPLE * columns, backward: 2 * product + (SAMPLE + SCATTER + CORNERS) * columns };
}

function leastBytes({ inputs, image }: Work): Readonly<Record<Pass, number>> {
  const sizes = Object.values<Inputs[string]>(inputs(image)).map((input) => 4 * (input?.data.length ?? 0));
  const all = sizes.reduce((sum, size) => sum + size, 0);
  const y = 4 * image.reduce((size, length) => size * length, 1);
  return { forward: all + y, backward: 2 * all + y };
}

export function sum(recording: Recording, what: 'read' | 'written' | 'fetched'): number {
  return recording.dispatches.reduce((total, dispatch) => total + (dispatch[what] ?? 0), 0);
}

/** The bounds of both passes. */
export function boundsOf(work: Work, counted: Counted): Bound[] {
  const flops = arithmetic(counted);
  const least = leastBytes(work);
  return (['forward', 'backward'] as const).map((pass) => {
    const recording = counted.first[pass];
    const bytes = sum(recording, 'read') + sum(recording, 'written');
    const times = {
      arithmetic: (flops[pass] / GPU.flops) * 1e6,
      memory: (bytes / GPU.bytes) * 1e6,
      'texture units': (sum(recording, 'fetched') / GPU.texels) * 1e6,
    };
    return { work: counted, pass, flops: flops[pass], bytes, leastBytes: least[pass], times };
  });
}

/** The limit that asks for the most time. */
export function ruling({ times }: Bound): Limit {
  const limits = Object.keys(times) as Limit[];
  return limits.reduce((most, limit) => (times[limit] > times[most] ? limit : most));
}
