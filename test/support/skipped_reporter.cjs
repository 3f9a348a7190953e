// Names, after the last test, everything that did not run here, so that a green run never hides what it left out: a
// backend that is absent, with the reason that its tests carry ("conv2d() [webgpu: skipped, REASON]"), or whatever
// else was skipped, such as published cases that a checkout has no copy of.
const ABSENT = /\[([^\]]+): skipped, (.+)\]$/;

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
        const absent = ABSENT.exec(ancestorTitles[0] ?? '');
        const what = absent ? `${absent[1]}: ${absent[2]}` : [...ancestorTitles, title].join(' ');
        skipped.set(what, (skipped.get(what) ?? 0) + 1);
      }
    }
    if (skipped.size === 0) return;
    process.stderr.write('\nSkipped here:\n');
    for (const [what, count] of skipped) {
      process.stderr.write(`  ${what} (${count} ${count === 1 ? 'test' : 'tests'})\n`);
    }
  }
};
