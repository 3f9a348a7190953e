/**
 * Boxes (y1, x1, y2, x2) in pixels, and box offsets relative to a reference box, as SSD and R-CNN networks predict
 * them.
 */

export interface Box {
  readonly y1: number;
  readonly x1: number;
  readonly y2: number;
  readonly x2: number;
}

/** Offset of a box relative to a reference box: (y, x, height, width). */
export type BoxOffset = readonly [number, number, number, number];

/**
 * Scales of the box offsets: a position offset in tenths of the size and a log size offset in fifths are both about 1.
 */
const SCALES = [0.1, 0.1, 0.2, 0.2] as const;

/** Intersection over union of two boxes. */
export function overlap(a: Box, b: Box): number {
  const height = Math.min(a.y2, b.y2) - Math.max(a.y1, b.y1);
  const width = Math.min(a.x2, b.x2) - Math.max(a.x1, b.x1);
  if (height <= 0 || width <= 0) return 0;
  return (height * width) / (area(a) + area(b) - height * width);
}

/** Offset of `box` relative to `from`. */
export function encode(box: Box, from: Box): BoxOffset {
  const [to, start] = [centred(box), centred(from)];
  return [
    (to.y - start.y) / start.height / SCALES[0],
    (to.x - start.x) / start.width / SCALES[1],
    Math.log(to.height / start.height) / SCALES[2],
    Math.log(to.width / start.width) / SCALES[3],
  ];
}

/** Box at the given offset from `from`, clipped to the image. */
export function decode([y, x, height, width]: BoxOffset, from: Box, size: number): Box {
  const start = centred(from);
  const [middleY, middleX] = [start.y + y * SCALES[0] * start.height, start.x + x * SCALES[1] * start.width];
  const [halfY, halfX] = [
    (start.height / 2) * Math.exp(height * SCALES[2]),
    (start.width / 2) * Math.exp(width * SCALES[3]),
  ];
  const inside = (coordinate: number): number => Math.min(Math.max(coordinate, 0), size);
  return {
    y1: inside(middleY - halfY),
    x1: inside(middleX - halfX),
    y2: inside(middleY + halfY),
    x2: inside(middleX + halfX),
  };
}

function area({ y1, x1, y2, x2 }: Box): number {
  return (y2 - y1) * (x2 - x1);
}

function centred({ y1, x1, y2, x2 }: Box): { y: number; x: number; height: number; width: number } {
  return { y: (y1 + y2) / 2, x: (x1 + x2) / 2, height: y2 - y1, width: x2 - x1 };
}
