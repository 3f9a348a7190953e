// Rewrites a module of wasm kernels so that a host checks every access to memory: reads the binary from standard input and
// writes the rewritten one to standard output. test/support/guarded_heap.ts runs it.
//
//   node scripts/guard_wasm.mjs < kernels.wasm > guarded.wasm
//
// Before a load or store its address goes through an import of module "guard": read(address, offset, bytes) or
// write(address, offset, bytes), which returns the address or throws. memory.fill and memory.copy become imports whole.
import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import binaryen from 'assemblyscript/binaryen';

const IMPORTS = `
  (import "guard" "read" (func $guard_read (param i32 i32 i32) (result i32)))
  (import "guard" "write" (func $guard_write (param i32 i32 i32) (result i32)))
  (import "guard" "fill" (func $guard_fill (param i32 i32 i32)))
  (import "guard" "copy" (func $guard_copy (param i32 i32 i32)))`;

/** Size of a value in bytes, if the instruction does not state it. */
const WIDTHS = { i32: 4, f32: 4, i64: 8, f64: 8, v128: 16 };

const ACCESS = /^(i32|i64|f32|f64|v128)\.(load|store)(?:(\d+)(?:x(\d+))?)?(?:_\w+)?$/;

export function guard(binary) {
  const module = binaryen.readBinary(binary);
  module.setFeatures(binaryen.Features.All);
  const [tree] = parse(module.emitText());
  module.dispose();
  const firstImport = tree.findIndex((node) => node[0] === 'import');
  const guarded = tree.map(rewrite);
  guarded.splice(firstImport, 0, IMPORTS);
  const result = binaryen.parseText(print(guarded));
  result.setFeatures(binaryen.Features.All);
  if (!result.validate()) throw new Error('Cannot guard the wasm kernels: the rewritten module must be valid');
  return result.emitBinary();
}

/** Lists of atoms and lists, from the text format. */
function parse(text) {
  const stack = [[]];
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[()]|;;[^\n]*|[^\s()";]+/g)) {
    if (token.startsWith(';;')) continue;
    if (token === '(') stack.push([]);
    else if (token === ')') {
      const list = stack.pop();
      stack.at(-1).push(list);
    } else stack.at(-1).push(token);
  }
  return stack[0];
}

function print(node) {
  return Array.isArray(node) ? `(${node.map(print).join(' ')})` : node;
}

function rewrite(node) {
  if (!Array.isArray(node)) return node;
  const [name, ...rest] = node.map(rewrite);
  if (name === 'memory.fill') return ['call', '$guard_fill', ...rest];
  if (name === 'memory.copy') return ['call', '$guard_copy', ...rest];
  const access = typeof name === 'string' ? ACCESS.exec(name) : null;
  if (access === null) {
    if (/\.(load|store|atomic|wait|notify)/.test(String(name))) {
      throw new Error(`Cannot guard the wasm kernels: the instruction must be known, received ${name}`);
    }
    return [name, ...rest];
  }
  const [, type, kind, bits, lanes = 1] = access;
  const bytes = bits === undefined ? WIDTHS[type] : (bits * lanes) / 8;
  const offset = rest.find((item) => typeof item === 'string' && item.startsWith('offset='))?.slice(7) ?? '0';
  const address = rest.findIndex(Array.isArray);
  const check = ['call', kind === 'load' ? '$guard_read' : '$guard_write'];
  const checked = [...check, rest[address], ['i32.const', offset], ['i32.const', String(bytes)]];
  return [name, ...rest.with(address, checked)];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.stdout.write(guard(fs.readFileSync(0)));
