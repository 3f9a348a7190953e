/** Counting on WebGL inside the browser: a new page for each workload, and therefore a fresh backend. */
import * as tf from '@tensorflow/tfjs';
import { count, type Counted } from './count.js';
import { measureStep, type PartCost, type Side } from './measure_step.js';
import { watchWebGL } from './webgl_recorder.js';
import { LISTS } from './works.js';

export async function countOnWebGL(list: keyof typeof LISTS, index: number): Promise<Counted> {
  if (!(await tf.setBackend('webgl'))) throw new Error("The backend 'webgl' did not start");
  return count(LISTS[list][index]!, watchWebGL(), { twice: list === 'operators' });
}

/** Measures a training step with the layers of one side. */
export async function measureStepOnWebGL(side: Side): Promise<readonly PartCost[]> {
  if (!(await tf.setBackend('webgl'))) throw new Error("The backend 'webgl' did not start");
  const recorder = watchWebGL();
  const { gl } = (tf.backend() as unknown as { readonly gpgpu: { readonly gl: WebGL2RenderingContext } }).gpgpu;
  return measureStep(side, recorder, waitingFor(gl));
}

/** Reading what was written after all other work waits for the device; gl.finish() need not. */
function waitingFor(gl: WebGL2RenderingContext): () => void {
  const [framebuffer, texture, pixel] = [gl.createFramebuffer(), gl.createTexture(), new Uint8Array(4)];
  const bound = gl.getParameter(gl.TEXTURE_BINDING_2D) as WebGLTexture | null;
  gl.bindTexture(gl.TEXTURE_2D, texture);
  gl.texStorage2D(gl.TEXTURE_2D, 1, gl.RGBA8, 1, 1);
  gl.bindTexture(gl.TEXTURE_2D, bound);
  return () => {
    const before = gl.getParameter(gl.FRAMEBUFFER_BINDING) as WebGLFramebuffer | null;
    const scissors = gl.isEnabled(gl.SCISSOR_TEST);
    gl.bindFramebuffer(gl.FRAMEBUFFER, framebuffer);
    gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, texture, 0);
    gl.disable(gl.SCISSOR_TEST);
    gl.clear(gl.COLOR_BUFFER_BIT);
    gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, pixel);
    if (scissors) gl.enable(gl.SCISSOR_TEST);
    gl.bindFramebuffer(gl.FRAMEBUFFER, before);
  };
}
