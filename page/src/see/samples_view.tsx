/** Sampling locations of one position, and those of a plain convolution. */
import type { JSX } from 'preact';
import { Cross } from './cross.js';
import { numbersOf, percent, pixels as inPixels, shareOnInk } from './describe_inspection.js';
import { Dots, Moves } from './dots.js';
import type { Inspection, LayerSampling, Pixels, Samples } from './messages.js';
import { PictureFrame, type Pointing } from './picture_frame.js';

interface Props {
  readonly inspection: Inspection & Samples;
  readonly sampling: LayerSampling;
  readonly pixels: Pixels;
  readonly pointing: Pointing;
}

export function SamplesView({ inspection, sampling, pixels, pointing }: Props): JSX.Element {
  const { center, deformable, plain, question } = inspection;
  const { meanMove, farthestMove, smallestWeight, largestWeight } = numbersOf(inspection);
  const onInk = { deformable: shareOnInk(deformable, pixels), plain: shareOnInk(plain, pixels) };
  const frame = { pixels, ...pointing };
  const where = `position ${question.position.join(', ')} of ${question.layer}`;
  return (
    <div class="see-pair">
      <figure data-tensors={inspection.tensors} data-position={question.position.join()}>
        <h4>Deformable: {deformable.length} samples</h4>
        <PictureFrame {...frame} title="Deformable network" description={`Dots where ${where} reads`}>
          {question.trace === 1 && <Moves from={plain} to={deformable} pixels={pixels} />}
          <Dots dots={deformable} pixels={pixels} />
          <Cross {...center} pixels={pixels} />
        </PictureFrame>
        <figcaption>
          The taps move by {inPixels(meanMove)} on average and {inPixels(farthestMove)} at most, with weights from{' '}
          {smallestWeight.toFixed(2)} to {largestWeight.toFixed(2)}.
          {onInk.deformable !== undefined && ` ${percent(onInk.deformable)} of their weight is on ink.`}
        </figcaption>
      </figure>
      <figure>
        <h4>Plain: {locationsOf(sampling, plain.length)}</h4>
        <PictureFrame {...frame} onStep={undefined} title="Plain network" description={`The fixed grid of ${where}`}>
          <Dots dots={plain} pixels={pixels} />
          <Cross {...center} pixels={pixels} />
        </PictureFrame>
        <figcaption>
          A plain convolution of this size would read the same grid whatever the picture, and every tap has weight 1.
          {onInk.plain !== undefined && ` ${percent(onInk.plain)} of it is on ink.`}
        </figcaption>
      </figure>
    </div>
  );
}

function locationsOf({ kernelSize: [height, width] }: LayerSampling, ways: number): string {
  return ways <= height * width ? `a fixed grid of ${ways}` : `a fixed grid, read in ${ways} ways`;
}
