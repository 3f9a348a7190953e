/** Summary for screen readers, announced once the position has stopped changing. */
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { numbersOf, percent, pixels as inPixels, shareOnInk, sizesOf } from './describe_look.js';
import type { InfluenceMap, Look, Pixels } from './messages.js';

/** Milliseconds without a change before the summary is announced. */
const REST = 800;

export function LookSummary({ look, pixels }: { readonly look: Look; readonly pixels: Pixels }): JSX.Element {
  const [said, setSaid] = useState('');
  const text = summaryOf(look, pixels);
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

function summaryOf(look: Look, pixels: Pixels): string {
  const [row, column] = look.question.position;
  const place = `Row ${row + 1}, column ${column + 1} of ${look.question.layer}.`;
  if (look.view === 'influence') {
    const part = (name: string, influence: InfluenceMap | string | undefined): string => {
      if (influence === undefined) return '';
      return ` ${name}: ${typeof influence === 'string' ? influence : `95 % of the influence within ${sizesOf(influence).counts}`}.`;
    };
    return place + part('Deformable', look.deformable) + part('Plain', look.plain);
  }
  const { meanMove, farthestMove } = numbersOf(look);
  const onInk = shareOnInk(look.deformable, pixels);
  const ink = onInk === undefined ? '' : ` ${percent(onInk)} of the weight is on ink.`;
  return `${place} ${look.deformable.length} samples, moved by ${inPixels(meanMove)} on average, ${inPixels(farthestMove)} at most.${ink}`;
}
