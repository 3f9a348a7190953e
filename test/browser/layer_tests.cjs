// The test files that hand layers to the harness (test/layers/support/run_layer_test.ts), found by what they hold, so that a
// layer runs on webgl without being listed. Jest's configuration is JavaScript and reads this.
const fs = require('node:fs');
const path = require('node:path');

/** Files, relative to the repository's root, that stay out of the browser, each with the reason. */
const LEFT_OUT = {};

/** The files below a folder that call the harness, relative to the repository's root. */
function layerTests(folder = 'test/layers') {
  const root = path.resolve(__dirname, '../..');
  return fs
    .readdirSync(path.join(root, folder), { recursive: true })
    .map((name) => path.posix.join(folder, name.split(path.sep).join('/')))
    .filter((file) => file.endsWith('.test.ts') && !(file in LEFT_OUT))
    .filter((file) => /\brunLayerTest\b/.test(fs.readFileSync(path.join(root, file), 'utf8')))
    .sort();
}

module.exports = { layerTests, LEFT_OUT };
