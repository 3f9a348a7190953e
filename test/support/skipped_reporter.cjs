// Names, after the last test, everything that did not run here (an absent backend, published cases that a
// checkout has no copy of), so that a green run never hides what it left out.
module.exports = class SkippedReporter {
  constructor({ testNamePattern }) {
    this.isWholeRun = !testNamePattern;
  }

  onRunComplete(_contexts, results) {
    if (!this.isWholeRun) return;
    const skipped = new Map();
    for (const { testResults } of results.testResults) {
      for (const { status, ancestorTitles, title } of testResults) {
        if (status !== 'pending') continue;
        const group = ancestorTitles[0] ?? title;
        skipped.set(group, (skipped.get(group) ?? 0) + 1);
      }
    }
    if (skipped.size === 0) return;
    process.stderr.write('\nSkipped here:\n');
    for (const [group, count] of skipped)
      process.stderr.write(`  ${group} (${count} ${count === 1 ? 'test' : 'tests'})\n`);
  }
};
