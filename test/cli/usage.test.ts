/** The command line itself: help texts and every kind of misuse. */
import os from 'node:os';
import { temporaryFolder } from '../training/support/temporary_folder.js';
import { expectFailure, runCli, succeed } from './support.js';

const inFolder = temporaryFolder();
const CORES = Math.min(os.availableParallelism(), 64);
const words = (line: string): string[] => line.split(' ').filter((word) => word !== '');

test.each(['--help', 'train --help', 'evaluate --help', 'analyze --help', 'convert --help', 'help train'])(
  '%j prints usage, options and examples',
  async (line) => {
    const { stdout } = await succeed(words(line), inFolder());
    expect(stdout).toMatch(/^Usage: tfjs-convolutions/);
    expect(stdout).toContain('Options:');
    expect(stdout).toMatch(/Examples:\n {2}\$ tfjs-convolutions/);
  },
);

test('--version prints the version of the package', async () => {
  expect((await succeed(['--version'], inFolder())).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test.each([
  ['', 'a command must be given'],
  ['trian', "unknown command 'trian' (Did you mean train?)"],
  ['train --epoch 3', "unknown option '--epoch' (Did you mean --epochs?)"],
  ['train digits', 'too many arguments'],
  ['train --learning-rate 0', 'It must be above 0 and at most 1'],
  ['train --learning-rate -0.1', 'It must be above 0 and at most 1'],
  ['train --learning-rate 1e3', 'It must be above 0 and at most 1'],
  ['train --learning-rate fast', 'It must be above 0 and at most 1'],
  ['train --epochs 0', 'It must be an integer from 1 to 1000000'],
  ['train --epochs 1.5', 'It must be an integer from 1 to 1000000'],
  ['train --batch 0', 'It must be an integer from 1 to 65536'],
  ['train --limit 0', 'It must be an integer from 1 to 4294967295'],
  ['train --seed -1', 'It must be an integer from 0 to 4294967295'],
  ['train --seed 0x10', 'It must be an integer from 0 to 4294967295'],
  ['train --alpha 0', 'It must be above 0 and at most 4'],
  ['train --size 4', 'It must be an integer from 8 to 4096'],
  ['train --deformable 35', 'It must be an integer from 0 to 34'],
  ['train --downsampling 6', 'It must be an integer from 0 to 5'],
  ['train --model resnet', 'Allowed choices are mobileNetV1-shallow, mobileNetV1, mobileNetV1-full'],
  ['train --backend webgl', 'Allowed choices are wasm, cpu'],
  ['train --memory least', 'Allowed choices are normal, low'],
  ['train --threads 0', `It must be an integer from 1 to ${CORES}`],
  [`evaluate runs/x --threads ${CORES + 1}`, `It must be an integer from 1 to ${CORES}`],
  ['train --threads 1 --backend cpu', "option '--threads' is only for the backend 'wasm'"],
  ['train --resume --overwrite', "option '--resume' cannot be used with option '--overwrite'"],
  ['train --epochs', "option '--epochs <count>' argument missing"],
  ['evaluate', "missing required argument 'model'"],
  ['analyze', "missing required argument 'model'"],
  ['convert runs/x', "missing required argument 'file'"],
  ['convert runs/x a.tflite', "argument 'file' must end in '.onnx' or '.keras'"],
  ['convert runs/x a.keras --layout nchw', "option '--layout' is for files that end in '.onnx'"],
  ['convert runs/x a.onnx --deformable 2', 'Allowed choices are native, decomposed'],
  ['convert runs/x a.onnx --input-shape 0,any', 'It must be an integer from 1 to'],
  ['convert runs/x a.onnx --preprocessing 1', 'It must be two numbers separated by a comma'],
  ['convert runs/x a.onnx --class-names cat,,dog', 'It must be names separated by commas'],
  ['convert runs/x a.onnx --metadata author', 'It must be key=text'],
  // Options that only the network itself can check.
  ['train --deformable 9', 'the network has 8 such convolutions'],
  ['analyze mobileNetV1 --alpha 0.01', 'alpha must be a number of at least 0.03125'],
  ['analyze squeezeNet --downsampling 5', 'the network has 4 stride-2 layers'],
  ['analyze shuffleNetV2 --alpha 0.7', 'alpha must be one of 0.5, 1, 1.5, 2'],
  ['analyze runs/x --alpha 0.5', "option '--alpha' is only for named models"],
  ['analyze mobilenet_v2 --size 7', 'It must be an integer from 8 to 4096'],
  ['analyze mobilenet_v2 --channels 5', 'It must be an integer from 1 to 4'],
  ['analyze mobilenet_v2 --out', "option '--out <folder>' argument missing"],
])('%j is an invalid command line: one line, status 2', async (line, message) => {
  await expectFailure(words(line), inFolder(), 2, message);
});

test('analyze --json succeeds', async () => {
  const { status } = await runCli(['analyze', 'mobileNetV1', '--json', '--size', '32'], inFolder());
  expect(status).toBe(0);
});
