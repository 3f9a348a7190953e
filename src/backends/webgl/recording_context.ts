/**
 * Notes the WebGL calls of kernels. Textures are stand-ins, which a pool hands out by the rules of the backend's own, so that
 * two stand-ins are the same where their texture may be; nothing is drawn.
 */
import { NotRepeatable } from '../../kernel/device_recorder.js';
import { replaceMembers } from '../../support/replace_members.js';
import type { PooledTexture } from './recorded_host.js';

/** A call with its arguments. */
export interface ContextCall {
  readonly name: string;
  readonly args: unknown[];
}

/** Texture that a stand-in stands for. */
export interface TextureKind {
  readonly shape: readonly [number, number];
  readonly usage: number | null | undefined;
  readonly isPacked: boolean | undefined;
}

/** Calls that a replay makes again. */
const REPEATED = new RegExp(
  `^(${[
    'uniform.*',
    ...['useProgram', 'bindVertexArray', 'bindFramebuffer', 'framebufferTexture2D', 'viewport', 'scissor'],
    'drawBuffers',
    ...['activeTexture', 'bindTexture', 'texSubImage2D', 'enable', 'disable', 'blendEquation', 'blendFunc'],
    ...['clearBufferfv', 'drawArrays', 'drawElements'],
  ].join('|')})$`,
);

/** Of these, calls that the context itself must see while shaders are compiled. */
const MADE_TOO = /^(useProgram|bindVertexArray|activeTexture|bindTexture)$/;

/** Calls that prepare something that lasts. */
const LASTING = new RegExp(
  `^(${[
    'create.*',
    'delete(Shader|Buffer)',
    'get(?!BufferSubData).*',
    'is.*',
    ...['shaderSource', 'compileShader', 'attachShader', 'linkProgram', 'validateProgram', 'bindBuffer', 'bufferData'],
    ...['vertexAttribPointer', 'enableVertexAttribArray', 'texParameteri', 'texStorage2D', 'flush'],
  ].join('|')})$`,
);

/** The calls, and the pool of stand-ins. */
export class RecordingContext {
  readonly calls: ContextCall[] = [];
  readonly kinds = new Map<WebGLTexture, TextureKind>();
  private readonly free = new Map<string, PooledTexture[]>();

  constructor(private readonly gl: WebGL2RenderingContext) {}

  /** Starts noting; returns the function that ends it. */
  start(): () => void {
    const names = new Set<string>();
    for (let type: unknown = Object.getPrototypeOf(this.gl); type && type !== Object.prototype;) {
      for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(type))) {
        if (typeof value === 'function' && name !== 'constructor') names.add(name);
      }
      type = Object.getPrototypeOf(type);
    }
    const methods = [...names].map((name) => [name, (...args: unknown[]) => this.note(name, args)] as const);
    return replaceMembers(this.gl, Object.fromEntries(methods));
  }

  /** Takes a stand-in from the pool, as the backend's texture manager would take a texture. */
  acquireTexture(
    shape: readonly [number, number],
    usage: number | null | undefined,
    isPacked?: boolean,
  ): PooledTexture {
    const known = this.free.get(keyOf(shape, usage, isPacked))?.pop();
    if (known) return known;
    const texture: WebGLTexture = {};
    this.kinds.set(texture, { shape, usage, isPacked });
    return { texture, texShape: shape };
  }

  releaseTexture(
    texture: PooledTexture,
    shape: readonly [number, number],
    usage: number | null | undefined,
    isPacked?: boolean,
  ): void {
    const key = keyOf(shape, usage, isPacked);
    const free = this.free.get(key) ?? [];
    free.push(texture);
    this.free.set(key, free);
  }

  private note(name: string, args: unknown[]): unknown {
    const make = (): unknown => {
      const method = Reflect.get(Object.getPrototypeOf(this.gl) as object, name) as (...given: unknown[]) => unknown;
      return method.apply(this.gl, args);
    };
    if (REPEATED.test(name)) {
      this.calls.push({
        name,
        args: args.map((arg) => (isNumbers(arg) && name !== 'texSubImage2D' ? arg.slice() : arg)),
      });
      const hasStandIn = args.some((arg) => this.kinds.has(arg as WebGLTexture));
      return MADE_TOO.test(name) && !hasStandIn ? make() : undefined;
    }
    if (LASTING.test(name)) return make();
    throw new NotRepeatable(name === 'readPixels' ? 'a kernel reads values back' : `a kernel calls ${name}()`);
  }
}

/** Key of textures that can stand for each other. */
export function keyOf(
  [rows, columns]: readonly [number, number],
  usage: number | null | undefined,
  isPacked: boolean | undefined,
): string {
  return `${rows}/${columns}/${usage ?? ''}/${isPacked === true}`;
}

/** Tests for a list of uniform values. */
export function isNumbers(value: unknown): value is number[] | Float32Array {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
}
