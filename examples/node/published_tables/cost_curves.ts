/** The cost formulas of the convolutions as curves over kernel size and channels, with the counts of real layers on them. */
import * as tf from '@tensorflow/tfjs';
import * as conv from 'tfjs-convolutions';
import { exactly, type Statement } from './table.js';

/** Kernel K×K, C channels in and M out, on H·W output positions. */
interface Case {
  readonly k: number;
  readonly c: number;
  readonly m: number;
}

interface Kind {
  readonly name: string;
  /** Multiply-adds for one output position (transposed: of the four that one input position makes, one). */
  readonly formula: (use: Case) => number;
  readonly text: string;
  readonly build: (use: Case) => tf.layers.Layer;
}

const SIDE = 32;
const GROUPS = 8;
const KERNELS = [1, 3, 5, 7, 9, 11];
const CHANNELS = [8, 16, 32, 64, 128, 256, 512];

const shared = ({ k, m }: Case) => ({ kernelSize: k, filters: m, padding: 'same' as const, useBias: false });

const KINDS: readonly Kind[] = [
  {
    name: 'plain, dilated',
    formula: ({ k, c, m }) => k * k * c * m,
    text: 'K²·C·M',
    build: (use) => conv.layers.dilatedConv2d({ ...shared(use), dilationRate: 2 }),
  },
  {
    name: 'spatially separable, R = M',
    formula: ({ k, c, m }) => k * m * (c + m),
    text: 'K·R·(C + M)',
    build: (use) => conv.layers.spatiallySeparableConv2d(shared(use)),
  },
  {
    name: `grouped, g = ${GROUPS}`,
    formula: ({ k, c, m }) => (k * k * c * m) / GROUPS,
    text: 'K²·C·M/g',
    build: (use) => conv.layers.groupedConv2d({ ...shared(use), groups: GROUPS }),
  },
  {
    name: 'transposed, stride 2',
    formula: ({ k, c, m }) => (k * k * c * m) / 4,
    text: 'K²·C·M · input positions',
    build: (use) => conv.layers.conv2dTranspose({ ...shared(use), strides: 2 }),
  },
  {
    name: 'depthwise separable',
    formula: ({ k, c, m }) => c * (k * k + m),
    text: 'C·(K² + M)',
    build: (use) => conv.layers.depthwiseSeparableConv2d(shared(use)),
  },
  {
    name: 'pointwise',
    formula: ({ c, m }) => c * m,
    text: 'C·M',
    build: ({ m }) => conv.layers.pointwiseConv2d({ filters: m, useBias: false }),
  },
  {
    name: 'depthwise',
    formula: ({ k, c }) => k * k * c,
    text: 'K²·C',
    build: ({ k }) => conv.layers.depthwiseConv2d({ kernelSize: k, padding: 'same', useBias: false }),
  },
];

/** One point of a curve. */
export interface CostPoint extends Case {
  readonly name: string;
  readonly macs: number;
}

/** Counts every kind over kernel sizes (C = M = 64) and over channels (K = 3, C = M). */
export function costCurves(): { readonly points: readonly CostPoint[]; readonly statements: readonly Statement[] } {
  const cases = [
    ...KERNELS.map((k) => ({ k, c: 64, m: 64 })),
    ...CHANNELS.filter((c) => c !== 64).map((c) => ({ k: 3, c, m: c })),
  ];
  const counted = KINDS.flatMap((kind) => cases.map((use) => ({ ...use, kind, ...count(kind, use) })));
  const points = counted.map(({ kind, k, c, m, macs }) => ({ name: kind.name, k, c, m, macs }));
  const statements = KINDS.map((kind) => {
    const own = counted.filter((point) => point.kind === kind);
    const right = own.filter((point) => point.macs === kind.formula(point) * SIDE * SIDE);
    return exactly(
      `${kind.name}: ${kind.text}`,
      `${own.length} of ${own.length} sizes`,
      `${right.length} of ${own.length} sizes`,
    );
  });
  return { points, statements };
}

function count(kind: Kind, use: Case): { readonly macs: number } {
  const layer = kind.build(use);
  const side = kind.name.startsWith('transposed') ? SIDE / 2 : SIDE;
  const model = tf.sequential({ layers: [tf.layers.inputLayer({ inputShape: [side, side, use.c] }), layer] });
  const { macs } = conv.cost(model).total;
  model.dispose();
  return { macs };
}
