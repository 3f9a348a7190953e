/** The option `--backend`: those of other packages run where they are installed. */
import { nativeAbsence } from '../support/native.js';
import { writeIdxFolder } from '../training/support/idx_files.js';
import { temporaryFolder } from '../training/support/temporary_folder.js';
import { succeed, TINY } from './support.js';

const inFolder = temporaryFolder();
const absence = nativeAbsence();
const onNative = absence === undefined ? test : test.skip;

beforeAll(() => {
  writeIdxFolder(inFolder('bars'), { train: 12, test: 6, classes: 3 });
});

onNative(`train and evaluate run on tensorflow${absence === undefined ? '' : ` (${absence})`}`, async () => {
  const options = ['--data', 'bars', '--epochs', '1', '--no-plots', '--out', 'run', '--backend', 'tensorflow'];
  const { stdout } = await succeed(['train', ...options, ...TINY], inFolder());
  expect(stdout).toMatch(/^backend {2}tensorflow\n/);
  const accuracy = /test accuracy (\S+) % \(/.exec(stdout)![1]!;
  const { stdout: native } = await succeed(['evaluate', 'run', '--backend', 'tensorflow'], inFolder());
  const { stdout: own } = await succeed(['evaluate', 'run'], inFolder());
  for (const text of [native, own]) expect(text).toContain(`test accuracy ${accuracy} %`);
});

test('train says which other backends are installed', async () => {
  const options = ['--data', 'bars', '--epochs', '1', '--no-plots', '--out', 'other', '--backend', 'cpu'];
  const { stdout } = await succeed(['train', ...options, ...TINY], inFolder());
  expect(stdout).toMatch(/^backend {2}cpu\n +also installed: tensorflow, webgpu \(see --backend\)\n/);
});
