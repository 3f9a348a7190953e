// The test of the packed tarball has a configuration of its own: it builds, packs and installs, which
// `npm test` need not wait for. `npm run test:package` runs it.
const {
  projects: [node],
  reporters,
} = require('../../jest.config.cjs');

module.exports = {
  ...node,
  displayName: 'package',
  rootDir: '../..',
  testMatch: ['<rootDir>/test/package/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  reporters,
  testTimeout: 240_000,
};
