/** SHA-256 by the Web Crypto API, which is available in both Node and browsers. */

/**
 * Computes the digest of bytes.
 *
 * @param parts bytes to hash, one part after the other
 * @throws Error in a page that was not loaded over https or from localhost, where browsers do not offer Web Crypto
 */
export async function sha256(...parts: readonly ArrayBufferView[]): Promise<Uint8Array> {
  // Missing in insecure contexts, although the type declarations promise it.
  const { subtle } = globalThis.crypto as { readonly subtle?: SubtleCrypto };
  if (!subtle) {
    throw new Error(
      'Cannot compute a checksum: browsers offer crypto.subtle only to pages loaded over https or from localhost',
    );
  }
  return new Uint8Array(await subtle.digest('SHA-256', joinBytes(parts)));
}

/** Computes the digest as hexadecimal text. */
export async function sha256Hex(...parts: readonly ArrayBufferView[]): Promise<string> {
  return Array.from(await sha256(...parts), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Concatenates the bytes of all parts. */
export function joinBytes(parts: readonly ArrayBufferView[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(parts.reduce((total, part) => total + part.byteLength, 0));
  let offset = 0;
  for (const { buffer, byteOffset, byteLength } of parts) {
    joined.set(new Uint8Array(buffer, byteOffset, byteLength), offset);
    offset += byteLength;
  }
  return joined;
}
