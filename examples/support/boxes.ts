/** Boxes (y1, x1, y2, x2) in pixels, and where one lies as seen from another, as SSD and R-CNN networks predict it. */

export interface Box {
  readonly y1: number;
  readonly x1: number;
  readonly y2: number;
  readonly x2: number;
}

/** Four numbers that say where a box lies, as seen from another: (y, x, height, width). */
export type BoxOffset = readonly [number, number, number, number];

/** A tenth of the size moves as much as a fifth of a factor of e: of offsets so scaled, all four are about 1. */
const SCALES = [0.1, 0.1, 0.2, 0.2] as const;

/** Part of two boxes together that both cover. */
export function overlap(a: Box, b: Box): number {
  const height = Math.min(a.y2, b.y2) - Math.max(a.y1, b.y1);
  const width = Math.min(a.x2, b.x2) - Math.max(a.x1, b.x1);
  if (height <= 0 || width <= 0) return 0;
  return (height * width) / (area(a) + area(b) - height * width);
}

/** Where `box` lies as seen from `from`. */
export function encode(box: Box, from: Box): BoxOffset {
  const [to, start] = [centred(box), centred(from)];
  return [
    (to.y - start.y) / start.height / SCALES[0],
    (to.x - start.x) / start.width / SCALES[1],
    Math.log(to.height / start.height) / SCALES[2],
    Math.log(to.width / start.width) / SCALES[3],
  ];
}

/** The box that lies there as seen from `from`, cut at the borders of the image. */
export function decode([y, x, height, width]: BoxOffset, from: Box, size: number): Box {
  const start = centred(from);
  const [middleY, middleX] = [start.y + y * SCALES[0] * start.height, start.x + x * SCALES[1] * start.width];
  const [halfY, halfX] = [
    (start.height / 2) * Math.exp(height * SCALES[2]),
    (start.width / 2) * Math.exp(width * SCALES[3]),
  ];
  const inside = (place: number): number => Math.min(Math.max(place, 0), size);
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
