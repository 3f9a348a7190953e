// What the page may load and run: files of its own origin, and no text with eval. WebAssembly is compiled from bytes, which a
// policy without 'unsafe-eval' allows by a word of its own. Pictures that the page draws, and the scripts of its threads, are
// blobs.
export const CONTENT_SECURITY_POLICY = Object.entries({
  'default-src': "'none'",
  'script-src': "'self' 'wasm-unsafe-eval'",
  'worker-src': "'self' blob:",
  'connect-src': "'self'",
  'style-src': "'self'",
  'font-src': "'self'",
  'img-src': "'self' blob: data:",
  'base-uri': "'none'",
  'form-action': "'none'",
})
  .map(([directive, sources]) => `${directive} ${sources}`)
  .join('; ');
