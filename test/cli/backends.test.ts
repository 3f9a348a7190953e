/** The option `--backend`: those of other packages run where they are installed. */
import { nativeAbsence } from '../support/native.js';
import { writeIdxFolder } from '../training/support/idx_files.js';
import { temporaryFolder } from '../training/support/temporary_folder.js';
import { runCli, succeed, TINY } from './support.js';

const inFolder = temporaryFolder();
const absence = nativeAbsence();
const onNative = absence === undefined ? test : test.skip;

beforeAll(() => {
  writeIdxFolder(inFolder('bars'), { train: 12, test: 6, classes: 3 });
});

/** Lines that the native library writes by itself on some processors, whatever TF_CPP_MIN_LOG_LEVEL says. */
const OF_TENSORFLOW = /^(WARNING: All log messages before absl|[IW]\d{4} \d\d:|To enable the following instructions)/;

/** Output of a command on tensorflow that ends well, and says nothing else on stderr. */
async function outputOnNative(words: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await runCli([...words, '--backend', 'tensorflow'], inFolder());
  const own = stderr.split('\n').filter((line) => line !== '' && !OF_TENSORFLOW.test(line));
  expect({ status, own }).toEqual({ status: 0, own: [] });
  return stdout;
}

onNative(`train and evaluate run on tensorflow${absence === undefined ? '' : ` (${absence})`}`, async () => {
  const options = ['--data', 'bars', '--epochs', '1', '--no-plots', '--out', 'run'];
  const stdout = await outputOnNative(['train', ...options, ...TINY]);
  expect(stdout).toMatch(/^backend {2}tensorflow\n/);
  const accuracy = /test accuracy (\S+) % \(/.exec(stdout)![1]!;
  const native = await outputOnNative(['evaluate', 'run']);
  const { stdout: own } = await succeed(['evaluate', 'run'], inFolder());
  for (const text of [native, own]) expect(text).toContain(`test accuracy ${accuracy} %`);
});

test('train says which other backends are installed', async () => {
  const options = ['--data', 'bars', '--epochs', '1', '--no-plots', '--out', 'other', '--backend', 'cpu'];
  const { stdout } = await succeed(['train', ...options, ...TINY], inFolder());
  expect(stdout).toMatch(/^backend {2}cpu\n +also installed: tensorflow, webgpu \(see --backend\)\n/);
});
