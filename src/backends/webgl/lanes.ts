/** Splits texels of up to four numbers. */
import type { WebGLCall } from './adapter.js';
import type { Surface } from './program.js';
import { shader } from './shader.js';

/** Copies lanes [lane, lane + count) of the texels to the flat target, starting at element `first` · count. */
export function takeLanes(
  call: WebGLCall,
  texels: Surface,
  lanes: { readonly lane: number; readonly count: number },
  target: Surface,
  [first, end]: readonly [number, number],
): void {
  const { count } = lanes;
  call.draw(lanesShader, { inputs: { texels }, ints: { ...lanes, first }, target }, first * count, end * count);
}

const lanesShader = shader(
  'flat',
  { texels: 'blocks' },
  ['count', 'lane', 'first'],
  `
float value(int index) {
  int texel = quotient(index, count);
  return texelsTexel(texel - first)[lane + index - texel * count];
}`,
);
