/** Every example for Node runs as its first lines say, on little data. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const ROOT = path.resolve(__dirname, '../..');

/** Where examples write. */
const FOLDER = path.join(os.tmpdir(), `examples_${process.pid}`);

/** What makes an example small, and what it prints then. */
const EXAMPLES: Readonly<Record<string, { readonly args: readonly string[]; readonly prints: RegExp }>> = {
  'building_blocks.ts': {
    args: [],
    prints: /^plain +32×32×64 +36,864 +37,748,736 +0\n(.*\n){8}deformable +32×32×64 +52,443 +37,748,736 +15,925,248$/m,
  },
  'compare_layers.ts': {
    args: ['--images', '64', '--epochs', '1'],
    prints: /^plain +[\d.]+ % .*\ndilated +[\d.]+ % .*\ndeformable +[\d.]+ % .* 381,024$/m,
  },
  'deformable_rfcn.ts': {
    args: ['--images', '4', '--test', '4', '--epochs', '1'],
    prints: /^by chance .*\nR-FCN +48,808 .*\ndeformable R-FCN +54,658 .*$/m,
  },
  'deformable_roi_pooling.ts': {
    args: ['--images', '32', '--epochs', '1', '--out', path.join(FOLDER, 'bins.svg')],
    prints:
      /^all but offsets +15,572 weights: right .* %\nthen extra scores +19,635 weights: right .* %\nor offsets alone +19,666 weights: right .* %$/m,
  },
  'dilated_receptive_fields.ts': {
    args: ['--images', '32', '--epochs', '1', '--test', '20', '--out', path.join(FOLDER, 'fields.svg')],
    prints:
      /^dilations 1, 1, 1, 1: sees 9, names [\d.]+ % right\ndilations 1, 2, 4, 1: sees 17, names [\d.]+ % right$/m,
  },
  'offsets_only.ts': {
    args: ['--data', 'digits', '--train', '64', '--test', '50', '--epochs', '1', '--out', FOLDER],
    prints:
      /^batch .* 176 .*\n +converted: .* by \d.*\noffsets only +9,126 .*\noffsets and .* 9,302 .*\nall .* 15,642 /m,
  },
  'rfb_detector.ts': {
    args: ['--images', '4', '--test', '4', '--epochs', '1'],
    prints: /^plain, untrained +256,560 .*\nplain \(SSD\) .*\nRFB +359,256 .*$/m,
  },
  'denoise_digits.ts': {
    args: ['--images', '32', '--epochs', '1', '--test', '20', '--out', path.join(FOLDER, 'denoise_digits.png')],
    prints: /^with noise +1[01]\.\d+ dB\nmedian 3×3 +1\d\.\d+ dB\n.*\nautoencoder +[\d.]+ dB\n28,353 parameters/m,
  },
  'enlarge_digits.ts': {
    args: ['--images', '32', '--epochs', '1', '--test', '20', '--out', path.join(FOLDER, 'enlarge_digits.png')],
    prints: /^repeated pixels +1[678]\.\d+ dB\nbicubic +[12]\d\.\d+ dB\nFSRCNN +[\d.]+ dB\n12,809 parameters/m,
  },
  'segment_scenes.ts': {
    args: ['--images', '10', '--epochs', '1', '--test', '10', '--out', path.join(FOLDER, 'segment_scenes.png')],
    prints: /^all ground +2\d\.\d %\ncolour alone +[\d.]+ % .*\nDeepLabv3\+ +[\d.]+ % .*\nU-Net +[\d.]+ % .*$/m,
  },
  'published_tables.ts': {
    args: ['--out', path.join(os.tmpdir(), `published_tables_${process.pid}.svg`)],
    prints: /^77 of 77 figures as published; curves: .*\.svg$/m,
  },
};

afterAll(() => {
  fs.rmSync(FOLDER, { recursive: true, force: true });
});

const files = fs.readdirSync(path.join(ROOT, 'examples/node')).filter((file) => file.endsWith('.ts'));

test.each(files)('examples/node/%s runs', (file) => {
  expect(Object.keys(EXAMPLES)).toContain(file);
  const { args, prints } = EXAMPLES[file]!;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [path.join(ROOT, 'node_modules/tsx/dist/cli.mjs'), `examples/node/${file}`, ...args],
    { cwd: ROOT, encoding: 'utf8' },
  );
  expect({ status, stderr }).toMatchObject({ status: 0 });
  expect(stdout).toMatch(prints);
});
