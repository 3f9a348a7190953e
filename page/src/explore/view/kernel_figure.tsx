/** The weights of a kernel between one input channel and one output channel. */
import type { JSX } from 'preact';
import { keyOf, type MapReads } from '../model/maps.js';
import { formatNumber } from '../model/numbers.js';
import type { Stage } from '../model/stage.js';
import { frameOf, Plane } from './plane.js';
import { NO_PADDING } from '../model/stage.js';

export interface KernelFigureProps {
  readonly stage: Stage;
  readonly reads: MapReads;
  /** Visible channels on either side. */
  readonly input: number;
  readonly output: number;
  readonly weights: readonly number[] | undefined;
}

/** Cells of kernels are slightly smaller than those of feature maps. */
const CELL = 34;

export function KernelFigure({ stage, reads, input, output, weights }: KernelFigureProps): JSX.Element | null {
  const { kernel, groups } = stage;
  if (kernel === null) return null;
  const isConnected = groups.some(({ inputs, outputs }) => inputs.includes(input) && outputs.includes(output));
  const used = new Map(reads.reads.map(({ tap, factor }) => [keyOf(tap), factor]));
  // If several output cells are involved, each uses the whole kernel.
  const isUsed = (key: string): boolean => isConnected && (reads.target === null || used.has(key));
  const frame = { ...frameOf(kernel.size, NO_PADDING), cell: CELL };
  const several = groups.length > 1 || groups[0]!.inputs.length > 1 || groups[0]!.outputs.length > 1;
  const between = `channel ${input + 1} to channel ${output + 1}`;
  const order = [...used.keys()];
  return (
    <figure class="kernel">
      <figcaption>
        <strong>{kernel.title}</strong> {kernel.size.join(' × ')}
      </figcaption>
      <Plane
        frame={frame}
        label={`${kernel.title}, ${kernel.size.join(' by ')} taps${several ? `, ${between}` : ''}. ${used.size} of them are used.`}
        styleAt={(y, x) => {
          const key = keyOf([y, x]);
          const number = order.indexOf(key) + 1;
          const weight = weights?.[kernel.weightAt([y, x], input, output)];
          const label = weight === undefined ? (number === 0 ? undefined : String(number)) : formatNumber(weight);
          const text = label === undefined || !isConnected ? {} : { text: label };
          return { kind: isUsed(key) ? 'weight' : '', ...text };
        }}
      />
      <p class="quiet">{isConnected ? (several ? between : '') : `No weights: ${between} are not connected.`}</p>
    </figure>
  );
}
