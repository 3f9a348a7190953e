// Jest runs the TypeScript sources through swc; `npm run typecheck` checks the types.
// `npm test` starts it with --experimental-vm-modules, without which no test could `import()` an ES-module-only
// library (vega); `ignoreDynamic` keeps such an import() from becoming a require().
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
  testEnvironment: '<rootDir>/test/support/environment.cjs',
  setupFiles: ['<rootDir>/test/support/quiet_host.cjs'],
  sandboxInjectedGlobals: language,
  testMatch: ['<rootDir>/{test,bench/test}/**/*.test.ts'],
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/\\.dist-'],
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/package/', '<rootDir>/test/browser/'],
  // Sources import each other as './x.js', and examples import the package by its name.
  moduleNameMapper: {
    '^(\\.{1,2}/.*)\\.js$': '$1',
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

// The tests of operators once more, in headless Chromium, and those of layers that call them in ways of their own: the
// backends that only a browser has.
const browser = {
  displayName: 'browser',
  runner: '<rootDir>/test/browser/runner.cjs',
  testMatch: [
    '<rootDir>/test/ops/*.test.ts',
    '<rootDir>/test/layers/{layers,values,like,pooling2d,conv2d_transpose,deformable_block}.test.ts',
    '<rootDir>/test/training/{adam,sgd,optimizer_state}.test.ts',
    '<rootDir>/test/browser/*.test.ts',
    // The layers of the host alone, by HOST_SWEEP=all (CONTRIBUTING.md).
    ...(process.env['HOST_SWEEP'] === 'all' ? ['<rootDir>/test/host/layer_gradients.test.ts'] : []),
  ],
  // Errors do not depend on the backend, and stock layers run the host's own kernels there.
  testPathIgnorePatterns: ['errors\\.test\\.ts$', '<rootDir>/test/ops/stock_'],
};

module.exports = {
  projects: [node, browser],
  reporters: ['default', '<rootDir>/test/support/skipped_reporter.cjs', '<rootDir>/test/support/seed_reporter.cjs'],
  testTimeout: 60_000,
};
