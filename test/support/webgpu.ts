/** The webgpu backend of TensorFlow.js in tests, on the device that test/support/environment.cjs found. */
import { createRequire } from 'node:module';

const load = createRequire(__filename);

/** Reason why WebGPU cannot run here; undefined if it can. */
export function webgpuAbsence(): string | undefined {
  return (globalThis as { webgpuAbsence?: string }).webgpuAbsence;
}

/** Opens WebGPU in a process other than a test, as the environment does for tests. */
export async function openWebGPU(): Promise<void> {
  const adapter = load('./webgpu_adapter.cjs') as { installWebGPU: (scope: object) => Promise<void> };
  await adapter.installWebGPU(globalThis);
}

/** Registers the backend 'webgpu'. */
export function loadWebGPU(): void {
  load('@tensorflow/tfjs-backend-webgpu');
}
