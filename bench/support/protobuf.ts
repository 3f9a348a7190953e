/** Fields of protocol buffers, as bytes. https://protobuf.dev/programming-guides/encoding */

function varint(value: number): Buffer {
  const bytes = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) | 128);
  return Buffer.from([...bytes, value]);
}

/** A field that is an integer ≥ 0. */
export const integer = (field: number, value: number): Buffer => Buffer.concat([varint(field * 8), varint(value)]);

/** A field that is bytes or another message. */
export const bytes = (field: number, ...parts: readonly Uint8Array[]): Buffer => {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return Buffer.concat([varint(field * 8 + 2), varint(length), ...parts]);
};

/** A field that is a string. */
export const text = (field: number, value: string): Buffer => bytes(field, Buffer.from(value));
