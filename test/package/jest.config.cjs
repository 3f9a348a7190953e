// The test of the packed tarball has a configuration of its own: it builds, packs and installs, which
// `npm test` need not wait for. `npm run test:package` runs it.
const base = require('../../jest.config.cjs');

module.exports = {
  ...base,
  rootDir: '../..',
  testPathIgnorePatterns: ['/node_modules/'],
  testMatch: ['<rootDir>/test/package/*.test.ts'],
  testTimeout: 240_000,
};
