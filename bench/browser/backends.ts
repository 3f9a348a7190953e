/** Backends of this browser, and their devices. */
import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-webgpu';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import type { BackendName } from './backend_names.js';

// Beside the page.
setWasmPaths('./');

export interface Backend {
  readonly name: BackendName;
  /** Device or engine, or the reason why the backend is not available. */
  readonly device: string;
  readonly present: boolean;
}

const absent = (name: BackendName, device: string): Backend => ({ name, device, present: false });

async function webgpu(): Promise<Backend> {
  const name = 'webgpu';
  if (!('gpu' in navigator)) return absent(name, 'this browser has no WebGPU, or not on this address');
  const adapter = await navigator.gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (adapter === null) return absent(name, 'no adapter');
  const { vendor, architecture, device, description } = adapter.info;
  const words = [description, vendor, architecture, device].filter((word) => word !== '');
  return { name, device: words.join(', '), present: true };
}

function webgl(): Backend {
  const name = 'webgl';
  const gl = document.createElement('canvas').getContext('webgl2');
  if (gl === null) return absent(name, 'no WebGL 2');
  const info = gl.getExtension('WEBGL_debug_renderer_info');
  const device = gl.getParameter(info === null ? gl.RENDERER : info.UNMASKED_RENDERER_WEBGL) as string;
  gl.getExtension('WEBGL_lose_context')?.loseContext();
  return { name, device, present: true };
}

/** Lists the backends that the page can run. */
export async function findBackends(): Promise<Backend[]> {
  const cores = `${navigator.hardwareConcurrency} logical processors`;
  return [
    await webgpu(),
    webgl(),
    { name: 'wasm', device: `one thread; ${cores}`, present: true },
    { name: 'cpu', device: `JavaScript, one thread; ${cores}`, present: true },
  ];
}

/** Activates a backend. */
export async function activate(name: BackendName): Promise<void> {
  if (name === 'wasm') tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
  if (!(await tf.setBackend(name))) throw new Error(`The backend '${name}' did not start`);
  await tf.ready();
}

/** Tolerance for equal results, relative to the largest value. */
export function toleranceOf(name: BackendName): number {
  return name === 'webgl' && !tf.env().getBool('WEBGL_RENDER_FLOAT32_ENABLED') ? 2e-2 : 1e-3;
}
