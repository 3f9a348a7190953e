/** Offsets of all positions of a layer, or of every deformable layer, as arrows over the picture. */
import type { JSX } from 'preact';
import { Arrows } from './arrows.js';
import { pixels as inPixels } from './describe_inspection.js';
import type { Fields, Inspection, Pixels } from './messages.js';
import { PictureFrame, type Pointing } from './picture_frame.js';

interface Props {
  readonly inspection: Inspection & Fields;
  readonly pixels: Pixels;
  readonly pointing: Pointing;
}

/** Size of arrows, as a fraction of the image's longer side. */
const UNIT = 1 / 48;

export function FieldView({ inspection, pixels, pointing }: Props): JSX.Element {
  const unit = UNIT * Math.max(pixels.height, pixels.width);
  return (
    <div class="see-pair">
      {inspection.fields.map(({ layer, arrows, step, mean, greatest }) => (
        <figure key={layer} data-layer={layer} data-tensors={inspection.tensors}>
          <h4>{layer}</h4>
          <PictureFrame
            {...pointing}
            onStep={undefined}
            pixels={pixels}
            title={layer}
            description={`Arrows of ${arrows.length} positions of ${layer}`}
          >
            <Arrows arrows={arrows} unit={unit} />
          </PictureFrame>
          <figcaption>
            The taps move by {inPixels(mean)} on average and {inPixels(greatest)} at most.
            {step > 1 && ` One arrow for every ${step}×${step} positions.`}
          </figcaption>
        </figure>
      ))}
    </div>
  );
}
