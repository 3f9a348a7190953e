/** Geometry as the wasm kernels read it: assembly/geometry.ts declares the same fields in the same order. */
import { FUSED_ACTIVATIONS } from '../../kernel/fused_activation.js';
import { GEOMETRY_FIELDS, type ConvGeometry } from '../../kernel/geometry.js';
import { readStruct, writeStruct, type Struct } from './struct.js';

/** Fields copied from the geometry. */
const OWN_FIELDS = ['batch', ...GEOMETRY_FIELDS] as const;

/** All fields in order; a test compares them with `Geometry` in assembly/geometry.ts. */
export const FIELDS = [...OWN_FIELDS, 'offsetGroups', 'gapless', 'activation'] as const;

/**
 * Lists the fields. `offsetGroups` is 0 for a plain convolution, `gapless` true for columns that are multiplied outside
 * the module.
 */
export function geometryFields(g: ConvGeometry, offsetGroups: number, gapless = false): readonly number[] {
  const activation = FUSED_ACTIVATIONS.indexOf(g.activation ?? 'linear');
  return [...OWN_FIELDS.map((name) => g[name]), offsetGroups, Number(gapless), activation];
}

/** Geometry of a convolution as 32-bit integers, one per field. */
export type WasmGeometry = Struct<typeof FIELDS>;

export const GEOMETRY_BYTES = FIELDS.length * 4;

/** Reads the geometry at an address, in bytes. */
export function readGeometry(memory: WebAssembly.Memory, address: number): WasmGeometry {
  return readStruct(memory, FIELDS, address);
}

/** Writes a geometry to an address, in bytes, that holds {@link GEOMETRY_BYTES}. */
export function writeGeometry(memory: WebAssembly.Memory, address: number, g: WasmGeometry): void {
  writeStruct(memory, FIELDS, address, g);
}
