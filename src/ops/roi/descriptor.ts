/**
 * Descriptor of a region operator: the kernels of its kind on every backend, parameterised by how it samples its bins.
 */
import type { OpDescriptor } from '../descriptor.js';
import * as cpu from './cpu.js';
import type { RegionForm } from './form.js';
import type { RoiGeometry } from './geometry.js';
import { deformedGradients, linearGradients, maximumGradients } from './gradient.js';
import type { RoiKernelNames } from './kernels.js';
import type { Planner } from './plan.js';
import * as wasm from './wasm.js';
import * as webgl from './webgl.js';
import * as webgpu from './webgpu.js';

const GRADIENTS = { linear: linearGradients, deformed: deformedGradients, maximum: maximumGradients } as const;

/** One region operator: its names, and the sampling that distinguishes it from the others. */
export interface RegionOperator<G extends RoiGeometry> {
  /** Name of the public function. */
  readonly name: string;
  readonly kernelNames: RoiKernelNames;
  /**
   * Reduction of a bin: a weighted sum of pixels, `linear` in them; the same with samples moved by offsets, `deformed`;
   * or the largest pixel, `maximum`.
   */
  readonly kind: keyof typeof GRADIENTS;
  /** Pixels and weights of the bins, for backends that can read the boxes on the CPU. */
  readonly plan: Planner<G>;
  /** The equivalent for shaders. */
  readonly form: RegionForm<G>;
}

/** Builds the descriptor of a region operator. */
export function regionOperator<G extends RoiGeometry>({
  name,
  kernelNames,
  kind,
  plan,
  form,
}: RegionOperator<G>): OpDescriptor {
  const kernels = kind === 'maximum' ? 'maximumKernels' : 'weightedKernels';
  const backends = [
    cpu[kernels](kernelNames, plan),
    wasm[kernels](kernelNames, plan),
    webgl[kernels](kernelNames, form, plan),
    webgpu[kernels](kernelNames, form),
  ];
  return {
    name,
    kernelNames: Object.values(kernelNames),
    kernels: backends.flatMap(({ forward, backward }) => [forward, backward]),
    gradients: GRADIENTS[kind](`differentiate ${name}`, kernelNames),
  };
}
