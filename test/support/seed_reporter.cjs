// Prints, after the last test, the seed of the random cases (test/properties), if there were any: it reproduces them.
module.exports = class SeedReporter {
  onRunComplete(_contexts, { testResults }) {
    if (testResults.some(({ testFilePath }) => /properties\w*\.test\.ts$/.test(testFilePath))) {
      process.stderr.write(`\nRandom cases: PROPERTY_SEED=${process.env.PROPERTY_SEED}\n`);
    }
  }
};
