/** The package as users get it: packed, installed in a fresh project, and used every way that it can be imported. */
import fs from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import type TypeScript from 'typescript';
import { createProject, type Outcome, type PackedProject } from './project';

// One output position samples half a pixel down and right, the mean 2.5 of all four; the filter doubles.
const DEFORMED = { backend: 'wasm', y: [5, 4, 6, 8] };

/** All that is no build. */
const DOCUMENTS = [
  ...['package.json', 'README.md', 'CHANGELOG.md', 'SECURITY.md', 'LICENSE'],
  ...['docs/bundlers.md', 'docs/no_bundler.md', 'scripts/setup_native.mjs'],
];

/** The networks of `--from emoji…`, with their attribution. */
const TRAINED = [
  'pretrained/README.md',
  ...['mobileNetV1', 'mobileNetV1-deformable', 'mobileNetV2', 'mobileNetV2-deformable'].flatMap((name) =>
    ['model.json', 'weights.bin'].map((file) => `pretrained/emoji/${name}/${file}`),
  ),
];

let project: PackedProject;
beforeAll(() => {
  project = createProject();
});
afterAll(() => {
  project.remove();
});

/** What a consumer printed, if it ended well and without a word on stderr. */
function printed(outcome: Outcome): unknown {
  expect(outcome).toMatchObject({ status: 0, stderr: '' });
  return JSON.parse(outcome.stdout);
}

describe('the tarball', () => {
  test('holds two builds with declarations, trained networks, licence, documents and the set-up of tfjs-node, and nothing else', () => {
    const unexpected = project.files.filter(
      (file) =>
        !/^dist\/(cjs|esm)\/.+\.(js|js\.map|d\.ts)$/.test(file) &&
        !/^dist\/(cjs|esm)\/package\.json$/.test(file) &&
        !/^pretrained\/(README\.md|\w+\/[\w-]+\/(model\.json|weights\.bin))$/.test(file) &&
        !DOCUMENTS.includes(file),
    );
    expect(unexpected).toEqual([]);
    for (const entry of ['index', 'geometry/index', 'interop/index', 'plots/index', 'training/index']) {
      for (const kind of ['cjs', 'esm']) {
        expect(project.files).toEqual(
          expect.arrayContaining([`dist/${kind}/${entry}.js`, `dist/${kind}/${entry}.d.ts`]),
        );
      }
    }
    expect(project.files).toEqual(expect.arrayContaining([...DOCUMENTS, ...TRAINED]));
  });

  test('has no fault that publint knows', () => {
    const outcome = project.tool('publint/src/cli.js', 'run', '--strict', project.tarball);
    expect(outcome).toMatchObject({ status: 0 });
    expect(outcome.stdout).toContain('All good');
  });

  test('resolves to types that match its modules, whatever the resolution mode', () => {
    const outcome = project.tool('@arethetypeswrong/cli/dist/index.js', project.tarball, '--no-color', '--no-emoji');
    expect(outcome).toMatchObject({ status: 0 });
    expect(outcome.stdout).toContain('No problems found');
  });
});

describe('a fresh project', () => {
  test('uses it through require', () => {
    expect(printed(project.node('require.cjs'))).toEqual(DEFORMED);
  });

  test('uses it through import', () => {
    expect(printed(project.node('import.mjs'))).toEqual(DEFORMED);
  });

  test('gets one engine, one set of classes and no second registration from both at once', () => {
    expect(printed(project.node('both.mjs'))).toEqual({
      sameOp: true,
      sameClass: true,
      sameEngine: true,
      outputShape: [1, 3, 3, 2],
    });
  });

  test.each(['interop.cjs', 'interop.mjs'])('is told by %s in one line which optional package it lacks', (program) => {
    expect(printed(project.node(program))).toBe(
      'Cannot save Keras weights: it needs a package that is not installed; run: npm install h5wasm',
    );
  });

  test('runs the installed command line', () => {
    const bin = path.join(project.directory, 'node_modules/.bin/tfjs-convolutions');
    const outcome = project.node(bin, '--help');
    expect(outcome).toMatchObject({ status: 0, stderr: '' });
    expect(outcome.stdout).toContain('train');
  });
});

describe.each([
  ['5.0.4', 'typescript5'],
  ['6.0.3', 'typescript'],
])('TypeScript %s', (version, compiler) => {
  const ts = jest.requireActual<typeof TypeScript>(compiler);
  const tsc = (...args: string[]): Outcome =>
    project.tool(`${compiler}/bin/tsc`, '--strict', '--skipLibCheck', '--target', 'es2022', ...args);

  test('compiles strict programs of both kinds of module, which run', () => {
    expect(ts.version).toBe(version);
    const programs = [`typed_${version}.cts`, `typed_${version}.mts`];
    for (const program of programs) {
      fs.copyFileSync(path.join(project.directory, 'typed.ts'), path.join(project.directory, program));
    }
    const outcome = tsc('--module', 'node16', '--moduleResolution', 'node16', ...programs);
    expect(outcome).toMatchObject({ status: 0, stdout: '' });
    for (const program of programs) {
      expect(printed(project.node(program.replace('ts', 'js')))).toEqual({ ...DEFORMED, entries: true });
    }
  });

  test('resolves the types as a bundler does', () => {
    const outcome = tsc('--module', 'esnext', '--moduleResolution', 'bundler', '--noEmit', 'typed.ts');
    expect(outcome).toMatchObject({ status: 0, stdout: '' });
  });

  test('finds no error inside the declarations', () => {
    // The host's own declarations have errors without skipLibCheck, so only those of this package are checked.
    const program = ts.createProgram([path.join(project.directory, 'typed.ts')], {
      strict: true,
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.Node16,
      moduleResolution: ts.ModuleResolutionKind.Node16,
    });
    const ours = program.getSourceFiles().filter((file) => file.fileName.includes('node_modules/tfjs-convolutions/'));
    expect(ours.length).toBeGreaterThan(20);
    const errors = ours.flatMap((file) => [
      ...program.getSyntacticDiagnostics(file),
      ...program.getSemanticDiagnostics(file),
    ]);
    const messages = errors.map(
      ({ file, messageText }) => `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`,
    );
    expect(messages).toEqual([]);
  });
});

describe('a bundle', () => {
  /** The package's modules that a bundle of one statement keeps, relative to dist/esm. */
  async function kept(statement: string): Promise<string[]> {
    const { metafile } = await build({
      stdin: { contents: statement, resolveDir: project.directory },
      absWorkingDir: project.directory,
      bundle: true,
      metafile: true,
      write: false,
      outfile: 'bundle.js',
      format: 'esm',
      platform: 'browser',
      external: ['@tensorflow/*', 'fast-png', 'vega', 'vega-interpreter', 'vega-lite'],
    });
    const inputs = Object.entries(metafile.outputs['bundle.js']!.inputs);
    return inputs
      .filter(([file, { bytesInOutput }]) => file.includes('/tfjs-convolutions/') && bytesInOutput > 0)
      .map(([file]) => file.replace(/^.*\/tfjs-convolutions\/dist\/esm\//, ''));
  }

  test('of one picture has neither kernels nor layers nor the rest', async () => {
    const files = await kept(`export { trainingCurves } from 'tfjs-convolutions/plots';`);
    expect(files).toContain('plots/training_curves.js');
    expect(files.filter((file) => /^(register|(ops|backends|layers|models|analysis)\/)/.test(file))).toEqual([]);
  });

  test('of the geometry has nothing of TensorFlow.js and nothing that runs on it', async () => {
    const files = await kept(`export * from 'tfjs-convolutions/geometry';`);
    expect(files).toContain('geometry/sliding_window.js');
    expect(
      files.filter(
        (file) =>
          !/^(errors|support\/check_options|geometry\/\w+|kernel\/geometry|ops\/(groups|\w+\/(border|geometry|window)))\.js$/.test(
            file,
          ),
      ),
    ).toEqual([]);
  });

  test.each([
    ['cost', 'analysis/cost.js', 'models'],
    ['deformConv2d', 'ops/deform_conv2d/op.js', 'models'],
    ['deformConv2d', 'ops/deform_conv2d/op.js', 'analysis'],
  ])('of %s has the kernels, %s and no %s', async (name, file, folder) => {
    const files = await kept(`export { ${name} } from 'tfjs-convolutions';`);
    expect(files).toEqual(expect.arrayContaining(['register.js', file]));
    expect(files.filter((module) => module.startsWith(`${folder}/`))).toEqual([]);
  });
});
