// Prints "PASSED FAILED" of a run of Playwright from its JSON report. A run that wrote none, a test that was skipped or
// passed at a second try only, and a backend that no title names are failures: CI leaves nothing out.
//
//   node .ci/count_page_tests.cjs REPORT.json BACKEND...
const fs = require('node:fs');

const [file, ...backends] = process.argv.slice(2);
const complaints = [];

const testsOf = ({ suites = [], specs = [] }) => [
  ...specs.flatMap(({ title, tests }) => tests.map(({ status }) => ({ title, status }))),
  ...suites.flatMap(testsOf),
];

const tests = fs.existsSync(file) ? testsOf(JSON.parse(fs.readFileSync(file, 'utf8'))) : [];
if (tests.length === 0) complaints.push('The tests of the page wrote no result');
const passed = tests.filter(({ status }) => status === 'expected');
for (const { title, status } of tests) if (status !== 'expected') complaints.push(`${title}: ${status}`);
for (const backend of backends) {
  if (!passed.some(({ title }) => title.includes(`[${backend}]`))) complaints.push(`No test ran on '${backend}'`);
}
for (const complaint of complaints) process.stderr.write(`${complaint}\n`);
console.log(`${passed.length} ${complaints.length}`);
