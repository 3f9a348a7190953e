/** An image with a margin, drawn in units of its pixels; the pointer or the arrow keys select a location on it. */
import type { ComponentChildren, JSX } from 'preact';
import { useId, useMemo } from 'preact/hooks';
import type { Axes, Pixels } from './messages.js';
import { pixelsUrl } from './pixel_image.js';

/** Margin around the image, as a fraction of its longer side: samples may fall outside. */
const MARGIN = 0.14;

/** Callbacks for pointing at a picture; locations are [y, x] in pixels of the image. */
export interface Pointing {
  /** Called while the pointer is over a location, until it leaves. */
  readonly onHover: (location: Axes | undefined) => void;
  readonly onChoose: (location: Axes) => void;
  /** Called with the rows and columns to move by when an arrow key is pressed. One of several equal pictures is enough. */
  readonly onStep?: ((step: Axes) => void) | undefined;
}

interface Props extends Pointing {
  readonly pixels: Pixels;
  readonly title: string;
  /** Description for screen readers. */
  readonly description: string;
  readonly children: ComponentChildren;
}

/** Rows and columns to move by for each arrow key. */
export const STEPS: Readonly<Record<string, Axes>> = {
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
  const locationOf = ({ currentTarget, clientX, clientY }: MouseEvent): Axes => {
    const box = (currentTarget as SVGSVGElement).getBoundingClientRect();
    // Pixel centres are integers.
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
          if (event.pointerType === 'mouse') onHover(locationOf(event));
        }}
        onPointerLeave={() => onHover(undefined)}
        onClick={(event) => onChoose(locationOf(event))}
      >
        <clipPath id={clip}>
          <rect x={-margin} y={-margin} width={outerWidth} height={outerHeight} />
        </clipPath>
        <image class="see-pixels" href={url} width={width} height={height} preserveAspectRatio="none" />
        {/* Pixel centres are integers in the package and half-integers in SVG. */}
        <g clip-path={`url(#${clip})`} transform="translate(0.5 0.5)">
          {children}
        </g>
      </svg>
    </div>
  );
}
