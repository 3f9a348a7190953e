/** Summary for screen readers. */
import type { JSX } from 'preact';
import { Announcement } from './announcement.js';
import { numbersOf, percent, pixels as inPixels, shareOnInk, sizesOf } from './describe_inspection.js';
import type { Inspection, OffsetField, Pixels } from './messages.js';

export function InspectionSummary({
  inspection,
  pixels,
}: {
  readonly inspection: Inspection;
  readonly pixels: Pixels;
}): JSX.Element {
  return <Announcement text={summaryOf(inspection, pixels)} />;
}

function summaryOf(inspection: Inspection, pixels: Pixels): string {
  const [row, column] = inspection.question.position;
  const position = `Row ${row + 1}, column ${column + 1} of ${inspection.question.layer}.`;
  if (inspection.view === 'field') {
    const one = ({ layer, mean, greatest }: OffsetField): string =>
      `Offsets of ${layer}: ${inPixels(mean)} on average, ${inPixels(greatest)} at most.`;
    return inspection.fields.map(one).join(' ');
  }
  if (inspection.view === 'influence') {
    const { influence } = inspection;
    const size =
      typeof influence === 'string' ? influence : `95 % of the influence within ${sizesOf(influence).counts}.`;
    return `${position} ${size}`;
  }
  const { meanMove, farthestMove } = numbersOf(inspection);
  const onInk = shareOnInk(inspection.deformable, pixels);
  const ink = onInk === undefined ? '' : ` ${percent(onInk)} of the weight is on ink.`;
  return `${position} ${inspection.deformable.length} samples, moved by ${inPixels(meanMove)} on average, ${inPixels(farthestMove)} at most.${ink}`;
}
