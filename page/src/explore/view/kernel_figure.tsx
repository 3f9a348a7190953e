/** The weights of a kernel between one input channel and one output channel, which can be set. */
import type { JSX } from 'preact';
import type { Place } from 'tfjs-convolutions/geometry';
import { mostOf } from '../model/colours.js';
import { keyOf, type MapReads } from '../model/maps.js';
import { formatNumber } from '../model/numbers.js';
import { NO_PADDING, type Stage } from '../model/stage.js';
import { useTexts } from '../texts/use_texts.js';
import { CellChooser } from './cell_chooser.js';
import { NumberInput } from './number_input.js';
import { frameOf, Plane, valueStyle, type CellStyle } from './plane.js';

export interface KernelFigureProps {
  readonly stage: Stage;
  readonly reads: MapReads;
  /** Visible channels on either side. */
  readonly input: number;
  readonly output: number;
  readonly weights: readonly number[] | undefined;
  /** True for gradients of the weights, which cannot be set. */
  readonly isGradient: boolean;
  /** Chosen tap, whose weight is set below the kernel. */
  readonly tap: Place | null;
  readonly onChoose: (tap: Place) => void;
  /** Sets a weight by its index. */
  readonly onWeight: (index: number, value: number) => void;
}

/** Width of a kernel in pixels, unless its cells get too small. */
const WIDEST = 106;
const LARGEST_WEIGHT = 99;

export function KernelFigure(props: KernelFigureProps): JSX.Element | null {
  const { stage, reads, input, output, weights, isGradient, tap, onChoose, onWeight } = props;
  const texts = useTexts();
  const { kernel, groups } = stage;
  if (kernel === null) return null;
  const isConnected = groups.some(({ inputs, outputs }) => inputs.includes(input) && outputs.includes(output));
  const used = new Map(reads.reads.map((read) => [keyOf(read.tap), read.factor]));
  // If several output cells are involved, each uses the whole kernel.
  const isUsed = (key: string): boolean => isConnected && (reads.target === null || used.has(key));
  const frame = frameOf(kernel.size, NO_PADDING, WIDEST);
  const several = groups.length > 1 || groups[0]!.inputs.length > 1 || groups[0]!.outputs.length > 1;
  const between = texts.kernel.between(input, output);
  const order = [...used.keys()];
  const most = mostOf(weights ?? []);
  const label = texts.kernel.label(kernel.title, kernel.size, several ? between : undefined, used.size);
  const indexOf = (at: Place): number => kernel.weightAt(at, input, output);
  const styleAt = (y: number, x: number): CellStyle => {
    const key = keyOf([y, x]);
    const kind = isUsed(key) ? 'weight' : '';
    if (!isConnected) return { kind };
    if (weights !== undefined) {
      const weight = weights[indexOf([y, x])]!;
      return { kind, ...valueStyle(frame, weight, most, formatNumber(weight)) };
    }
    const number = order.indexOf(key) + 1;
    return { kind, ...(number === 0 ? {} : { text: String(number) }) };
  };
  return (
    <figure class="kernel">
      <figcaption>
        <strong>{texts.kernel.name(kernel.title)}</strong> {isGradient ? texts.gradient : kernel.size.join(' × ')}
      </figcaption>
      {weights === undefined || !isConnected || isGradient ? (
        <Plane {...{ frame, label, styleAt }} />
      ) : (
        <>
          <CellChooser
            {...{ frame, label, styleAt, onChoose }}
            chosen={tap}
            describe={(y, x) => formatNumber(weights[indexOf([y, x])]!)}
          />
          {tap === null ? null : (
            <label class="inline-control">
              {texts.kernel.weight}
              <NumberInput
                name={texts.kernel.weight}
                step={0.5}
                min={-LARGEST_WEIGHT}
                max={LARGEST_WEIGHT}
                value={weights[indexOf(tap)]!}
                onInput={(value) => onWeight(indexOf(tap), value)}
              />
            </label>
          )}
        </>
      )}
      <p class="quiet">{isConnected ? (several ? between : '') : texts.kernel.notConnected(between)}</p>
    </figure>
  );
}
