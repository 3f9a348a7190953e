/**
 * Additions at arbitrary positions of a tensor. A fragment shader can only write to its own texel, so contributions are
 * drawn, as points or rectangles, with additive blending into a float texture (EXT_float_blend; primitives blend in
 * order). If the device cannot blend float32, the kernels read their inputs back and fall back to the CPU: correct, but
 * slower, and the calling thread waits for the device.
 */
import type { WebGLCall } from './adapter.js';

/** Tests whether the device can blend float32. */
export function canBlend(call: WebGLCall): boolean {
  return call.precise && call.backend.gpgpu.gl.getExtension('EXT_float_blend') !== null;
}
