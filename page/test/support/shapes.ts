/** Three classes of colour images: a disc, a square or a triangle of any colour, size and position on a bright ground, as PNG files. */
import sharp from 'sharp';
import { Random } from '../../../src/training/random.js';
import type { StripeFile } from './stripes.js';

const SIDE = 96;

export const SHAPES = ['disc', 'square', 'triangle'] as const;

type Shape = (typeof SHAPES)[number];

/** The images of one class, the same every time. */
export async function shapes(kind: Shape, count: number): Promise<StripeFile[]> {
  const random = new Random(2, 'split', SHAPES.indexOf(kind));
  const files: StripeFile[] = [];
  for (let number = 0; number < count; number++) {
    const colour = (low: number): string => `rgb(${[0, 1, 2].map(() => low + random.below(60)).join()})`;
    const radius = 22 + random.below(16);
    const [x, y] = [SIDE / 2 + random.below(14) - 7, SIDE / 2 + random.below(14) - 7];
    const svg = `<svg width="${SIDE}" height="${SIDE}"><rect width="100%" height="100%" fill="${colour(190)}"/>${figure(kind, x, y, radius, colour(20))}</svg>`;
    files.push({
      name: `${kind} ${number}.png`,
      mimeType: 'image/png',
      buffer: await sharp(Buffer.from(svg)).png().toBuffer(),
    });
  }
  return files;
}

function figure(kind: Shape, x: number, y: number, r: number, fill: string): string {
  if (kind === 'disc') return `<circle cx="${x}" cy="${y}" r="${r}" fill="${fill}"/>`;
  if (kind === 'square') return `<rect x="${x - r}" y="${y - r}" width="${2 * r}" height="${2 * r}" fill="${fill}"/>`;
  return `<polygon points="${x},${y - r} ${x - r},${y + r} ${x + r},${y + r}" fill="${fill}"/>`;
}
