// Loaded into the program before anything else (node --require): counts its operations on the files of one folder, and at
// the n-th kills the process in the middle of it, or lets it fail as a full or broken disk does.
//
//   FAULT={"folder": …, "at": n, "mode": "kill" | "ENOSPC" | "EDQUOT" | "EIO" | "EROFS", "log": file that gets the names}
const fs = require('node:fs');
const path = require('node:path');

const { folder, at, mode, log } = JSON.parse(process.env.FAULT);
/** Operations that need space; a full disk lets the others be. */
const NEED_SPACE = new Set(['create', 'write', 'mkdir', 'link', 'copyFile', 'writeFile']);
/** Those of a disk that is broken or full last; an input/output error may be one sector. */
const LASTING = { ENOSPC: NEED_SPACE, EDQUOT: NEED_SPACE, EROFS: undefined, EIO: new Set() };
let count = 0;

const isInside = (file) =>
  typeof file === 'string' && (path.resolve(file) === folder || path.resolve(file).startsWith(folder + path.sep));

function fail(name, file) {
  const error = new Error(`${mode}: injected, ${name} '${file}'`);
  throw Object.assign(error, { code: mode, syscall: name, path: file, errno: -1 });
}

/** Called before an operation; `half` does a part of it. */
function before(name, file, half = () => undefined) {
  count++;
  if (log !== undefined) fs.appendFileSync(log, `${name} ${path.relative(folder, file)}\n`);
  if (at === undefined || count < at) return;
  if (mode === 'kill') {
    half();
    process.kill(process.pid, 'SIGKILL');
    // The signal may be on its way; nothing is done any more.
    for (;;);
  }
  const lasting = mode in LASTING ? LASTING[mode] : new Set();
  const isHit = lasting === undefined || lasting.has(name) || (mode === 'EIO' && count === at);
  if (!isHit) return;
  half();
  fail(name, file);
}

const files = new WeakMap();
let isPatched = false;

function patchHandles(handle) {
  if (isPatched) return;
  isPatched = true;
  const prototype = Object.getPrototypeOf(handle);
  const { writeFile, sync } = prototype;
  prototype.writeFile = async function (data, ...rest) {
    const file = files.get(this);
    if (file !== undefined) {
      const bytes = typeof data === 'string' ? Buffer.from(data) : data;
      before('write', file, () => fs.writeSync(this.fd, bytes, 0, Math.floor(bytes.length / 2)));
    }
    return writeFile.call(this, data, ...rest);
  };
  prototype.sync = async function () {
    const file = files.get(this);
    if (file !== undefined) before('sync', file);
    return sync.call(this);
  };
}

const original = { ...fs.promises };
fs.promises.open = async (file, flags = 'r', ...rest) => {
  const isWriting = typeof flags === 'string' && flags !== 'r';
  if (isInside(file) && isWriting) before('create', file);
  const handle = await original.open(file, flags, ...rest);
  patchHandles(handle);
  if (isInside(file)) files.set(handle, file);
  return handle;
};
for (const name of ['rename', 'mkdir', 'rm', 'rmdir', 'link', 'copyFile', 'writeFile']) {
  fs.promises[name] = async (file, ...rest) => {
    if (isInside(file)) before(name, file);
    return original[name](file, ...rest);
  };
}
const { rmSync } = fs;
fs.rmSync = (file, ...rest) => {
  if (isInside(file)) before('rm', file);
  return rmSync(file, ...rest);
};
