/** Objects that can be dragged in the input: handles over the feature map, and a panel with the same values as fields. */
import type { JSX } from 'preact';
import type { Place } from 'tfjs-convolutions/geometry';
import { binsAt } from '../convolutions/roi_pooling.js';
import { valueAt } from '../model/numbers.js';
import { offsetAt, snap, TAP_STEP, withMask, withOffset } from '../model/offsets.js';
import type { View } from '../model/use_view.js';
import { BinHandles } from './bin_handles.js';
import { BinPanel } from './bin_panel.js';
import type { Frame } from './plane.js';
import { TapHandles } from './tap_handles.js';
import { TapPanel } from './tap_panel.js';

export interface Dragging {
  readonly handles: (frame: Frame) => JSX.Element;
  readonly panel: JSX.Element;
}

export function tapDragging(view: View, selected: number, onSelect: (tap: number) => void): Dragging {
  const { valid, picture, traced, shown, values } = view;
  const { offsets, masks, version } = valid;
  const { reads } = traced[0]!;
  const onMove = (tap: number, offset: Place): void => {
    view.change({ offsets: withOffset(offsets, tap, offset) });
  };
  const [map] = picture.maps;
  const [known] = values;
  const shared = { reads, offsets, selected: Math.min(selected, reads.length - 1), onSelect, onMove };
  return {
    handles: (frame) => <TapHandles frame={frame} {...shared} gradients={view.backward?.offsets} />,
    panel: (
      <TapPanel
        {...shared}
        isModulated={version === 'v2'}
        valueAt={known && (([y, x]) => valueAt(map!, known, y, x, shown[0]!))}
        onMask={(tap, mask) => view.change({ masks: withMask(masks, tap, mask) })}
        onReset={() => view.change({ offsets: [], masks: [] })}
      />
    ),
  };
}

const rounded = (value: number): number => Math.round(value * 1e4) / 1e4;

export function binDragging(view: View): Dragging {
  const { valid, cell, choose } = view;
  const { offsets, gamma, box, binColumns } = valid;
  const bins = binsAt(valid);
  const boxSize = [box[2]! - box[0]!, box[3]! - box[1]!] as const;
  const chosen = cell[0] * binColumns + cell[1];
  const move = (bin: number, offset: Place): void => {
    view.change({ offsets: withOffset(offsets, bin, offset) });
  };
  return {
    handles: (frame) => (
      <BinHandles
        {...{ frame, bins, box }}
        chosen={cell}
        onChoose={choose}
        onMove={(bin, start) => {
          const before = offsetAt(offsets, bin);
          const along = (axis: 0 | 1): number => {
            const unit = gamma * boxSize[axis];
            const rest = bins[bin]!.start[axis] - unit * before[axis];
            return rounded(snap(start[axis] - rest, TAP_STEP) / unit);
          };
          move(bin, [along(0), along(1)]);
        }}
        onBox={(next) => view.change({ box: next })}
      />
    ),
    panel: (
      <BinPanel
        bin={cell}
        offset={offsetAt(offsets, chosen)}
        {...{ gamma, boxSize }}
        onOffset={(offset) => move(chosen, offset)}
        onReset={() => view.change({ offsets: [] })}
      />
    ),
  };
}
