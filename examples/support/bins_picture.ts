/** Draws boxes in scenes and the shifted bins of deformable pooling, as SVG. */
import type * as tf from '@tensorflow/tfjs';
import { pngDataUrl } from 'tfjs-convolutions/plots';
import { GAMMA, type BoxedScenes } from './missed_boxes.js';

const SIDE = 196;
const GAP = 12;

/**
 * Draws the first scenes side by side: the box dashed, with its bins shifted by the offsets.
 *
 * @param offsets [scenes to draw, bins, bins, (y, x)], relative to the box size as the operator takes them
 */
export async function binsPicture(data: BoxedScenes, offsets: tf.Tensor4D): Promise<string> {
  const moves = offsets.arraySync();
  const total = { width: moves.length * (SIDE + GAP) + GAP, height: SIDE + 2 * GAP };
  const panels: string[] = [];
  for (const [index, rows] of moves.entries()) {
    panels.push(await panel(data, index, rows, GAP + index * (SIDE + GAP)));
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${total.width}" height="${total.height}" viewBox="0 0 ${total.width} ${total.height}">`,
    '<rect width="100%" height="100%" fill="white"/>',
    ...panels,
    '</svg>',
  ].join('');
}

async function panel({ scenes, boxes }: BoxedScenes, index: number, rows: number[][][], left: number): Promise<string> {
  const { size, images } = scenes;
  const length = size * size * 3;
  const values = images.slice(index * length, (index + 1) * length).map((value) => (value + 1) * 127.5);
  const url = await pngDataUrl({ values, height: size, width: size, channels: 3 });
  const { y1, x1, y2, x2 } = boxes[index]!;
  const [height, width] = [y2 - y1, x2 - x1];
  const rect = (y: number, x: number, parts: number, style: string): string =>
    `<rect x="${x}" y="${y}" width="${width / parts}" height="${height / parts}" fill="none" ${style} vector-effect="non-scaling-stroke"/>`;
  const bins = rows.flatMap((row, i) =>
    row.map((offset, j) => {
      const [dy, dx] = offset as [number, number];
      const y = y1 + height * (i / rows.length + GAMMA * dy);
      const x = x1 + width * (j / rows.length + GAMMA * dx);
      return rect(y, x, rows.length, 'stroke="#d55e00" stroke-width="1.6"');
    }),
  );
  return [
    `<svg x="${left}" y="${GAP}" width="${SIDE}" height="${SIDE}" viewBox="0 0 ${size} ${size}">`,
    `<image href="${url}" width="${size}" height="${size}" style="image-rendering: pixelated" opacity="0.8"/>`,
    ...bins,
    rect(y1, x1, 1, 'stroke="#000" stroke-width="2" stroke-dasharray="5 3"'),
    '</svg>',
  ].join('');
}
