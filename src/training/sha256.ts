/** SHA-256 by the Web Cryptography API, which Node and browsers share. */

/**
 * The digest of bytes in parts.
 *
 * @param parts bytes, one after the other
 * @throws Error in a page that has no cryptography, since it was not loaded by https or from localhost
 */
export async function sha256(...parts: readonly ArrayBufferView[]): Promise<Uint8Array> {
  // Browsers leave it out where their declarations promise it.
  const { subtle } = globalThis.crypto as { readonly subtle?: SubtleCrypto };
  if (!subtle) {
    throw new Error(
      'Cannot compute a checksum: browsers offer this (crypto.subtle) only to pages that come by https or from localhost',
    );
  }
  return new Uint8Array(await subtle.digest('SHA-256', joinBytes(parts)));
}

/** The digest as hexadecimal text. */
export async function sha256Hex(...parts: readonly ArrayBufferView[]): Promise<string> {
  return Array.from(await sha256(...parts), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** All parts in one array. */
export function joinBytes(parts: readonly ArrayBufferView[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(parts.reduce((total, part) => total + part.byteLength, 0));
  let place = 0;
  for (const { buffer, byteOffset, byteLength } of parts) {
    joined.set(new Uint8Array(buffer, byteOffset, byteLength), place);
    place += byteLength;
  }
  return joined;
}
