/** Diagram of a convolution: its feature maps and kernels in a row, with the cells that the selected output cell reads. */
import type { JSX } from 'preact';
import type { Place } from 'tfjs-convolutions/geometry';
import type { MapReads, Picture } from '../model/maps.js';
import { productsOf, type Numbers } from '../model/numbers.js';
import type { Backward } from '../model/backward.js';
import { KernelFigure } from './kernel_figure.js';
import { MapFigure } from './map_figure.js';
import type { Frame } from './plane.js';
import { Products } from './products.js';
import type { Source } from './use_source.js';
import { useWidths } from './use_widths.js';

export interface PictureViewProps {
  readonly picture: Picture;
  readonly traced: readonly MapReads[];
  readonly cell: Place;
  /** Index of the feature map with the selected cell; those after it are blank. */
  readonly target: number;
  /** Visible channel of every feature map; that of the target is the selected channel. */
  readonly shown: readonly number[];
  readonly numbers: Numbers | null;
  /** Numbers of every feature map, if known. */
  readonly values: readonly (readonly number[] | undefined)[];
  /** ID of the text that describes the cells read. */
  readonly describedBy: string;
  /** Whether to shade output cells by the number of products they sum. */
  readonly isShaded: boolean;
  /** Gradients of the selected output cell, which the picture shows in place of values. */
  readonly backward: Backward | null;
  /** Index of the last output cell that is computed; `null` for all. */
  readonly reached: number | null;
  /** Highlighted tap of each stage; `null` if there is none. */
  readonly taps: readonly (Place | null)[];
  readonly onChoose: (cell: Place) => void;
  readonly onHover: (cell: Place | null) => void;
  readonly onTap: (stage: number, tap: Place) => void;
  readonly onHoverTap: (stage: number, tap: Place | null) => void;
  readonly onWeight: (stage: number, index: number, value: number) => void;
  readonly onShow: (map: number, channel: number) => void;
  /** Input cell whose way is shown, if one can be chosen. */
  readonly source: Source | undefined;
  /** True if taps or bins can be dragged in the input. */
  readonly hasHandles: boolean;
  /** Elements over the input that take the pointer. */
  readonly over: ((frame: Frame) => JSX.Element) | undefined;
  /** Largest width of a feature map in pixels. @default what fits on the screen */
  readonly widest?: number;
  /** False to leave out the products of the selected cell. @default true */
  readonly hasProducts?: boolean;
}

export function PictureView(props: PictureViewProps): JSX.Element {
  const { picture, traced, shown, numbers, backward, taps, hasProducts = true, onTap, onWeight } = props;
  const widths = useWidths(picture.maps.length, props.hasHandles);
  return (
    <div class={`maps of-${picture.maps.length}`}>
      {picture.maps.map((_, index) => (
        <>
          <MapFigure key={`map ${index}`} {...props} index={index} widest={props.widest ?? widths[index]!} />
          {index < picture.stages.length ? (
            <div class="between" key={`stage ${index}`}>
              <KernelFigure
                stage={picture.stages[index]!}
                reads={traced[index]!}
                input={shown[index]!}
                output={shown[index + 1]!}
                weights={backward?.weights[index] ?? numbers?.weights[index]}
                isGradient={backward !== null}
                tap={taps[index]!}
                onChoose={(tap) => onTap(index, tap)}
                onWeight={(weight, value) => onWeight(index, weight, value)}
              />
              {hasProducts && backward === null ? <StageProducts {...props} index={index} /> : null}
              <span class="arrow" aria-hidden="true" />
            </div>
          ) : null}
        </>
      ))}
    </div>
  );
}

/** The products of a stage whose result is one cell, and whose values are known. */
function StageProducts(props: PictureViewProps & { readonly index: number }): JSX.Element | null {
  const { picture, traced, shown, values, numbers, taps, index, onTap, onHoverTap } = props;
  const { kernel } = picture.stages[index]!;
  const [before, weights] = [values[index], numbers?.weights[index]];
  if (kernel === null || before === undefined || weights === undefined || traced[index]!.target === null) return null;
  const all = productsOf(picture, index, traced[index]!, before, weights, shown[index + 1]!);
  const channel = all.find((each) => each.channel === shown[index]) ?? all[0]!;
  return (
    <Products
      size={kernel.size}
      shown={channel}
      channels={all.length}
      tap={taps[index]!}
      onChoose={(tap) => onTap(index, tap)}
      onHover={(tap) => onHoverTap(index, tap)}
    />
  );
}
