/**
 * Kernels of the region operators on WebGPU: each thread samples the bin of its own element
 * (src/ops/roi/webgpu_regions.ts).
 */
import type * as tf from '@tensorflow/tfjs';
import { allocate, hostOf, zeros, type Shader } from '../../backends/webgpu/adapter.js';
import { ATOMIC_ADD } from '../../backends/webgpu/atomic_add.js';
import { cleared, elementwise, mapElements, runElements } from '../../backends/webgpu/elements.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { sizeOf } from '../../kernel/sizes.js';
import { regionNumbers, REGIONS, SAMPLINGS, type RegionForm, type SamplingName } from './form.js';
import type { RoiGeometry } from './geometry.js';
import type { RoiKernelNames, RoiKernels } from './kernels.js';
import { bins, SAMPLING_CODE } from './webgpu_regions.js';

/** Loop over the samples (y, x) of the current bin inside the image. */
const forSamples = (statements: string): string => `
  for (var ky = 0; ky < rows.count; ky++) {
    let y = pointOf(rows, ky, uniforms.inHeight);
    if (!y.inside) {
      continue;
    }
    for (var kx = 0; kx < columns.count; kx++) {
      let x = pointOf(columns, kx, uniforms.inWidth);
      if (x.inside) {
        ${statements}
      }
    }
  }`;

/** An element-wise shader whose elements are [box, binY, binX, c], with the bin set up. */
function binShader(
  sampling: SamplingName,
  deformed: boolean,
  shader: Pick<Shader, 'key' | 'inputs' | 'atomic'> & { readonly functions?: string; readonly body: string },
): Shader {
  const { key, inputs, atomic = false, functions = '', body } = shader;
  return elementwise({
    key: `regions/${sampling}/${deformed ? 'deformed' : 'plain'}/${key}`,
    inputs: ['boxes', 'boxImages', ...(deformed ? ['offset'] : []), ...inputs],
    integers: [...REGIONS, ...SAMPLINGS[sampling].integers],
    floats: SAMPLINGS[sampling].floats,
    atomic,
    code: `${SAMPLING_CODE[sampling]}
      ${bins(deformed)}
      ${functions}
      fn element(i : i32) {
        let c = i % uniforms.outChannels;
        let bin = i / uniforms.outChannels;
        let line = bin / uniforms.outWidth;
        let binX = bin - line * uniforms.outWidth;
        let binY = line % uniforms.outHeight;
        openBin(line / uniforms.outHeight, binY, binX, c / (uniforms.outChannels / uniforms.classes));
        let channel = c * uniforms.groupHeight * uniforms.groupWidth + groupOf(binY, binX);
        ${body}
      }`,
  });
}

/** `interpolated(y, x, channel)`. A pixel with weight 0 is not read, since it may be infinite. */
const INTERPOLATION = `
  fn alongRow(y : i32, x : Point, channel : i32) -> f32 {
    let start = image[pixelAt(y, x.position, channel)];
    if (x.fraction == 0.0) {
      return start;
    }
    return (1.0 - x.fraction) * start + x.fraction * image[pixelAt(y, x.position + 1, channel)];
  }
  fn interpolated(y : Point, x : Point, channel : i32) -> f32 {
    let top = alongRow(y.position, x, channel);
    if (y.fraction == 0.0) {
      return top;
    }
    return (1.0 - y.fraction) * top + y.fraction * alongRow(y.position + 1, x, channel);
  }`;

const meanShader = (sampling: SamplingName, deformed: boolean): Shader =>
  binShader(sampling, deformed, {
    key: 'mean',
    inputs: ['image'],
    functions: INTERPOLATION,
    body: `
      var sum = 0.0;
      ${forSamples('sum += interpolated(y, x, channel);')}
      result[i] = sum * rows.mean * columns.mean;`,
  });

const spreadShader = (sampling: SamplingName, deformed: boolean): Shader =>
  binShader(sampling, deformed, {
    key: 'spread',
    inputs: ['dy'],
    atomic: true,
    functions: ATOMIC_ADD,
    body: `
      let gradient = dy[i] * rows.mean * columns.mean;
      ${forSamples(`
        add(pixelAt(y.position, x.position, channel), (1.0 - y.fraction) * (1.0 - x.fraction) * gradient);
        if (x.fraction > 0.0) {
          add(pixelAt(y.position, x.position + 1, channel), (1.0 - y.fraction) * x.fraction * gradient);
        }
        if (y.fraction > 0.0) {
          add(pixelAt(y.position + 1, x.position, channel), y.fraction * (1.0 - x.fraction) * gradient);
          if (x.fraction > 0.0) {
            add(pixelAt(y.position + 1, x.position + 1, channel), y.fraction * x.fraction * gradient);
          }
        }`)}`,
  });

/** One thread per offset, which sums over the bins of its part and the channels of its class. */
const offsetShader = (sampling: SamplingName): Shader =>
  elementwise({
    key: `regions/${sampling}/offset`,
    inputs: ['boxes', 'boxImages', 'offset', 'image', 'dy'],
    integers: [...REGIONS, ...SAMPLINGS[sampling].integers],
    floats: SAMPLINGS[sampling].floats,
    code: `${SAMPLING_CODE[sampling]}
      ${bins(true)}
      // ∂(interpolated value)/∂(location), the right-hand derivative at whole pixels, of a sample that moves.
      fn slope(from_ : f32, to : f32, moves : bool) -> f32 {
        return select(0.0, to - from_, moves);
      }
      fn element(i : i32) {
        let owner = i % uniforms.classes;
        let partX = (i / uniforms.classes) % uniforms.partWidth;
        let partY = (i / uniforms.classes / uniforms.partWidth) % uniforms.partHeight;
        let box = i / uniforms.classes / uniforms.partWidth / uniforms.partHeight;
        let classChannels = uniforms.outChannels / uniforms.classes;
        let channelStep = uniforms.groupHeight * uniforms.groupWidth;
        var sums = vec2<f32>(0.0);
        for (var binY = 0; binY < uniforms.outHeight; binY++) {
          if (partOf(binY, uniforms.outHeight, uniforms.partHeight) != partY) {
            continue;
          }
          for (var binX = 0; binX < uniforms.outWidth; binX++) {
            if (partOf(binX, uniforms.outWidth, uniforms.partWidth) != partX) {
              continue;
            }
            openBin(box, binY, binX, owner);
            let mean = rows.mean * columns.mean;
            let bin = (box * uniforms.outHeight + binY) * uniforms.outWidth + binX;
            ${forSamples(`
              let down = select(y.position, y.position + 1, y.moves);
              let right = select(x.position, x.position + 1, x.moves);
              for (var k = 0; k < classChannels; k++) {
                let c = owner * classChannels + k;
                let channel = c * channelStep + groupOf(binY, binX);
                let topLeft = image[pixelAt(y.position, x.position, channel)];
                let topRight = image[pixelAt(y.position, right, channel)];
                let bottomLeft = image[pixelAt(down, x.position, channel)];
                let bottomRight = image[pixelAt(down, right, channel)];
                let slopeY = mix(slope(topLeft, bottomLeft, y.moves), slope(topRight, bottomRight, y.moves), x.fraction);
                let slopeX = mix(slope(topLeft, topRight, x.moves), slope(bottomLeft, bottomRight, x.moves), y.fraction);
                sums += dy[bin * uniforms.outChannels + c] * mean * vec2<f32>(rows.offsetScale * slopeY, columns.offsetScale * slopeX);
              }`)}
          }
        }
        result[2 * i] = sums.x;
        result[2 * i + 1] = sums.y;
      }`,
  });

/** Boxes, their images and, if the operator is deformed, offsets. */
function regionInputs({ inputs, attrs }: KernelArguments): tf.TensorInfo[] {
  const { deformed } = attrs as RoiGeometry;
  return [inputs['boxes']!, inputs['boxIndices']!, ...(deformed === true ? [inputs['offset']!] : [])];
}

const imageShape = (g: RoiGeometry): number[] => [g.batch, g.inHeight, g.inWidth, g.inChannels];
const binShape = (g: RoiGeometry): number[] => [g.boxCount, g.outHeight, g.outWidth, g.outChannels];

/** Forward kernel: a shader over the bins. */
function forwardKernel<G extends RoiGeometry>(
  kernelName: string,
  form: RegionForm<G>,
  shaders: { readonly plain: Shader; readonly deformed?: Shader },
): tf.KernelConfig {
  return {
    kernelName,
    backendName: 'webgpu',
    kernelFunc: (args: KernelArguments) => {
      const g = args.attrs as G;
      const host = hostOf(args);
      const shape = binShape(g);
      if (sizeOf(imageShape(g)) === 0) return zeros(host, shape);
      const shader = g.deformed === true ? shaders.deformed! : shaders.plain;
      return mapElements(host, shader, [...regionInputs(args), args.inputs['x']!], shape, regionNumbers(form, g));
    },
  };
}

/** Kernels whose bins are means of samples. Backward computes dx and, if there are offsets, doffset. */
export function weightedKernels<G extends RoiGeometry>(names: RoiKernelNames, form: RegionForm<G>): RoiKernels {
  const { sampling } = form;
  const mean = { plain: meanShader(sampling, false), deformed: meanShader(sampling, true) };
  const spread = { plain: spreadShader(sampling, false), deformed: spreadShader(sampling, true) };
  const offsets = offsetShader(sampling);
  return {
    forward: forwardKernel(names.forward, form, mean),
    backward: {
      kernelName: names.backward,
      backendName: 'webgpu',
      kernelFunc: (args: KernelArguments) => {
        const g = args.attrs as G;
        const host = hostOf(args);
        const { x, offset, dy } = args.inputs;
        const deformed = g.deformed === true;
        const elements = sizeOf(binShape(g));
        const empty = elements === 0 || sizeOf(imageShape(g)) === 0;
        const read = regionInputs(args);
        const uniforms = regionNumbers(form, g);
        const dx = empty ? zeros(host, imageShape(g)) : cleared(host, imageShape(g));
        if (!empty) {
          runElements(host, deformed ? spread.deformed : spread.plain, [...read, dy!], dx, elements, uniforms);
        }
        if (!deformed) return dx;
        if (empty) return [dx, zeros(host, offset!.shape)];
        const doffset = allocate(host, offset!.shape);
        runElements(host, offsets, [...read, x!, dy!], doffset, sizeOf(offset!.shape) / 2, uniforms);
        return [dx, doffset];
      },
    },
  };
}

/** Finds the maximum of the current bin, the first of equal values; NaN is skipped. */
const MAXIMUM = `
  var best = -uniforms.INFINITY;
  var at = -1;
  ${forSamples(`
    let pixel = pixelAt(y.position, x.position, channel);
    if (image[pixel] > best) {
      best = image[pixel];
      at = pixel;
    }`)}`;

/** Kernels whose bins are the maximum of their pixels. */
export function maximumKernels<G extends RoiGeometry>(names: RoiKernelNames, form: RegionForm<G>): RoiKernels {
  const forward = binShader(form.sampling, false, {
    key: 'maximum',
    inputs: ['image'],
    body: `${MAXIMUM}
      // A bin without pixels is 0.
      result[i] = select(0.0, best, rows.count > 0 && columns.count > 0);`,
  });
  const backward = binShader(form.sampling, false, {
    key: 'spread_to_maxima',
    inputs: ['image', 'dy'],
    atomic: true,
    functions: ATOMIC_ADD,
    body: `${MAXIMUM}
      if (at >= 0) {
        add(at, dy[i]);
      }`,
  });
  return {
    forward: forwardKernel(names.forward, form, { plain: forward }),
    backward: {
      kernelName: names.backward,
      backendName: 'webgpu',
      kernelFunc: (args: KernelArguments) => {
        const g = args.attrs as G;
        const host = hostOf(args);
        const elements = sizeOf(binShape(g));
        if (elements === 0 || sizeOf(imageShape(g)) === 0) return zeros(host, imageShape(g));
        const dx = cleared(host, imageShape(g));
        const { x, dy } = args.inputs;
        runElements(host, backward, [...regionInputs(args), x!, dy!], dx, elements, regionNumbers(form, g));
        return dx;
      },
    },
  };
}
