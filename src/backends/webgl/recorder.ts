/** Recorder of the webgl backend: it runs the kernels while the calls of their context are noted. */
import * as tf from '@tensorflow/tfjs';
import {
  probesOf,
  type DeviceCalls,
  type DeviceInput,
  type DeviceRecorder,
  type KernelRun,
} from '../../kernel/device_recorder.js';
import { describeOutputs, type RecordedOutput } from '../../kernel/recorded_outputs.js';
import { refuseReads } from '../../kernel/refuse_reads.js';
import { sizeOf } from '../../kernel/sizes.js';
import { replaceMembers } from '../../support/replace_members.js';
import { runWebGLSingle } from './adapter.js';
import { ChangingNumbers } from './changing_numbers.js';
import { WebGLCalls, type PlacedOutput, type RecordedInput } from './recorded_calls.js';
import { isWebGL, type RecordedWebGL } from './recorded_host.js';
import { RecordingContext } from './recording_context.js';
import { shader } from './shader.js';
import { SharedTextures } from './shared_textures.js';

const scratches = new WeakMap<RecordedWebGL, SharedTextures>();

/** Returns the recorder of a backend, if that is webgl on WebGL 2. */
export function webglRecorder(backend: unknown): DeviceRecorder | undefined {
  return isWebGL(backend) && 'bindVertexArray' in backend.gpgpu.gl ? new WebGLRecorder(backend) : undefined;
}

/** Calls of one run, before they have textures. */
interface Run {
  readonly recorded: RecordingContext;
  readonly inputs: readonly RecordedInput[];
  readonly outputs: readonly RecordedOutput<PlacedOutput>[];
}

class WebGLRecorder implements DeviceRecorder {
  constructor(private readonly backend: RecordedWebGL) {}

  isReady(): boolean {
    return this.backend.activeTimers == null && !this.backend.gpgpu.gl.isContextLost();
  }

  prepare(inputs: readonly DeviceInput[]): readonly DeviceInput[] {
    const { backend } = this;
    return inputs.map((input) => {
      const { dataId } = input.tensor;
      // Looked up first: data of another backend is moved here then.
      const { slice, texture } = backend.texData.get(dataId);
      // Batches that are cut from a data set begin elsewhere each time.
      if (slice) return { ...input, tensor: copyOf(input.tensor, backend) };
      if (!texture && !this.isOnCPU(input)) backend.uploadToGPU(dataId);
      return input;
    });
  }

  record(inputs: readonly DeviceInput[], numbers: readonly number[], run: KernelRun): DeviceCalls {
    const { backend } = this;
    const recording = this.run(inputs, numbers, run);
    const probed = numbers.length > 0 ? this.run(inputs, probesOf(numbers), run) : undefined;
    const changing = probed && new ChangingNumbers(recording.recorded.calls, probed.recorded.calls, numbers);
    const scratch = scratches.get(backend) ?? new SharedTextures(backend);
    scratches.set(backend, scratch);
    return new WebGLCalls(backend, { ...recording, numbers: changing }, scratch);
  }

  /** True for inputs without elements, and for constants that the backend hands to shaders as uniforms. */
  private isOnCPU({ tensor, isConstant }: DeviceInput): boolean {
    const size = sizeOf(tensor.shape);
    const { texture } = this.backend.texData.get(tensor.dataId);
    return size === 0 || (isConstant && !texture && size <= tf.env().getNumber('WEBGL_SIZE_UPLOAD_UNIFORM'));
  }

  private run(inputs: readonly DeviceInput[], numbers: readonly number[], run: KernelRun): Run {
    const recorded = new RecordingContext(this.backend.gpgpu.gl);
    const restore = this.replaceContext(recorded);
    try {
      let described: Pick<Run, 'inputs' | 'outputs'> = { inputs: [], outputs: [] };
      tf.tidy(() => {
        const placed = inputs.map((input) => this.recordedInput(input, recorded));
        const operands = inputs.map(({ tensor }, index) => this.placeholder(tensor, placed[index]));
        described = {
          inputs: placed,
          outputs: describeOutputs(this.withoutParts(run(operands, numbers)), operands, (dataId) =>
            this.locate(dataId),
          ),
        };
      });
      return { recorded, ...described };
    } finally {
      restore();
    }
  }

  private replaceContext(recorded: RecordingContext): () => void {
    const { backend } = this;
    const { numBytesInGPU, gpgpu } = backend;
    const { outputTexture, program } = gpgpu;
    const steps = [
      replaceMembers(backend, {
        textureManager: recorded,
        numBytesInGPU,
        ...refuseReads(backend, (dataId) => !!backend.texData.get(dataId).texture),
      }),
      replaceMembers(gpgpu, { outputTexture, program }),
      recorded.start(),
    ];
    return () => {
      for (const restore of steps) restore();
    };
  }

  private recordedInput(input: DeviceInput, recorded: RecordingContext): RecordedInput {
    if (this.isOnCPU(input)) return undefined;
    const data = { ...this.backend.texData.get(input.tensor.dataId) };
    const texture: WebGLTexture = {};
    recorded.kinds.set(texture, { shape: data.texShape!, usage: data.usage, isPacked: data.isPacked });
    return { data, texture };
  }

  private placeholder({ shape, dtype, dataId }: tf.Tensor, input: RecordedInput): tf.Tensor {
    const { backend } = this;
    const values = input ? undefined : backend.texData.get(dataId).values;
    const info = backend.makeTensorInfo(shape, dtype, values);
    if (input) {
      const { texShape, isPacked, usage, shape: stored, dtype: type } = input.data;
      Object.assign(backend.texData.get(info.dataId), {
        ...{ texShape, isPacked, usage, shape: stored, dtype: type },
        texture: { texture: input.texture, texShape: texShape! },
      });
    }
    return tf.engine().makeTensorFromTensorInfo(info);
  }

  /** Results that the backend holds as parts of another texture get one of their own, which can outlive the other. */
  private withoutParts(results: readonly tf.Tensor[]): tf.Tensor[] {
    const { backend } = this;
    return results.map((result) => (backend.texData.get(result.dataId).slice ? copyOf(result, backend) : result));
  }

  private locate(dataId: object): PlacedOutput | { readonly values: unknown } {
    const data = { ...this.backend.texData.get(dataId) };
    return data.texture ? { data, texture: data.texture.texture } : { values: data.values };
  }
}

const copyShader = shader('flat', { x: 'flat' }, [], 'float value(int index) { return x(index); }');

/** A tensor with the same values in a texture of its own. */
function copyOf(x: tf.Tensor, backend: RecordedWebGL): tf.Tensor {
  const { dataId } = runWebGLSingle({ inputs: { x }, attrs: {}, backend }, (call) => {
    call.draw(copyShader, { inputs: { x: call.input('x') }, ints: {}, target: call.output(x.shape) });
  });
  backend.texData.get(dataId).dtype = x.dtype;
  return tf.engine().makeTensorFromTensorInfo({ dataId, shape: x.shape, dtype: x.dtype });
}
