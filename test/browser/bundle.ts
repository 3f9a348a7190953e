/** Test files as modules of a browser page: one bundle for all of them, so that they share the host library's code. */
import { builtinModules } from 'node:module';
import path from 'node:path';
import { build, type Plugin } from 'esbuild';

/** Modules by the path of their address, each with its source map under the same path and `.map`. */
export type Bundle = ReadonlyMap<string, string>;

/**
 * What stands in for modules that only Node has. The host asks for some where it finds Node; `expect` needs two functions
 * of packages that read files; golden files come with the page (conformance_page.ts).
 */
const STAND_INS: Readonly<Record<string, string>> = {
  'node:fs': `
    exports.existsSync = () => globalThis.filesOfPage !== undefined;
    exports.readdirSync = () => Object.keys(globalThis.filesOfPage);
    exports.readFileSync = (name) => globalThis.filesOfPage[name];`,
  'node:path': 'exports.join = (folder, name) => name; exports.basename = (name) => name;',
  'node:module': 'exports.createRequire = () => () => undefined;',
  'jest-util': "exports.isPromise = (value) => typeof value?.then === 'function';",
  'jest-message-util': `
    exports.formatStackTrace = (stack) => stack;
    exports.separateMessageFromStack = (text) => ({ message: text, stack: '' });`,
};

const withoutNode: Plugin = {
  name: 'without-node',
  setup(builder) {
    const absent = new Set([
      ...builtinModules,
      ...builtinModules.map((name) => `node:${name}`),
      ...Object.keys(STAND_INS),
    ]);
    builder.onResolve({ filter: /.*/ }, ({ path: name }) =>
      absent.has(name) ? { path: name, namespace: 'without-node' } : null,
    );
    builder.onLoad({ filter: /.*/, namespace: 'without-node' }, ({ path: name }) => ({
      contents: STAND_INS[name] ?? 'module.exports = {};',
    }));
  },
};

/** Bundles the files; the module of `test/a.ts` under `root` gets the path `/test/a.js`. */
export async function bundle(root: string, files: readonly string[]): Promise<Bundle> {
  const outdir = path.join(root, 'bundle');
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [...files],
    outbase: root,
    outdir,
    write: false,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    sourcemap: 'linked',
    logLevel: 'warning',
    // The package's own list of files with side effects names those of dist/.
    ignoreAnnotations: true,
    // Packages ask for `process.env` at the least; without `versions` nobody takes the page for Node. Of the environment a
    // page knows what random cases are drawn by, and how many devices to lose.
    banner: { js: `const process = { env: ${JSON.stringify(settings())} }, __filename = '';` },
    plugins: [withoutNode],
  });
  return new Map(
    outputFiles.map(({ path: file, text }) => [`/${path.relative(outdir, file).split(path.sep).join('/')}`, text]),
  );
}

/** The variables that test/properties and test/training/lost_device.test.ts read. */
function settings(): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => /^(PROPERTY_.*|LOSSES)$/.test(name)));
}

/** The path of a file's module. */
export function modulePath(root: string, file: string): string {
  return `/${path.relative(root, file).split(path.sep).join('/')}`.replace(/\.ts$/, '.js');
}
