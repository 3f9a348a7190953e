/**
 * Texture layout in which the rectangles of an image gradient are summed: pages, each an image of up to 4 · pageQuads
 * channels that bins read together, in row-major order with the quads of a pixel side by side. The pixels of a bin are
 * then one rectangle of texels, whatever its size. Most gradients fit in one texture; larger ones take several passes.
 */
import * as tf from '@tensorflow/tfjs';
import type { WebGLCall } from '../../backends/webgl/adapter.js';
import type { Surface } from '../../backends/webgl/program.js';
import { shader } from '../../backends/webgl/shader.js';
import type { Numbers } from './form.js';
import type { RoiGeometry } from './geometry.js';

/** Layout of the pages. */
export interface Pages {
  /** Pages per class of channels. */
  readonly chunks: number;
  /** Texels per pixel on a page. */
  readonly pageQuads: number;
  /** Pages per row of the texture. */
  readonly across: number;
  /** Number of pages in one pass, and in total. */
  readonly together: number;
  readonly count: number;
}

/** Computes the layout; undefined if a row or column of the image exceeds a texture. */
export function pagesOf(g: RoiGeometry, numbers: Numbers): Pages | undefined {
  const side = tf.env().getNumber('WEBGL_MAX_TEXTURE_SIZE');
  if (g.inHeight > side || g.inWidth > side) return undefined;
  const { groupHeight, groupWidth, classes } = numbers as Record<'groupHeight' | 'groupWidth' | 'classes', number>;
  const quads = Math.ceil(g.outChannels / classes / 4);
  const chunks = Math.ceil(quads / Math.floor(side / g.inWidth));
  const pageQuads = Math.ceil(quads / chunks);
  const count = g.batch * groupHeight * groupWidth * classes * chunks;
  const across = Math.min(Math.floor(side / (g.inWidth * pageQuads)), count);
  const together = Math.min(across * Math.floor(side / g.inHeight), count);
  return { chunks, pageQuads, across, together, count };
}

/** Uniforms of {@link PAGES}. */
export const PAGE_INTS = ['chunks', 'pageQuads', 'across', 'firstPage', 'endPage'] as const;

/** `pageOf(number)` returns the first texel of a page, or (−1, −1) if it belongs to another pass. */
export const PAGES = `
int pageNumber(int number, int group, int owner, int chunk) {
  return ((number * groupHeight * groupWidth + group) * classes + owner) * chunks + chunk;
}
ivec2 pageOf(int page) {
  if (page < firstPage || page >= endPage) return ivec2(-1);
  int slot = page - firstPage;
  return ivec2(slot % across * inWidth * pageQuads, slot / across * inHeight);
}`;

/** Copies the pages of a pass to the image gradient; elements of other passes keep their values. */
const collectShader = shader<'sums', string>(
  'flat',
  { sums: 'blocks' },
  ['inHeight', 'inWidth', 'inChannels', 'outChannels', 'groupHeight', 'groupWidth', 'classes', ...PAGE_INTS],
  `${PAGES}
float value(int index) {
  int pixel = index / inChannels;
  int channel = index % inChannels;
  int groups = groupHeight * groupWidth;
  int within = channel / groups % (outChannels / classes);
  int owner = channel / groups / (outChannels / classes);
  int quad = within / 4;
  int number = pixel / inWidth / inHeight;
  ivec2 corner = pageOf(pageNumber(number, channel % groups, owner, quad / pageQuads));
  if (corner.x < 0) discard;
  int x = corner.x + pixel % inWidth * pageQuads + quad % pageQuads;
  int y = corner.y + pixel / inWidth % inHeight;
  return sumsTexel(y * sumsWidth + x)[within % 4];
}`,
);

/** Computes an image gradient: `add` draws one pass into a texture of zeros, with uniforms that select its pages. */
export function collectPages(
  call: WebGLCall,
  g: RoiGeometry,
  numbers: Numbers,
  pages: Pages,
  target: Surface,
  add: (sums: Surface, ints: Numbers) => void,
): void {
  if (target.size === 0) return;
  const { pageQuads, across, together, count } = pages;
  const sums = call.grid(Math.ceil(together / across) * g.inHeight, across * g.inWidth * pageQuads);
  for (let firstPage = 0; firstPage < count; firstPage += together) {
    const ints = { ...numbers, ...pages, firstPage, endPage: firstPage + together };
    call.clear(sums);
    add(sums, ints);
    call.draw(collectShader, { inputs: { sums }, ints, target });
  }
  call.release(sums);
}
