/**
 * Additions to places anywhere in a tensor. A shader can only write where it stands, so they are drawn, as points or
 * rectangles, with additive blending into a float texture (EXT_float_blend; what is drawn blends in order). Where a device
 * cannot blend float32, the kernels read what they need back and let the processor add: right, but slower, and the calling
 * thread waits for the device.
 */
import type { WebGLCall } from './adapter.js';

/** Whether this device blends float32. */
export function canBlend(call: WebGLCall): boolean {
  return call.precise && call.backend.gpgpu.gl.getExtension('EXT_float_blend') !== null;
}
