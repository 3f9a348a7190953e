// Tests in Node come first: their results are there before a browser has started. Within each project jest's own order holds:
// files that failed, then those that took longest.
const { default: Sequencer } = require('@jest/test-sequencer');

module.exports = class extends Sequencer {
  async sort(tests) {
    const sorted = await super.sort(tests);
    const isInBrowser = ({ context }) => context.config.displayName?.name === 'browser';
    return [...sorted.filter((test) => !isInBrowser(test)), ...sorted.filter(isInBrowser)];
  }
};
