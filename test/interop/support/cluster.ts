/** Runs the training program of the Python package: in one process that serves many runs, and under torchrun. */
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { KerasProcess, PACKAGES } from './keras.js';

const PYTHON = path.dirname(PACKAGES);
/** Folders with PyTorch and Keras: for these tests, or for others. */
const FOLDERS = [['cluster'], ['bench/torch', 'keras']]
  .map((names) => names.map((name) => path.join(PYTHON, name)))
  .find((folders) => folders.every((folder) => fs.existsSync(folder)));

/** Reason why PyTorch and Keras are not available; undefined if they are installed. */
export function torchAbsence(): string | undefined {
  return FOLDERS === undefined ? 'PyTorch and Keras are not installed: npm run setup -- cluster' : undefined;
}

/** Environment of the program. */
export const ENVIRONMENT = {
  KERAS_BACKEND: 'torch',
  KERAS_HOME: path.join(FOLDERS?.at(-1) ?? PYTHON, 'home'),
  PYTHONPATH: [...(FOLDERS ?? []), path.join(PYTHON, '../python')].join(path.delimiter),
  PYTHONNOUSERSITE: '1',
  PYTHONDONTWRITEBYTECODE: '',
  OMP_NUM_THREADS: '1',
};

/** Result of a command line. */
export interface TrainingResult {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A Python process that trains, alone. */
export class TrainProcess extends KerasProcess {
  constructor() {
    super('train_server.py', ENVIRONMENT);
  }

  /**
   * Runs a command line.
   *
   * @param args arguments of the program
   * @param signal epoch and step, from 0, before which it gets SIGTERM
   */
  async run(args: readonly string[], signal?: string): Promise<TrainingResult> {
    return (await this.request({ arguments: args, signal })) as TrainingResult;
  }
}

/**
 * Runs the command torchrun.
 *
 * @param args its arguments
 * @param cwd working directory
 * @param more more variables of the environment
 */
export function torchrun(args: readonly string[], cwd = process.cwd(), more: object = {}): Promise<TrainingResult> {
  const options = { cwd, env: { ...process.env, ...ENVIRONMENT, ...more }, maxBuffer: 2 ** 24 };
  return new Promise((resolve) => {
    execFile('python3', ['-m', 'torch.distributed.run', ...args], options, (error, stdout, stderr) => {
      resolve({ status: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

/**
 * Trains in several processes.
 *
 * @param processes number of processes
 * @param args arguments of the program
 * @param kill rank, epoch and step, from 0, before which this process is killed, the first time
 */
export function trainTogether(processes: number, args: readonly string[], kill?: string): Promise<TrainingResult> {
  const program = kill === undefined ? ['-m', 'tfjs_convolutions.train'] : [path.join(__dirname, 'killed_run.py')];
  const settings = ['--standalone', `--nproc-per-node=${processes}`, '--max-restarts=1', '--monitor-interval=0.1'];
  return torchrun([...settings, ...program, ...args], undefined, kill === undefined ? {} : { KILL: kill });
}
