/** A scene as dark ink on paper, the same in light and dark mode, with marks on it in pixels of the image. */
import type { ComponentChildren, JSX, RefObject } from 'preact';
import { SCENE_SIZE } from 'tfjs-convolutions/cli/scenes';
import { drawPixels } from '../../shared/draw_pixels.js';
import type { PointerHandlers } from './use_object_gestures.js';

/** Pixels around the image: samples may lie outside of it. */
const MARGIN = 3;
const [FIRST, SIDE] = [-MARGIN - 0.5, SCENE_SIZE + 2 * MARGIN];

/** @param image from 0 to 1 @returns a data URL */
export function paperUrl(image: Float32Array): string {
  return drawPixels(SCENE_SIZE, SCENE_SIZE, (pixel) => {
    const light = 255 - 190 * image[pixel]!;
    return [light, light, light, 255];
  });
}

interface Props {
  readonly url: string;
  readonly label: string;
  readonly children?: ComponentChildren;
  /** Drawing and gestures, for a scene that is arranged on this paper. */
  readonly live?: { readonly svg: RefObject<SVGSVGElement | null>; readonly handlers: PointerHandlers };
}

export function ScenePaper({ url, label, children, live }: Props): JSX.Element {
  return (
    <svg
      class={live ? 'see-paper see-live' : 'see-paper'}
      viewBox={`${FIRST} ${FIRST} ${SIDE} ${SIDE}`}
      role={live ? 'group' : 'img'}
      aria-label={label}
      {...(live && { ref: live.svg, ...live.handlers })}
    >
      <image class="see-pixels" href={url} x={-0.5} y={-0.5} width={SCENE_SIZE} height={SCENE_SIZE} />
      {children}
    </svg>
  );
}
