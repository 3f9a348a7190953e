/** Compiled shaders, one per source and graphics context, and drawing with them on the context of TensorFlow.js. */
import type { WebGLBackend } from './host.js';
import { sourcesOf, type Shader } from './shader.js';

/** Texture with its layout, as shaders see it. */
export interface Surface {
  readonly texture: WebGLTexture;
  /** Size in texels. */
  readonly width: number;
  readonly height: number;
  /** First texel of the tensor; 0 unless it is a slice of another one's texture. */
  readonly first: number;
  /** Number of texels in use. */
  readonly size: number;
  /** Pairs of rows and of columns in a matrix of blocks; [0, 0] for a flat surface. */
  readonly pairs: readonly [number, number];
}

/** Inputs, uniforms and target of a draw. */
export interface Draw<Input extends string, Int extends string, Float extends string> {
  readonly inputs: Readonly<Record<Input, Surface>>;
  readonly ints: Readonly<Record<Int, number>>;
  readonly floats?: Readonly<Record<Float, number>>;
  readonly target: Surface;
  /** The second to fourth target of a shader with four. */
  readonly others?: readonly Surface[];
}

interface Program {
  readonly program: WebGLProgram;
  readonly locations: ReadonlyMap<string, WebGLUniformLocation>;
}

interface Context {
  readonly programs: Map<Shader, Program>;
  /** Empty vertex array: shaders compute vertices from gl_VertexID. */
  readonly vertices: WebGLVertexArrayObject;
  /** Texture of a single 0, which shaders read in place of absent inputs. */
  readonly zero: WebGLTexture;
}

const contexts = new WeakMap<WebGL2RenderingContext, Context>();

function contextOf(gl: WebGL2RenderingContext): Context {
  let context = contexts.get(gl);
  if (context === undefined) {
    context = { programs: new Map(), vertices: gl.createVertexArray(), zero: createZero(gl) };
    contexts.set(gl, context);
  }
  return context;
}

/** Creates the zero texture; browsers clear new textures. */
function createZero(gl: WebGL2RenderingContext): WebGLTexture {
  const texture = gl.createTexture();
  gl.bindTexture(gl.TEXTURE_2D, texture);
  gl.texStorage2D(gl.TEXTURE_2D, 1, gl.RGBA8, 1, 1);
  gl.bindTexture(gl.TEXTURE_2D, null);
  return texture;
}

/** Surface of a single 0, which must not be drawn to. */
export function zeroOf({ gpgpu }: WebGLBackend): Surface {
  return { texture: contextOf(gpgpu.gl).zero, width: 1, height: 1, first: 0, size: 1, pairs: [0, 0] };
}

function compile(gl: WebGL2RenderingContext, shader: Shader): Program {
  const { vertex, fragment } = sourcesOf(shader);
  const program = gl.createProgram();
  const stages = [
    [gl.VERTEX_SHADER, vertex],
    [gl.FRAGMENT_SHADER, fragment],
  ] as const;
  const shaders = stages.map(([kind, source]) => {
    const stage = gl.createShader(kind)!;
    gl.shaderSource(stage, source);
    gl.compileShader(stage);
    gl.attachShader(program, stage);
    return stage;
  });
  gl.linkProgram(program);
  if (gl.getProgramParameter(program, gl.LINK_STATUS) !== true && !gl.isContextLost()) {
    const logs = [...shaders.map((stage) => gl.getShaderInfoLog(stage)), gl.getProgramInfoLog(program)];
    throw new Error(`Cannot run a WebGL kernel: its shader must compile, received log = ${logs.join('\n')}`);
  }
  for (const stage of shaders) gl.deleteShader(stage);
  const locations = new Map<string, WebGLUniformLocation>();
  const count = gl.getProgramParameter(program, gl.ACTIVE_UNIFORMS) as number;
  for (let index = 0; index < count; index++) {
    const { name } = gl.getActiveUniform(program, index)!;
    locations.set(name, gl.getUniformLocation(program, name)!);
  }
  return { program, locations };
}

/** Binds the shader's program, inputs, uniforms and target; the first step of every draw. */
function prepare<Input extends string, Int extends string, Float extends string>(
  { gpgpu }: WebGLBackend,
  shader: Shader<Input, Int, Float>,
  { inputs, ints, floats, target }: Draw<Input, Int, Float>,
): (name: string) => WebGLUniformLocation | null {
  const { gl } = gpgpu;
  const context = contextOf(gl);
  let program = context.programs.get(shader);
  if (program === undefined) {
    program = compile(gl, shader);
    context.programs.set(shader, program);
  }
  const { locations } = program;
  // A uniform that the compiler removed as unused has no location; setting it has no effect.
  const locate = (name: string): WebGLUniformLocation | null => locations.get(name) ?? null;
  gpgpu.setOutputMatrixTexture(target.texture, target.height, target.width);
  gl.useProgram(program.program);
  gpgpu.bindVertexArray(context.vertices);
  Object.entries<Surface>(inputs).forEach(([name, { texture, width, first, pairs }], unit) => {
    gl.activeTexture(gl.TEXTURE0 + unit);
    gl.bindTexture(gl.TEXTURE_2D, texture);
    gl.uniform1i(locate(`${name}Texture`), unit);
    gl.uniform1i(locate(`${name}Width`), width);
    gl.uniform1i(locate(`${name}Shift`), 31 - Math.clz32(width));
    gl.uniform1i(locate(`${name}First`), first);
    gl.uniform2i(locate(`${name}Pairs`), pairs[0], pairs[1]);
  });
  for (const name of shader.ints) gl.uniform1i(locate(name), ints[name]);
  for (const name of shader.floats) gl.uniform1f(locate(name), floats![name]);
  return locate;
}

/** Draws the texels [start, end) of the target, and no others. */
export function draw<Input extends string, Int extends string, Float extends string>(
  backend: WebGLBackend,
  shader: Shader<Input, Int, Float>,
  call: Draw<Input, Int, Float>,
  start: number,
  end: number,
): void {
  if (start >= end) return;
  const { gl } = backend.gpgpu;
  const { width, pairs } = call.target;
  const locate = prepare(backend, shader, call);
  gl.uniform1i(locate('targetWidth'), width);
  gl.uniform2i(locate('targetRange'), start, end);
  gl.uniform2i(locate('targetPairs'), pairs[0], pairs[1]);
  const row = Math.floor(start / width);
  gl.scissor(0, row, width, Math.ceil(end / width) - row);
  const { others = [] } = call;
  attach(
    gl,
    others.map(({ texture }) => texture),
  );
  gl.drawArrays(gl.TRIANGLES, 0, 3);
  // As TensorFlow.js, whose framebuffer it is, leaves it.
  if (others.length > 0) {
    attach(
      gl,
      others.map(() => null),
    );
  }
}

/** Makes textures the targets of a draw after the first one. */
function attach(gl: WebGL2RenderingContext, textures: readonly (WebGLTexture | null)[]): void {
  if (textures.length === 0) return;
  textures.forEach((texture, index) => {
    gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT1 + index, gl.TEXTURE_2D, texture, 0);
  });
  const drawn = textures.filter((texture) => texture !== null);
  gl.drawBuffers([gl.COLOR_ATTACHMENT0, ...drawn.map((_, index) => gl.COLOR_ATTACHMENT1 + index)]);
}

/** Draws `count` points, rectangles or squares, which are added to the target in order. */
export function drawAdded<Input extends string, Int extends string, Float extends string>(
  backend: WebGLBackend,
  shader: Shader<Input, Int, Float>,
  call: Draw<Input, Int, Float>,
  count: number,
): void {
  if (count === 0 || call.target.size === 0) return;
  const { gl } = backend.gpgpu;
  const locate = prepare(backend, shader, call);
  gl.uniform2i(locate('targetSize'), call.target.width, call.target.height);
  gl.enable(gl.BLEND);
  gl.blendEquation(gl.FUNC_ADD);
  gl.blendFunc(gl.ONE, gl.ONE);
  if (shader.output === 'rectangles') gl.drawArrays(gl.TRIANGLES, 0, count * 6);
  else gl.drawArrays(gl.POINTS, 0, count);
  gl.disable(gl.BLEND); // as TensorFlow.js leaves it
}

/** Sets every texel to 0. */
export function clear({ gpgpu }: WebGLBackend, { texture, width, height, size }: Surface): void {
  if (size === 0) return;
  gpgpu.setOutputMatrixTexture(texture, height, width);
  gpgpu.gl.clearBufferfv(gpgpu.gl.COLOR, 0, [0, 0, 0, 0]);
}
