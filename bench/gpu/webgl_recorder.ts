/**
 * Records the draws of the WebGL backend. At every draw, the context is queried for the textures that it reads and writes, so
 * that the host's draws are recorded like those of this package.
 */
import * as tf from '@tensorflow/tfjs';
import { Recorder, type Dispatch } from './recording.js';

type GL = WebGL2RenderingContext;

/** Names of input textures in shaders of this package, which the host does not use. */
const OURS = /Texture$/;

/** Starts recording the active backend. Textures created before count as empty. */
export function watchWebGL(): Recorder {
  const recorder = new Recorder();
  recorder.watchKernels('webgl');
  const { gl } = (tf.backend() as unknown as { readonly gpgpu: { readonly gl: GL } }).gpgpu;
  const sizes = new WeakMap<WebGLTexture, number>();
  const samplers = new WeakMap<WebGLProgram, string[]>();

  /** Calls `note` with the arguments before each call of a method. */
  function before(method: keyof GL, note: (...values: never[]) => void): void {
    const original = (gl[method] as (...values: unknown[]) => unknown).bind(gl);
    Object.defineProperty(gl, method, {
      value: (...values: unknown[]) => {
        (note as (...values: unknown[]) => void)(...values);
        return original(...values);
      },
    });
  }

  const texelBytes = new Map<number, number>([
    [gl.R32F, 4],
    [gl.RGBA32F, 16],
    [gl.R16F, 2],
    [gl.RGBA16F, 8],
    [gl.RGBA8, 4],
    [gl.RGBA, 4],
  ]);

  const boundTexture = (): WebGLTexture => gl.getParameter(gl.TEXTURE_BINDING_2D) as WebGLTexture;
  const sizeOf = (texture: WebGLTexture): number => sizes.get(texture) ?? 0;
  const noteSize = (format: number, width: number, height: number): void => {
    const bytes = texelBytes.get(format);
    if (bytes === undefined) throw new Error(`Cannot count: texture formats must be known, received ${format}`);
    sizes.set(boundTexture(), bytes * width * height);
  };

  before('texStorage2D', (_target: number, _levels: number, format: number, width: number, height: number) => {
    noteSize(format, width, height);
  });
  before('texImage2D', (_target: number, _level: number, format: number, width: number, height: number, ...rest) => {
    noteSize(format, width, height);
    countUpload(rest);
  });
  before('texSubImage2D', (...values) => {
    countUpload(values);
  });
  before('readPixels', (_x: number, _y: number, width: number, height: number) => {
    recorder.add('readBack', width * height * 16);
  });
  before('linkProgram', () => {
    recorder.add('compiled', 1);
  });
  before('drawArrays', () => {
    recorder.dispatch(drawn());
  });
  before('drawElements', () => {
    recorder.dispatch(drawn());
  });
  before('clearBufferfv', () => {
    recorder.dispatch({ shader: 'clear', host: false, read: 0, written: sizeOf(target(0)!) });
  });

  function countUpload(values: readonly unknown[]): void {
    for (const value of values) if (ArrayBuffer.isView(value)) recorder.add('uploaded', value.byteLength);
  }

  function target(index: number): WebGLTexture | undefined {
    const [framebuffer, attachment] = [gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0 + index];
    const name = gl.FRAMEBUFFER_ATTACHMENT_OBJECT_NAME;
    return (gl.getFramebufferAttachmentParameter(framebuffer, attachment, name) as WebGLTexture | null) ?? undefined;
  }

  function samplersOf(program: WebGLProgram): string[] {
    let names = samplers.get(program);
    if (names === undefined) {
      const count = gl.getProgramParameter(program, gl.ACTIVE_UNIFORMS) as number;
      const uniforms = Array.from({ length: count }, (_, index) => gl.getActiveUniform(program, index)!);
      names = uniforms.filter(({ type }) => type === gl.SAMPLER_2D).map(({ name }) => name);
      samplers.set(program, names);
    }
    return names;
  }

  const uniform = (program: WebGLProgram, name: string): unknown => {
    const location = gl.getUniformLocation(program, name);
    return location === null ? undefined : gl.getUniform(program, location);
  };

  /** Describes the draw that the context is set up for. A draw with blending also reads its target. */
  function drawn(): Omit<Dispatch, 'kernel'> {
    const program = gl.getParameter(gl.CURRENT_PROGRAM) as WebGLProgram;
    const names = samplersOf(program);
    const unit = gl.getParameter(gl.ACTIVE_TEXTURE) as number;
    const read = new Set<WebGLTexture>();
    for (const name of names) {
      gl.activeTexture(gl.TEXTURE0 + (uniform(program, name) as number));
      read.add(boundTexture());
    }
    gl.activeTexture(unit);
    const targets = [0, 1, 2, 3].map(target).filter((texture) => texture !== undefined);
    const whole = targets.map(sizeOf).reduce((total, size) => total + size, 0);
    const blended = gl.isEnabled(gl.BLEND);
    const [, , , height] = gl.getParameter(gl.VIEWPORT) as Int32Array;
    const [, , , rows] = gl.getParameter(gl.SCISSOR_BOX) as Int32Array;
    const written = blended ? whole : (whole * Math.min(rows!, height!)) / height!;
    const fetched = fetchesOf(program);
    return {
      shader: names.map((name) => name.replace(OURS, '')).join(', '),
      host: !names.some((name) => OURS.test(name)),
      read: [...read].map(sizeOf).reduce((total, size) => total + size, blended ? whole : 0),
      written,
      ...(fetched > 0 && { fetched }),
    };
  }

  /** Texels that a product fetches: eight for each tap and quad of channels, or two for each position of a filter gradient. */
  function fetchesOf(program: WebGLProgram): number {
    const number = (name: string): number => (uniform(program, name) as number | undefined) ?? 0;
    const [from = 0, to = 0] = (uniform(program, 'targetRange') as Int32Array | undefined) ?? [];
    const taps = number('kernelHeight') * number('kernelWidth');
    if (number('filtersWidth') > 0) return (to - from) * 8 * taps * number('segments') * number('quads');
    return number('weights') > 0 ? (to - from) * 2 * number('extent') : 0;
  }

  return recorder;
}
