/** Influence of each pixel on one position. */
import type { JSX } from 'preact';
import { Cross } from './cross.js';
import { sizesOf } from './describe_inspection.js';
import { Heat } from './heat.js';
import type { InfluenceMap, Influences, Inspection, Pixels } from './messages.js';
import { PictureFrame, type Pointing } from './picture_frame.js';

interface Props {
  readonly inspection: Inspection & Influences;
  readonly pixels: Pixels;
  readonly pointing: Pointing;
  /** Of the position, in pixels. */
  readonly center: { readonly y: number; readonly x: number };
}

export function InfluenceView({ inspection, pixels, pointing, center }: Props): JSX.Element {
  const { influence, question, tensors } = inspection;
  return (
    <div class="see-pair">
      <figure data-tensors={tensors} data-position={question.position.join()}>
        <PictureFrame
          {...pointing}
          pixels={pixels}
          title="Influence of each pixel"
          description={`Heat map of what changes position ${question.position.join(', ')} of ${question.layer}`}
        >
          {typeof influence !== 'string' && <Heat influence={influence} />}
          <Cross {...center} pixels={pixels} />
        </PictureFrame>
        <figcaption>{typeof influence === 'string' ? influence : <Sizes influence={influence} />}</figcaption>
      </figure>
    </div>
  );
}

function Sizes({ influence }: { readonly influence: InfluenceMap }): JSX.Element {
  const { counts, could } = sizesOf(influence);
  return (
    <>
      95 % of the influence is within {counts}, with {influence.area} pixels above 4.55 % of the largest; the
      theoretical receptive field is {could}.
    </>
  );
}
