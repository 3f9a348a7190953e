/**
 * Start of the TensorFlow.js wasm backend on memory that threads can share. Its single-threaded binary defines memory
 * that is not shared; a flag in the binary makes it so, and changes nothing else. The binary passes through
 * `WebAssembly` on its way from a file or server, and is changed there.
 */

type Instantiate = (
  source: BufferSource,
  imports: WebAssembly.Imports,
) => Promise<WebAssembly.WebAssemblyInstantiatedSource>;
type InstantiateStreaming = (
  source: Response | PromiseLike<Response>,
  imports: WebAssembly.Imports,
) => Promise<WebAssembly.WebAssemblyInstantiatedSource>;

interface Functions {
  instantiate: Instantiate;
  instantiateStreaming?: InstantiateStreaming;
}

/** Runs a function that instantiates the host's module, and instantiates it on shared memory. */
export async function withSharedMemory<T>(start: () => Promise<T>): Promise<T> {
  const functions = WebAssembly as unknown as Functions;
  const { instantiate, instantiateStreaming } = functions;
  const shared: Instantiate = (source, imports) =>
    instantiate.call(WebAssembly, isBytes(source) ? sharingMemory(source) : source, imports);
  const streamed: InstantiateStreaming = async (source, imports) => shared(await (await source).arrayBuffer(), imports);
  functions.instantiate = shared;
  if (instantiateStreaming !== undefined) functions.instantiateStreaming = streamed;
  try {
    return await start();
  } finally {
    // Unless someone else has replaced them in the meantime.
    if (functions.instantiate === shared) functions.instantiate = instantiate;
    if (instantiateStreaming !== undefined && functions.instantiateStreaming === streamed) {
      functions.instantiateStreaming = instantiateStreaming;
    }
  }
}

/** `instantiate` also takes compiled modules. */
function isBytes(source: BufferSource | WebAssembly.Module): source is BufferSource {
  return 'byteLength' in source;
}

/** Identifier of the memory section. */
const MEMORY_SECTION = 5;

/** Kinds of limits: with a maximum; the same, shared. */
const LIMITED = 1;
const LIMITED_SHARED = 3;

/** Name of an export that only the modules of the host have. */
const MARK = 'init_with_threads_count';

/**
 * Returns the host's binary with shared memory; any other binary, and one that imports its memory, is returned as it
 * is.
 */
export function sharingMemory(source: BufferSource): BufferSource {
  const bytes = ArrayBuffer.isView(source)
    ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
    : new Uint8Array(source);
  const limits = memoryLimits(bytes);
  if (limits === undefined || bytes[limits] !== LIMITED || !includes(bytes, MARK)) return source;
  const copy = bytes.slice();
  copy[limits] = LIMITED_SHARED;
  return copy;
}

/** Returns the position of the limits of a memory that the module defines. */
function memoryLimits(bytes: Uint8Array): number | undefined {
  // Behind magic number and version, sections: identifier, length, contents.
  let at = 8;
  const readLength = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++] ?? 0;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < bytes.length) {
    const section = bytes[at++];
    const end = readLength() + at;
    // The number of memories comes first; it is 1.
    if (section === MEMORY_SECTION) return at + 1;
    at = end;
  }
  return undefined;
}

function includes(bytes: Uint8Array, text: string): boolean {
  const codes = Array.from(text, (character) => character.charCodeAt(0));
  for (let at = bytes.indexOf(codes[0]!); at >= 0; at = bytes.indexOf(codes[0]!, at + 1)) {
    if (codes.every((code, offset) => bytes[at + offset] === code)) return true;
  }
  return false;
}
