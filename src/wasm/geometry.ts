/** Geometry as the wasm kernels read it: assembly/geometry.ts declares the same fields in the same order. */
import { FUSED_ACTIVATIONS } from '../ops/activation/names.js';
import type { ConvGeometry } from '../ops/geometry.js';

/** `offsetGroups` is 0 for a plain convolution, `gapless` true for columns that are multiplied outside of the module. */
export function geometryFields(g: ConvGeometry, offsetGroups: number, gapless = false): readonly number[] {
  return [
    g.batch,
    g.inHeight,
    g.inWidth,
    g.inChannels,
    g.outHeight,
    g.outWidth,
    g.outChannels,
    g.kernelHeight,
    g.kernelWidth,
    g.strideHeight,
    g.strideWidth,
    g.dilationHeight,
    g.dilationWidth,
    g.padTop,
    g.padLeft,
    g.groups,
    offsetGroups,
    Number(gapless),
    FUSED_ACTIVATIONS.indexOf(g.activation ?? 'linear'),
  ];
}

/** The same fields by name, in the same order. */
const FIELDS = [
  'batch',
  'inHeight',
  'inWidth',
  'inChannels',
  'outHeight',
  'outWidth',
  'outChannels',
  'kernelHeight',
  'kernelWidth',
  'strideHeight',
  'strideWidth',
  'dilationHeight',
  'dilationWidth',
  'padTop',
  'padLeft',
  'groups',
  'offsetGroups',
  'gapless',
  'activation',
] as const;

export type WasmGeometry = Readonly<Record<(typeof FIELDS)[number], number>>;

export const GEOMETRY_BYTES = FIELDS.length * 4;

export function readGeometry(memory: WebAssembly.Memory, address: number): WasmGeometry {
  const values = new Int32Array(memory.buffer, address, FIELDS.length);
  return Object.fromEntries(FIELDS.map((name, index) => [name, values[index]!])) as WasmGeometry;
}

export function writeGeometry(memory: WebAssembly.Memory, address: number, g: WasmGeometry): void {
  new Int32Array(memory.buffer, address, FIELDS.length).set(FIELDS.map((name) => g[name]));
}
