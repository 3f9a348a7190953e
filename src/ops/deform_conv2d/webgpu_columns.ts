/** The products of deformConv2d on WebGPU whose left operand are columns of samples. */
import type { Shader } from '../../backends/webgpu/adapter.js';
import { columnsProduct, filterProduct, forwardProduct } from '../../backends/webgpu/column_products.js';
import { STEPPING } from '../../backends/webgpu/columns.js';
import { DEFORM_GEOMETRY, sampleCorners, sampling } from './webgpu_samples.js';

/** Columns of samples, each multiplied by its mask. Reads `image`, `offset` and, if there is one, `mask`. */
const sampleColumns = (modulated: boolean): string => `${STEPPING}
  ${sampling(modulated)}
  ${sampleCorners(1)}
  fn openTap() -> bool {
    planTap(section(group * uniforms.groupIn + channel), tapY, tapX);
    return inside;
  }
  fn section(c : i32) -> i32 {
    return c / uniforms.offsetIn;
  }
  fn value(c : i32) -> f32 {
    return modulation * blended(around(c));
  }`;

function columnShaders(modulated: boolean) {
  const columns: Shader = {
    key: `deform_conv2d/${modulated ? 'modulated' : 'plain'}`,
    inputs: ['image', 'offset', ...(modulated ? ['mask'] : [])],
    integers: DEFORM_GEOMETRY,
    code: sampleColumns(modulated),
  };
  const half = (bias: boolean) => forwardProduct(columns, { bias, weights: 'half' });
  return {
    forward: columnsProduct(columns),
    half: { plain: half(false), biased: half(true) },
    filter: filterProduct(columns),
  };
}

export const MODULATED = columnShaders(true);
export const PLAIN = columnShaders(false);
