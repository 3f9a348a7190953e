/** Summary for screen readers, announced once the position has stopped changing. */
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { numbersOf, percent, pixels as inPixels, shareOnInk, sizesOf } from './describe_inspection.js';
import type { InfluenceMap, Inspection, Pixels } from './messages.js';

/** Milliseconds without a change before the summary is announced. */
const REST = 800;

export function InspectionSummary({
  inspection,
  pixels,
}: {
  readonly inspection: Inspection;
  readonly pixels: Pixels;
}): JSX.Element {
  const [said, setSaid] = useState('');
  const text = summaryOf(inspection, pixels);
  useEffect(() => {
    const timer = setTimeout(() => setSaid(text), REST);
    return () => {
      clearTimeout(timer);
    };
  }, [text]);
  return (
    <p class="visually-hidden" aria-live="polite">
      {said}
    </p>
  );
}

function summaryOf(inspection: Inspection, pixels: Pixels): string {
  const [row, column] = inspection.question.position;
  const position = `Row ${row + 1}, column ${column + 1} of ${inspection.question.layer}.`;
  if (inspection.view === 'influence') {
    const part = (name: string, influence: InfluenceMap | string | undefined): string => {
      if (influence === undefined) return '';
      return ` ${name}: ${typeof influence === 'string' ? influence : `95 % of the influence within ${sizesOf(influence).counts}`}.`;
    };
    return position + part('Deformable', inspection.deformable) + part('Plain', inspection.plain);
  }
  const { meanMove, farthestMove } = numbersOf(inspection);
  const onInk = shareOnInk(inspection.deformable, pixels);
  const ink = onInk === undefined ? '' : ` ${percent(onInk)} of the weight is on ink.`;
  return `${position} ${inspection.deformable.length} samples, moved by ${inPixels(meanMove)} on average, ${inPixels(farthestMove)} at most.${ink}`;
}
