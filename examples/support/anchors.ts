/**
 * Anchors of a multi-scale detector: boxes around every position of every feature map, for which the network predicts
 * classes and offsets. W. Liu et al., "SSD: Single Shot MultiBox Detector" (2016), section 2.2.
 */
import { encode, overlap, type Box } from './boxes.js';
import type { Labelled } from './average_precision.js';

/** Boxes of one feature map. */
export interface AnchorScale {
  /** Rows and columns of the map. */
  readonly positions: number;
  /** Side of the square, in pixels. */
  readonly side: number;
  /** Side of the larger square. */
  readonly larger: number;
  /** 4 boxes: two squares and the aspect ratios 2 and 1/2; 6 boxes: also 3 and 1/3. */
  readonly boxes: 4 | 6;
}

/** Target class and offset of each anchor. */
export interface Matched {
  /** Class of each anchor, 0 for background; −1 for anchors to ignore. */
  readonly labels: Int32Array;
  /** [anchors, 4]; zeros where there is no object. */
  readonly offsets: Float32Array;
}

/** An anchor of at least the first overlap is positive, one below the second is negative. */
const FOUND = 0.5;
const MISSED = 0.4;

/** Anchors in the order of `conv.rfbHead`: scale, row, column, box. */
export function anchorBoxes(scales: readonly AnchorScale[], size: number): Box[] {
  return scales.flatMap(({ positions, side, larger, boxes }) => {
    const ratios = boxes === 6 ? [2, 1 / 2, 3, 1 / 3] : [2, 1 / 2];
    const shapes = [
      ...[side, larger].map((square) => [square, square] as const),
      ...ratios.map((ratio) => [side / Math.sqrt(ratio), side * Math.sqrt(ratio)] as const),
    ];
    const middle = (position: number): number => ((position + 0.5) * size) / positions;
    return Array.from({ length: positions * positions }, (_, index) => {
      const [y, x] = [middle(Math.floor(index / positions)), middle(index % positions)];
      return shapes.map(([height, width]) => ({
        y1: y - height / 2,
        x1: x - width / 2,
        y2: y + height / 2,
        x2: x + width / 2,
      }));
    }).flat();
  });
}

/** Assigns to every anchor the object with the largest overlap, and to every object at least its best anchor. */
export function matchAnchors(anchors: readonly Box[], objects: readonly Labelled[]): Matched {
  const labels = new Int32Array(anchors.length);
  const offsets = new Float32Array(4 * anchors.length);
  const give = (anchor: number, object: Labelled): void => {
    labels[anchor] = object.label;
    offsets.set(encode(object, anchors[anchor]!), 4 * anchor);
  };
  const best = objects.map(() => ({ anchor: 0, overlap: -1 }));
  anchors.forEach((anchor, index) => {
    const overlaps = objects.map((object) => overlap(anchor, object));
    overlaps.forEach((value, object) => {
      if (value > best[object]!.overlap) best[object] = { anchor: index, overlap: value };
    });
    const most = Math.max(0, ...overlaps);
    if (most >= FOUND) give(index, objects[overlaps.indexOf(most)]!);
    else if (most >= MISSED) labels[index] = -1;
  });
  best.forEach(({ anchor }, object) => {
    give(anchor, objects[object]!);
  });
  return { labels, offsets };
}
