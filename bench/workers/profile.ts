/** Where the time of a training step goes: each kernel's own time, without the kernels that it calls, and the rest. */
import * as tf from '@tensorflow/tfjs';
import { now } from './clock.js';
import { asUsed, buildModel, trainingStep } from './networks.js';
import type { Works } from './work.js';

/** Milliseconds and calls of one kernel in a step. */
export interface KernelTime {
  readonly kernel: string;
  readonly calls: number;
  readonly ms: number;
}

/** A step, kernel by kernel. */
export interface StepProfile {
  readonly total: number;
  readonly kernels: readonly KernelTime[];
}

const STEPS = 15;

/** Replaces a backend's kernels by timed ones while a function runs. */
function timeKernels(backend: string, body: () => void): Map<string, { calls: number; ms: number }> {
  const times = new Map<string, { calls: number; ms: number }>();
  // Time of the kernels that the current one has called.
  let inner = 0;
  const restore = tf.getKernelsForBackend(backend).map((config) => {
    const { kernelName, kernelFunc } = config;
    config.kernelFunc = (args) => {
      const outer = inner;
      inner = 0;
      const start = now();
      const result = kernelFunc(args);
      const elapsed = now() - start;
      const entry = times.get(kernelName) ?? { calls: 0, ms: 0 };
      times.set(kernelName, { calls: entry.calls + 1, ms: entry.ms + elapsed - inner });
      inner = outer + elapsed;
      return result;
    };
    return () => (config.kernelFunc = kernelFunc);
  });
  try {
    body();
  } finally {
    for (const undo of restore) undo();
  }
  return times;
}

export const profile: Works = {
  'profile.trainingStep': (inputs, params) => {
    const model = buildModel(inputs, params);
    const step = trainingStep(model, inputs, params);
    const steps: { total: number; kernels: ReturnType<typeof timeKernels> }[] = [];
    const profileStep = (): void => {
      const start = now();
      const kernels = timeKernels(tf.getBackend(), () => {
        tf.dispose(step());
      });
      steps.push({ total: now() - start, kernels });
    };
    asUsed(() => {
      for (let i = 0; i < STEPS; i++) profileStep();
    }, params);
    // The quickest step: what disturbs a step only adds to it.
    const best = steps.reduce((a, b) => (b.total < a.total ? b : a));
    const kernels = [...best.kernels].map(([kernel, { calls, ms }]) => ({ kernel, calls, ms }));
    const data: StepProfile = { total: best.total, kernels: kernels.sort((a, b) => b.ms - a.ms) };
    return { run: () => [step()], check: () => [], data, release: () => void model.dispose() };
  },
};
