/**
 * Replay on a graphics device: the calls that the kernels make there are recorded once and repeated without the kernels. What
 * cannot be repeated runs kernel by kernel.
 */
import * as tf from '@tensorflow/tfjs';
import { webglRecorder } from '../backends/webgl/recorder.js';
import { webgpuRecorder } from '../backends/webgpu/recorder.js';
import { NotRepeatable, type DeviceCalls, type DeviceInput, type DeviceRecorder } from '../kernel/device_recorder.js';
import { identity } from '../ops/identity/op.js';
import { assignRecorded } from './assign_recorded.js';
import { EngineReplay } from './engine_replay.js';
import { LiveNumbers } from './live_numbers.js';
import { leavesOf, readsOf, type Program } from './program.js';
import type { AssignStep, ValueId } from './recording.js';
import type { Replay } from './replay.js';

/** Returns a replay for the active backend, if that is webgl or webgpu. */
export function deviceReplay(program: Program): DeviceReplay | undefined {
  const backend: unknown = tf.backend();
  const recorder = webglRecorder(backend) ?? webgpuRecorder(backend);
  return recorder && new DeviceReplay(program, recorder);
}

/** Most recordings to keep. */
const MOST_RECORDINGS = 3;

/** Most calls until a recording is tried again after a failure, such as one for lack of memory. */
const LONGEST_PAUSE = 1023;

/** Repeats the calls of a program. */
export class DeviceReplay implements Replay {
  obstacle: string | undefined;
  private readonly engine: EngineReplay;
  private readonly numbers: LiveNumbers;
  /** Roots that kernels read and do not write. */
  private readonly inputs: readonly ValueId[];
  /** Roots that kernels write and a variable or the result takes. */
  private readonly outputs: readonly ValueId[];
  private readonly outputIndices: ReadonlyMap<ValueId, number>;
  /** Roots that a variable or the result takes from elsewhere. */
  private readonly passed: readonly ValueId[];
  /** Last assignment of each variable. */
  private readonly assignments: readonly AssignStep[];
  /** Recordings for inputs that lie differently on the device, the one used last first. */
  private recordings: readonly DeviceCalls[] = [];
  private isWarm = false;
  /** Calls to run kernel by kernel after an obstacle; infinitely many if a recording would always meet it. */
  private pause = 0;
  /** Those that are left. */
  private paused = 0;

  constructor(
    private readonly program: Program,
    private readonly recorder: DeviceRecorder,
  ) {
    this.engine = new EngineReplay(program);
    this.numbers = new LiveNumbers(program.steps);
    const { steps, roots, result } = program;
    const isComputed = (root: ValueId): boolean => this.isComputed(root);
    const read = new Set(
      steps.flatMap((step) => (step.kind === 'kernel' ? readsOf(step).map((id) => roots[id]!) : [])),
    );
    this.inputs = [...read].filter((root) => !isComputed(root));
    const assignments = new Map<tf.Variable, AssignStep>();
    for (const step of steps) if (step.kind === 'assign') assignments.set(step.variable, step);
    this.assignments = [...assignments.values()];
    const taken = [...leavesOf(result), ...this.assignments.map(({ value }) => value)].map((id) => roots[id]!);
    this.outputs = [...new Set(taken)].filter(isComputed);
    this.outputIndices = new Map(this.outputs.map((root, index) => [root, index]));
    this.passed = [...new Set(taken)].filter((root) => !isComputed(root));
  }

  run(args: readonly tf.Tensor[]): unknown {
    if (this.paused > 0 || !this.recorder.isReady() || isObserved()) {
      this.paused = Math.max(this.paused - 1, 0);
      return this.engine.run(args);
    }
    this.engine.live.advance(this.program.steps);
    const isChanged = this.numbers.observe(this.engine.live);
    // Once as usual: shaders are compiled, constants uploaded, and the numbers that change show.
    if (!this.isWarm) {
      this.isWarm = true;
      return this.engine.runAdvanced(args);
    }
    if (isChanged) this.forget();
    return tf.tidy(() => this.runRecorded(args) as tf.TensorContainer);
  }

  dispose(): void {
    this.forget();
    this.engine.dispose();
  }

  private runRecorded(args: readonly tf.Tensor[]): unknown {
    let inputs: readonly DeviceInput[];
    let calls: DeviceCalls;
    try {
      inputs = this.recorder.prepare(this.inputs.map((root) => this.inputOf(root, args)));
      calls = this.recordings.find((each) => each.fits(inputs)) ?? this.record(inputs);
    } catch (error) {
      this.stop(error);
      return this.engine.runAdvanced(args);
    }
    this.obstacle = undefined;
    this.pause = 0;
    this.keep(calls);
    return this.replay(calls, inputs, args);
  }

  /** Runs kernel by kernel from now on: always if the calls cannot be repeated, otherwise for longer after each failure. */
  private stop(error: unknown): void {
    this.forget();
    this.obstacle = `kernel by kernel: ${error instanceof Error ? error.message : String(error)}`;
    this.pause = error instanceof NotRepeatable ? Infinity : Math.min(2 * this.pause + 1, LONGEST_PAUSE);
    this.paused = this.pause;
  }

  /** Puts a recording first, and drops the one that has not been used for the longest time. */
  private keep(calls: DeviceCalls): void {
    if (calls === this.recordings[0]) return;
    const others = this.recordings.filter((each) => each !== calls);
    for (const oldest of others.splice(MOST_RECORDINGS - 1)) oldest.dispose();
    this.recordings = [calls, ...others];
  }

  private forget(): void {
    for (const calls of this.recordings) calls.dispose();
    this.recordings = [];
  }

  private isComputed(root: ValueId): boolean {
    return this.program.values[root]!.origin.from === 'kernel' && !this.engine.constants.has(root);
  }

  private inputOf(root: ValueId, args: readonly tf.Tensor[]): DeviceInput {
    return { tensor: this.engine.given(root, args), isConstant: this.engine.constants.has(root) };
  }

  private record(inputs: readonly DeviceInput[]): DeviceCalls {
    const kept = new Set(this.outputs);
    return this.recorder.record(inputs, this.numbers.values(), (operands, numbers) => {
      const tensors = new Map(this.inputs.map((root, index) => [root, operands[index]!]));
      this.engine.runKernels(tensors, this.numbers.attributesWith(numbers), () => undefined, kept);
      return this.outputs.map((root) => tensors.get(root)!);
    });
  }

  private replay(calls: DeviceCalls, inputs: readonly DeviceInput[], args: readonly tf.Tensor[]): unknown {
    const { roots } = this.program;
    const tensors = new Map<ValueId, tf.Tensor>();
    // Before a variable takes another value.
    for (const root of this.passed) tensors.set(root, identity(this.engine.given(root, args)));
    calls.replay(inputs, this.numbers.values()).forEach((info, index) => {
      tensors.set(this.outputs[index]!, tf.engine().makeTensorFromTensorInfo(info));
    });
    for (const { variable, value } of this.assignments) {
      const root = roots[value]!;
      const output = this.outputIndices.get(root);
      if (output !== undefined) calls.recycle(output, variable.dataId);
      assignRecorded(variable, tensors.get(root)!);
    }
    return this.engine.resultOf(args, (id) => tensors.get(roots[id]!)!);
  }
}

/** True if somebody watches the kernels one by one. */
function isObserved(): boolean {
  const { state } = tf.engine() as unknown as { readonly state: { readonly profiling: boolean } };
  return state.profiling || tf.env().getBool('DEBUG');
}
