/** Descriptor of a region operator: the kernels of its kind on every backend, told how this one samples its bins. */
import type { OpDescriptor } from '../descriptor.js';
import * as cpu from './cpu.js';
import type { RegionForm } from './form.js';
import type { RoiGeometry } from './geometry.js';
import { deformedGradients, linearGradients, maximumGradients } from './gradient.js';
import type { RoiKernelNames } from './names.js';
import type { Planner } from './plan.js';
import * as wasm from './wasm.js';
import * as webgl from './webgl.js';
import * as webgpu from './webgpu.js';

const GRADIENTS = { linear: linearGradients, deformed: deformedGradients, maximum: maximumGradients } as const;

export interface RegionOperator<G extends RoiGeometry> {
  /** Name of the public function. */
  readonly name: string;
  readonly kernelNames: RoiKernelNames;
  /**
   * What a bin gives: a weighted sum of pixels, which is `linear` in them; the same of samples that offsets move, `deformed`;
   * or the largest pixel, the `maximum`.
   */
  readonly kind: keyof typeof GRADIENTS;
  /** Pixels and weights of the bins, where boxes are at hand. */
  readonly plan: Planner<G>;
  /** The same for shaders. */
  readonly form: RegionForm<G>;
}

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
