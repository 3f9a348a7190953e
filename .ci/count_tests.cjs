// Prints "PASSED FAILED" of a jest run from the file that --outputFile wrote. A run that wrote none, a backend of the
// list that no passing test names, and a test that was skipped are failures: CI leaves nothing out. Only tests that
// say "[BACKEND: skipped, REASON]" of a backend that is not in the list may have been skipped.
// Keras, OpenVINO and torchrun, which some tests ask, count as backends.
//
//   node .ci/count_tests.cjs RESULT.json [BACKEND...]
const fs = require('node:fs');

const [file, ...backends] = process.argv.slice(2);
let passed = 0;
let failed = 0;

const fail = (reason) => {
  failed += 1;
  process.stderr.write(`${reason}\n`);
};

function isExcused(name) {
  const backend = /\[(\S+)[^\]]*: skipped, /.exec(name)?.[1];
  return backend !== undefined && !backends.includes(backend);
}

if (fs.existsSync(file)) {
  const { testResults } = JSON.parse(fs.readFileSync(file, 'utf8'));
  const ran = new Set();
  for (const { name, status, assertionResults, message } of testResults) {
    if (status === 'failed' && !assertionResults.some((test) => test.status === 'failed')) {
      fail(`${name} did not run: ${message}`);
    }
    for (const test of assertionResults) {
      if (test.status === 'passed') {
        passed += 1;
        for (const backend of backends) if (test.fullName.includes(`[${backend}]`)) ran.add(backend);
      } else if (test.status === 'failed') failed += 1;
      else if (!isExcused(test.fullName)) fail(`Not run: ${test.fullName} (${test.status})`);
    }
  }
  for (const backend of backends) if (!ran.has(backend)) fail(`No test ran on the backend '${backend}'`);
} else {
  fail('The tests wrote no result');
}
console.log(`${passed} ${failed}`);
