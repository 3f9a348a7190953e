/**
 * Structures that kernels read: 32-bit numbers, in the order of a list of names. A test compares each list with the
 * class in assembly/.
 */

/** Values of a structure with these fields. */
export type Struct<Fields extends readonly string[]> = Readonly<Record<Fields[number], number>>;

/** Lists the values of a structure in order. Those not given are 0. */
export function listFields<const Fields extends readonly string[]>(
  fields: Fields,
  values: Partial<Struct<Fields>>,
): readonly number[] {
  return fields.map((name) => values[name as Fields[number]] ?? 0);
}

/**
 * Reads the structure at an address, in bytes, as signed integers, which kernels take as addresses above 2 GiB, too; the address
 * itself may be signed.
 */
export function readStruct<const Fields extends readonly string[]>(
  memory: WebAssembly.Memory,
  fields: Fields,
  address: number,
): Struct<Fields> {
  const values = new Int32Array(memory.buffer, address >>> 0, fields.length);
  return Object.fromEntries(fields.map((name, index) => [name, values[index]!])) as Struct<Fields>;
}

/** Writes a structure to an address, in bytes, that holds four for each field. */
export function writeStruct<const Fields extends readonly string[]>(
  memory: WebAssembly.Memory,
  fields: Fields,
  address: number,
  values: Struct<Fields>,
): void {
  new Int32Array(memory.buffer, address >>> 0, fields.length).set(listFields(fields, values));
}
