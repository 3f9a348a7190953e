/** An image with room around it to draw in, in units of its pixels; a pointer or the arrow keys choose a place on it. */
import type { ComponentChildren, JSX } from 'preact';
import { useId, useMemo } from 'preact/hooks';
import type { Axes, Pixels } from './messages.js';
import { pixelsUrl } from './pixel_image.js';

/** What is shown around the image, as a share of its longer side: samples may lie outside. */
const MARGIN = 0.14;

/** What pointing at a picture does; places are [y, x] in pixels of the image. */
export interface Pointing {
  /** A place is pointed at for a while, until the pointer leaves. */
  readonly onHover: (place: Axes | undefined) => void;
  readonly onChoose: (place: Axes) => void;
  /** Steps by keys: rows and columns. Only one of several pictures of the same need take them. */
  readonly onStep?: ((step: Axes) => void) | undefined;
}

interface Props extends Pointing {
  readonly pixels: Pixels;
  readonly title: string;
  /** For a screen reader. */
  readonly description: string;
  readonly children: ComponentChildren;
}

const STEPS: Readonly<Record<string, Axes>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

export function PictureFrame(props: Props): JSX.Element {
  const { pixels, title, description, onHover, onChoose, onStep, children } = props;
  const { height, width } = pixels;
  const url = useMemo(() => pixelsUrl(pixels), [pixels]);
  const clip = useId();
  const margin = MARGIN * Math.max(height, width);
  const [outerHeight, outerWidth] = [height + 2 * margin, width + 2 * margin];
  const placeOf = ({ currentTarget, clientX, clientY }: MouseEvent): Axes => {
    const box = (currentTarget as SVGSVGElement).getBoundingClientRect();
    // Pixel centres are whole numbers.
    return [
      ((clientY - box.top) / box.height) * outerHeight - margin - 0.5,
      ((clientX - box.left) / box.width) * outerWidth - margin - 0.5,
    ];
  };
  const keys = onStep && {
    tabIndex: 0,
    role: 'application' as const,
    'aria-label': `${title}. The arrow keys move the position.`,
    onKeyDown: (event: KeyboardEvent) => {
      const step = STEPS[event.key];
      if (step === undefined) return;
      event.preventDefault();
      onStep(step);
    },
  };
  return (
    <div class="see-frame" {...keys}>
      <svg
        viewBox={`${-margin} ${-margin} ${outerWidth} ${outerHeight}`}
        role="img"
        aria-label={description}
        onPointerMove={(event) => {
          if (event.pointerType === 'mouse') onHover(placeOf(event));
        }}
        onPointerLeave={() => onHover(undefined)}
        onClick={(event) => onChoose(placeOf(event))}
      >
        <clipPath id={clip}>
          <rect x={-margin} y={-margin} width={outerWidth} height={outerHeight} />
        </clipPath>
        <image class="see-pixels" href={url} width={width} height={height} preserveAspectRatio="none" />
        {/* Centres of pixels are whole numbers for the package, and halves for a drawing. */}
        <g clip-path={`url(#${clip})`} transform="translate(0.5 0.5)">
          {children}
        </g>
      </svg>
    </div>
  );
}
