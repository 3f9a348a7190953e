/**
 * Measures training on a folder of photos that do not fit into memory: memory of the process, and the share of the time in
 * which steps wait for images. Writes the photos first; prints a table and writes docs/images/photos.svg. Takes about 15 minutes.
 *
 *   npm run -w bench photos
 *   npm run -w bench photos -- --photos 2000 --steps 10 --folder FOLDER
 */
import { fork } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import { useThreads } from '../src/index.js';
import { photoChart } from './support/photo_chart.js';
import { photoRun, type PhotoFigures, type PhotoSample } from './support/photo_run.js';
import { markdownTable } from './support/table.js';
import { writePhotos } from './support/write_photos.js';

/** Photos of the run that shows what the model itself needs. */
const FEW = 200;

/** Steps after which the memory of a run no longer grows: the captured step has been compared with an ordinary one. */
const ENOUGH = 40;

const PICTURE = path.join(__dirname, '../docs/images/photos.svg');

interface Options {
  readonly photos: number;
  readonly steps: number;
  readonly folder: string;
}

interface Measured {
  readonly samples: PhotoSample[];
  readonly figures: PhotoFigures;
}

type Cache = Parameters<typeof photoRun>[2];

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('A positive integer is needed.');
  return value;
}

/** Trains in another process, so that its memory is its own. */
async function measure(folder: string, steps: number, cache: Cache): Promise<Measured> {
  const samples: PhotoSample[] = [];
  let figures: PhotoFigures | undefined;
  const child = fork(__filename, ['--child', folder, String(steps), cache]);
  child.on('message', (message: PhotoSample | PhotoFigures) => {
    if ('part' in message) samples.push(message);
    else figures = message;
    if (process.stderr.isTTY && 'part' in message) process.stderr.write(`\r${message.part}: ${message.photos} photos `);
  });
  const status = await new Promise<number | null>((resolve) => child.on('close', resolve));
  if (status !== 0 || !figures) throw new Error(`Cannot measure: the run must end well, received status = ${status}`);
  return { samples, figures };
}

function peakOf(samples: readonly PhotoSample[], part: PhotoSample['part']): number {
  return Math.max(...samples.filter((sample) => sample.part === part).map(({ residentBytes }) => residentBytes));
}

async function compare({ photos, steps, folder }: Options): Promise<void> {
  const [many, few] = [path.join(folder, String(photos)), path.join(folder, String(FEW))];
  await writePhotos(many, photos);
  await writePhotos(few, FEW);
  const runs = [await measure(many, steps, 'none'), await measure(few, Math.min(steps, ENOUGH), 'memory')];
  const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(0);
  const rows = runs.map(({ samples, figures }) => [
    String(figures.photos),
    figures.secondsOfReading.toFixed(1),
    mebibytes(samples.length > 0 ? peakOf(samples, 'training') : NaN),
    String(figures.steps),
    (figures.secondsOfTraining / figures.steps).toFixed(2),
    `${((100 * figures.secondsWaited) / figures.secondsOfTraining).toFixed(2)} %`,
  ]);
  const head = ['photos', 'all read once, s', 'peak in training, MiB', 'steps', 'a step, s', 'waiting for images'];
  process.stdout.write(`${markdownTable(head, rows)}\n`);
  const title = `MobileNetV2 (α = 0.35) at 224² on ${photos.toLocaleString('en')} JPEG files`;
  fs.writeFileSync(PICTURE, await photoChart(title, runs[0]!.samples, peakOf(runs[1]!.samples, 'training')));
}

async function main(): Promise<void> {
  if (process.argv[2] === '--child') {
    const [folder, steps, cache] = process.argv.slice(3) as [string, string, Cache];
    useThreads();
    await tf.setBackend('wasm');
    const send = (message: PhotoSample | PhotoFigures): void => {
      process.send!(message);
    };
    send(await photoRun(folder, Number(steps), cache, send));
    process.disconnect();
    return;
  }
  await new Command('photos')
    .option('--photos <count>', 'number of photos', positive, 40_000)
    .option('--steps <count>', 'training steps of 32 photos', positive, 150)
    .option('--folder <path>', 'folder of the photos', path.join(os.tmpdir(), 'photos'))
    .action(compare)
    .parseAsync();
}

void main();
