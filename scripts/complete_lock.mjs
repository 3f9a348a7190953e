// Run after a change of dependencies: completes package-lock.json and checks that it suits every machine.
//
// npm writes no entry for an optional platform package that it could not see, as where a registry mirror holds the
// packages of its own platform only; `npm ci` then refuses the file, on every machine. The packages concerned carry
// their platform in their name, which is all that an entry needs.
//
//   node scripts/complete_lock.mjs [--check]
import fs from 'node:fs';
import path from 'node:path';
import { root } from './freshness.mjs';

const PLATFORM =
  /-(android|darwin|freebsd|linux|openharmony|win32)-(arm|arm64|ia32|loong64|ppc64|riscv64|s390x|x64)(?:-(\w+))?$/;
const LIBC = { gnu: 'glibc', musl: 'musl' };

const file = path.join(root, 'package-lock.json');
const lock = JSON.parse(fs.readFileSync(file, 'utf8'));
const missing = Object.entries(lock.packages).flatMap(([from, { dev, optionalDependencies }]) =>
  Object.entries(optionalDependencies ?? {})
    .filter(([name]) => !isLocked(from, name))
    .map(([name, version]) => [`node_modules/${name}`, platformEntry(name, version, dev)]),
);
// A workspace is a link to a folder of the checkout.
const addressed = Object.keys(lock.packages).filter(
  (name) => lock.packages[name].resolved !== undefined && !lock.packages[name].link,
);

if (addressed.length > 0) {
  throw new Error(`package-lock.json must hold no addresses (see .npmrc), received ${addressed.join(', ')}`);
}
if (process.argv.includes('--check')) {
  if (missing.length > 0) {
    const names = missing.map(([name]) => name).join(', ');
    throw new Error(`package-lock.json is incomplete, run node scripts/complete_lock.mjs: ${names}`);
  }
} else if (missing.length > 0) {
  const [project, ...installed] = Object.entries(lock.packages);
  installed.push(...missing);
  installed.sort(([a], [b]) => a.localeCompare(b, 'en'));
  lock.packages = Object.fromEntries([project, ...installed]);
  fs.writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
  console.log(`Added ${missing.length} platform packages to package-lock.json.`);
}

/** Tests whether Node, searching upwards from a package, would find another one. */
function isLocked(from, name) {
  for (let folder = from; ; folder = folder.slice(0, Math.max(folder.lastIndexOf('/node_modules/'), 0))) {
    if (`${folder}/node_modules/${name}`.replace(/^\//, '') in lock.packages) return true;
    if (folder === '') return false;
  }
}

function platformEntry(name, version, dev) {
  const match = PLATFORM.exec(name);
  if (!match) {
    throw new Error(`Cannot complete package-lock.json: the platform must stand in the name, received ${name}`);
  }
  const [, os, cpu, abi] = match;
  const libc = os === 'linux' && LIBC[abi];
  return { version, cpu: [cpu], ...(dev && { dev }), ...(libc && { libc: [libc] }), optional: true, os: [os] };
}
