// The CommonJS build: a module for each entry, and chunks of what entries share. A module for each source file takes
// Node three times as long to load, half of it in copies of the host's names, one for each file that imports them.
import path from 'node:path';
import { build } from 'esbuild';
import { root } from './freshness.mjs';

const HOST = '@tensorflow/tfjs';
const ENTRIES = ['index', 'interop/index', 'plots/index', 'geometry/index', 'training/index', 'cli/main'];

/** Routes all imports of the host through one module, since `import * as` makes a copy in CommonJS. */
const oneHost = {
  name: 'one-host',
  setup(builder) {
    builder.onResolve({ filter: new RegExp(`^${HOST}$`) }, ({ namespace }) =>
      namespace === 'host' ? { path: HOST, external: true } : { path: HOST, namespace: 'host' },
    );
    builder.onLoad({ filter: /./, namespace: 'host' }, () => ({ contents: `export * from '${HOST}';` }));
  },
};

/** Bundles src/ into the folder. */
export async function bundleCommonJS(outdir) {
  const options = { outdir, platform: 'node', target: 'node20', sourcemap: 'linked', logLevel: 'warning' };
  // esbuild cuts only ES modules into chunks: first those, then each as CommonJS.
  const { metafile } = await build({
    ...options,
    absWorkingDir: root,
    entryPoints: ENTRIES.map((entry) => `src/${entry}.ts`),
    outbase: 'src',
    chunkNames: 'chunks/[name]-[hash]',
    format: 'esm',
    bundle: true,
    splitting: true,
    packages: 'external',
    metafile: true,
    // The `sideEffects` list of the package names files of dist/.
    ignoreAnnotations: true,
    plugins: [oneHost],
  });
  const modules = Object.keys(metafile.outputs).filter((file) => file.endsWith('.js'));
  await build({
    ...options,
    absWorkingDir: root,
    entryPoints: modules,
    outbase: path.relative(root, outdir),
    format: 'cjs',
    allowOverwrite: true,
  });
}
