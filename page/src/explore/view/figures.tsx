/** Output size, parameters, multiply-adds and receptive field, computed by the package, next to the formulas. */
import type { ComponentChildren, JSX } from 'preact';
import { formatCount } from '../convolutions/common.js';
import type { Formula } from '../model/convolution.js';
import type { Picture } from '../model/maps.js';
import type { Answer } from '../model/question.js';
import type { Answers } from '../model/use_answers.js';

export interface FiguresProps {
  readonly picture: Picture;
  readonly formulas: Record<'size' | 'params' | 'macs', Formula>;
  readonly answers: Answers;
  /** Alternative to compare costs with, in words. */
  readonly peer: string | undefined;
}

export function Figures({ picture, formulas, answers, peer }: FiguresProps): JSX.Element {
  const { answer, isCurrent } = answers;
  const { size, channels } = picture.maps.at(-1)!;
  const of = (show: (answer: Answer) => ComponentChildren): ComponentChildren =>
    isCurrent && answer !== undefined ? show(answer) : '…';
  return (
    <section class="figures" aria-labelledby="figures-title">
      <h3 id="figures-title">Figures</h3>
      <dl aria-live="polite" aria-busy={!isCurrent}>
        <Figure name="Output size" value={[...size, channels].join(' × ')} formula={formulas.size} />
        <Figure
          name="Parameters"
          value={of(({ params }) => formatCount(params))}
          formula={formulas.params}
          note={of(({ params, peer: other }) => formatRatio(params, other?.params, peer))}
        />
        <Figure
          name="Multiply-adds"
          value={of(work)}
          formula={formulas.macs}
          note={of(({ macs, offsetMacs, peer: other }) => formatRatio(macs + offsetMacs, other?.macs, peer))}
        />
        <Figure name="Receptive field" value={of(field)} note={of(fieldNote)} />
      </dl>
      <p class="quiet">
        The package counts parameters, multiply-adds and receptive field on this very layer
        {answer === undefined ? ', as soon as TensorFlow.js has loaded' : ''}.
      </p>
    </section>
  );
}

interface FigureProps {
  readonly name: string;
  readonly value: ComponentChildren;
  readonly formula?: Formula;
  readonly note?: ComponentChildren;
}

function Figure({ name, value, formula, note }: FigureProps): JSX.Element {
  return (
    <div class="figure">
      <dt>{name}</dt>
      <dd class="value">{value}</dd>
      {formula && (
        <dd class="formula">
          {formula.symbols}
          <br />
          {formula.numbers}
        </dd>
      )}
      {note === undefined || note === '…' ? null : <dd class="note">{note}</dd>}
    </div>
  );
}

/** Formats a ratio as '0.22 of a plain 7×7 kernel (49)'. */
function formatRatio(own: number, other: number | undefined, peer: string | undefined): string | undefined {
  if (other === undefined || peer === undefined) return undefined;
  const ratio = own / other;
  return `${ratio.toLocaleString('en-GB', { maximumSignificantDigits: 3 })} × ${peer} (${formatCount(other)})`;
}

function work({ macs, offsetMacs }: Answer): ComponentChildren {
  if (offsetMacs === 0) return formatCount(macs);
  const forOffsets = `${formatCount(offsetMacs)} for the offsets`;
  if (macs === 0) return forOffsets;
  return (
    <>
      {formatCount(macs)} <span class="besides">+ {forOffsets}</span>
    </>
  );
}

function field({ fields, global }: Answer): string {
  if (global) return 'anywhere';
  return fields.map(([height, width]) => `${height} × ${width}`).join(' → ');
}

function fieldNote({ fields, dataDependent, global }: Answer): string {
  if (global) return 'wherever the box is, and wherever offsets move its bins';
  if (dataDependent) return 'with offsets of zero; others can move it anywhere';
  return fields.length > 1 ? 'after each layer, in cells of the input' : 'in cells of the input';
}
