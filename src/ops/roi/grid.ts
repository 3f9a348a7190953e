/**
 * Plans of the operators whose bins form a regular grid: every bin is the intersection of a row and a column of bins.
 */
import type { RoiGeometry } from './geometry.js';
import { PlanBuilder, tabulate, type Regions, type RoiPlan } from './plan.js';

/** One axis of a box and of its image. */
export interface BoxAxis {
  /** Start and end of the box, in its own units. */
  readonly start: number;
  readonly end: number;
  /** Size of the image in pixels. */
  readonly size: number;
  readonly bins: number;
}

/** Adds the line of one bin along an axis and returns its index. */
export type BinLine = (builder: PlanBuilder, bin: number) => number;

/**
 * Makes a plan from the lines that `lineOf` adds. A position-sensitive bin (i, j) reads its own channels: output
 * channel c is input channel (c · outHeight + i) · outWidth + j.
 */
export function planGrid(
  g: RoiGeometry,
  { boxes, indices }: Regions,
  positionSensitive: boolean,
  lineOf: (axis: BoxAxis) => BinLine,
): RoiPlan {
  const bins = g.outHeight * g.outWidth;
  const builder = new PlanBuilder(g, g.boxCount * bins, g.outChannels, positionSensitive ? bins : 1);
  const lines = (axis: BoxAxis): number[] => {
    const line = lineOf(axis);
    return tabulate(axis.bins, (bin) => line(builder, bin));
  };
  for (let box = 0; box < g.boxCount; box++) {
    const [y1, x1, y2, x2] = [boxes[box * 4]!, boxes[box * 4 + 1]!, boxes[box * 4 + 2]!, boxes[box * 4 + 3]!];
    const rows = lines({ start: y1, end: y2, size: g.inHeight, bins: g.outHeight });
    const columns = lines({ start: x1, end: x2, size: g.inWidth, bins: g.outWidth });
    rows.forEach((row, i) => {
      columns.forEach((column, j) => {
        builder.bin(row, column, indices[box]!, positionSensitive ? i * g.outWidth + j : 0);
      });
    });
  }
  return builder.finish();
}
