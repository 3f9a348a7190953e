// Jest runs the TypeScript sources through swc; `npm run typecheck` checks the types. Three projects: tests of the sources in
// Node, tests of the built package, which build it first, and tests of the sources in headless Chromium.
// `ignoreDynamic` keeps an import() of a library that has ES modules only (vega) from becoming a require().
const { layerTests } = require('./test/browser/layer_tests.cjs');

// Jest looks through these for tests and watches them. The whole checkout holds fifty thousand files more, of node_modules
// and of what the set-up commands fetch.
const roots = ['src', 'test', 'bench', 'examples', 'scripts'].map((folder) => `<rootDir>/${folder}`);

// Start programs of dist/.
const ofThePackage = ['test/cli/', 'test/faults/', 'test/import.test.ts'].map((name) => `<rootDir>/${name}`);

// Names of the language that no test replaces. In the sandbox of a test every look-up of a global name costs as much as a
// function call, in the middle of each loop; handed to every module as parameters, these cost nothing.
const language = [
  ...['Array', 'Boolean', 'Error', 'Float32Array', 'Float64Array', 'Infinity', 'Int32Array', 'JSON', 'Map', 'Math'],
  ...['Number', 'Object', 'Promise', 'RangeError', 'Reflect', 'Set', 'String', 'Symbol', 'TypeError', 'Uint8Array'],
  ...['Uint32Array', 'WeakMap', 'WeakSet', 'isFinite', 'isNaN'],
];

// Random cases (test/properties) are the same in every run, so that a test that fails is one that a change broke, unless
// they are asked for: `PROPERTY_SEED=random`. One seed for all processes; test/support/seed_reporter.cjs prints it.
const seed = process.env.PROPERTY_SEED ?? '2';
process.env.PROPERTY_SEED = seed === 'random' ? String(Math.floor(Math.random() * 2 ** 31)) : seed;

const node = {
  displayName: 'node',
  roots,
  testEnvironment: '<rootDir>/test/support/environment.cjs',
  setupFiles: ['<rootDir>/test/support/quiet_host.cjs', '<rootDir>/test/support/repeat_random_setup.ts'],
  sandboxInjectedGlobals: language,
  testMatch: ['<rootDir>/{test,bench/test}/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/package/', '<rootDir>/test/browser/', ...ofThePackage],
  resolver: '<rootDir>/test/support/resolver.cjs',
  // Examples import the package by its name.
  moduleNameMapper: {
    '^tfjs-convolutions$': '<rootDir>/src/index.ts',
    '^tfjs-convolutions/(.*)$': '<rootDir>/src/$1/index.ts',
  },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
        module: { type: 'commonjs', ignoreDynamic: true },
        sourceMaps: 'inline',
      },
    ],
  },
};

const dist = {
  ...node,
  displayName: 'dist',
  globalSetup: '<rootDir>/test/support/build_package.cjs',
  testMatch: ofThePackage.map((name) => (name.endsWith('/') ? `${name}**/*.test.ts` : name)),
  testPathIgnorePatterns: ['/node_modules/'],
};

// The tests of operators and layers once more, in headless Chromium: the backends that only a browser has.
const browser = {
  displayName: 'browser',
  roots,
  runner: '<rootDir>/test/browser/runner.cjs',
  testMatch: [
    '<rootDir>/test/ops/*.test.ts',
    '<rootDir>/test/capture/{capture,device_inputs,device_replay,device_training}.test.ts',
    ...layerTests().map((file) => `<rootDir>/${file}`),
    // Layers that call operators in ways of their own, beside the harness.
    '<rootDir>/test/layers/values.test.ts',
    '<rootDir>/test/training/{adam,lost_device,sgd,optimizer_state}.test.ts',
    '<rootDir>/test/recompute/checkpoint.test.ts',
    '<rootDir>/test/browser/*.test.ts',
    // The layers of the host alone, by HOST_SWEEP=all (CONTRIBUTING.md).
    ...(process.env['HOST_SWEEP'] === 'all' ? ['<rootDir>/test/host/layer_gradients.test.ts'] : []),
  ],
  // Errors do not depend on the backend, and stock layers run the host's own kernels there.
  testPathIgnorePatterns: ['errors\\.test\\.ts$', '<rootDir>/test/ops/stock_'],
};

module.exports = {
  projects: [node, dist, browser],
  testSequencer: '<rootDir>/test/support/sequencer.cjs',
  reporters: ['default', '<rootDir>/test/support/skipped_reporter.cjs', '<rootDir>/test/support/seed_reporter.cjs'],
  // Against hangs alone: software renderers are slow beside other work.
  testTimeout: 240_000,
};
