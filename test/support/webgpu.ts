/** The host's WebGPU backend in the tests, on what test/support/environment.cjs found. */
import { createRequire } from 'node:module';

const load = createRequire(__filename);

/** Why WebGPU cannot run here; undefined where it can. */
export function webgpuAbsence(): string | undefined {
  return (globalThis as { webgpuAbsence?: string }).webgpuAbsence;
}

/** Opens WebGPU in a process that is no test, as the environment does it for tests. */
export async function openWebGPU(): Promise<void> {
  const adapter = load('./webgpu_adapter.cjs') as { installWebGPU: (scope: object) => Promise<void> };
  await adapter.installWebGPU(globalThis);
}

/** Registers the backend 'webgpu'. */
export function loadWebGPU(): void {
  load('@tensorflow/tfjs-backend-webgpu');
}
