// What comes with the package and with a checkout of it: licences, install scripts, integrity and known vulnerabilities,
// read from package-lock.json. Exit status 1 with one line for each rule that is broken.
//
//   node scripts/supply_chain.mjs
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { root } from './freshness.mjs';

const PERMISSIVE = new Set([
  ...['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'BlueOak-1.0.0', 'CC0-1.0', 'ISC', 'MIT', 'Python-2.0'],
  ...['Unlicense', 'WTFPL', 'Zlib'],
]);
/** Acceptable for tools that are not shipped: data, fonts, and unmodified libraries. */
const FOR_DEVELOPMENT = new Set([...PERMISSIVE, 'CC-BY-3.0', 'CC-BY-4.0', 'LGPL-3.0-or-later', 'MPL-2.0', 'OFL-1.1']);
/** Licences given in a file of the package: that of h5wasm is NIST's, free for every use. */
const IN_A_FILE = new Set(['h5wasm']);
/** Packages with an install script; .npmrc lets none run. */
const WITH_SCRIPTS = [
  ...['@parcel/watcher', '@swc/core', '@tensorflow/tfjs-node', 'core-js', 'esbuild', 'fsevents', 'onnxruntime-node'],
  ...['protobufjs', 'webgpu', 'zeromq'],
];

const EXACT = /^(?:npm:\S+@)?\d+\.\d+\.\d+(?:-\d+)?$/;

const own = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'));
const lock = JSON.parse(fs.readFileSync(path.join(root, 'package-lock.json'), 'utf8'));
const broken = [];

for (const folder of ['.', ...own.workspaces]) {
  const file = path.join(folder, 'package.json');
  const { scripts, devDependencies } = JSON.parse(fs.readFileSync(path.join(root, file), 'utf8'));
  for (const script of ['preinstall', 'install', 'postinstall', 'prepare']) {
    if (scripts[script]) broken.push(`${file} must have no script ${script}`);
  }
  for (const [name, version] of Object.entries(devDependencies)) {
    if (!EXACT.test(version)) broken.push(`${file} must name one version of ${name}, received '${version}'`);
  }
}
if (!/^ignore-scripts=true$/m.test(fs.readFileSync(path.join(root, '.npmrc'), 'utf8'))) {
  broken.push('.npmrc must have ignore-scripts=true');
}
for (const [place, entry] of Object.entries(lock.packages)) {
  const isOwn = !place.includes('node_modules/') || entry.link;
  if (isOwn) continue;
  if (own.workspaces.some((folder) => place.startsWith(`${folder}/`))) {
    broken.push(`${place} must have the version that node_modules has: one for all package.json`);
  }
  const name = place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length);
  // Packages of other platforms, which a registry mirror may not have shown.
  const unseen = entry.optional === true && entry.integrity === undefined;
  if (unseen) continue;
  if (!/^sha512-/.test(entry.integrity ?? '')) broken.push(`${name} must have a SHA-512 in package-lock.json`);
  if (entry.hasInstallScript && !WITH_SCRIPTS.includes(name)) broken.push(`${name} must have no install script`);
  const shipped = !entry.dev && !entry.optional && !entry.peer;
  const allowed = shipped ? PERMISSIVE : FOR_DEVELOPMENT;
  if (!IN_A_FILE.has(name) && !isAllowed(entry.license ?? '', allowed)) {
    broken.push(`the licence of ${name} must be one of ${[...allowed].join(', ')}, received '${entry.license}'`);
  }
}
broken.push(...vulnerabilities());

for (const line of broken) console.error(line);
console.log(`${Object.keys(lock.packages).length - 1} packages: ${broken.length} rules broken.`);
process.exitCode = broken.length > 0 ? 1 : 0;

/** Tests an expression such as (MIT OR CC0-1.0) for an alternative whose parts are all allowed. */
function isAllowed(expression, allowed) {
  const alternatives = expression.replace(/[()]/g, '').split(' OR ');
  return alternatives.some((terms) => terms.split(' AND ').every((term) => allowed.has(term.trim())));
}

/** Checks for high and critical vulnerabilities in what users install; reports a registry that does not answer audits. */
function vulnerabilities() {
  const args = ['audit', '--json', '--omit=dev', '--audit-level=high'];
  const { stdout } = spawnSync('npm', args, { cwd: root, encoding: 'utf8', timeout: 60_000 });
  let report;
  try {
    report = JSON.parse(stdout);
  } catch {
    report = { message: 'no answer' };
  }
  if (report.metadata === undefined) {
    console.log(`Not audited: the registry answers no audits (${report.statusCode ?? report.message}).`);
    return [];
  }
  return Object.values(report.vulnerabilities)
    .filter(({ severity }) => ['high', 'critical'].includes(severity))
    .map(({ name, severity }) => `${name} has a ${severity} vulnerability (npm audit)`);
}
