/**
 * Replay on the heap of the wasm backend: every value has an address, so a kernel of this package is a list of calls with
 * their numbers, and an optimizer writes into the memory of the variables.
 */
import * as tf from '@tensorflow/tfjs';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { align, ALIGNMENT } from '../backends/wasm/alignment.js';
import { allocate, type HostModule } from '../backends/wasm/allocation.js';
import { heapOf, useHeap } from '../backends/wasm/heaps.js';
import { HostHeap } from '../backends/wasm/host_heap.js';
import { PlannedHeap, UNKNOWN_ATTRIBUTES } from '../backends/wasm/planned_heap.js';
import { computationOf } from '../kernel/live_attributes.js';
import { assignRecorded } from './assign_recorded.js';
import { bytesOf } from './bytes_of.js';
import { computeConstants } from './constants.js';
import { LiveCache } from './live_cache.js';
import { inputsOf, resultOf, type Program } from './program.js';
import type { KernelStep, ValueId } from './recording.js';
import { REPLAY_KERNELS } from './normalised_twice.js';
import { countStep, type Replay } from './replay.js';
import { layOutProgram, type WasmLayout } from './wasm_layout.js';
import { movesOf, type Move } from './wasm_moves.js';

type Action = () => void;

/** Kernels of the host that keep what they prepare from a weight, by the id of its tensor. */
const CACHES_WEIGHTS = /Conv|MatMul|Prelu/;

/** Parts of the module that its types omit. */
interface Heap {
  readonly HEAPU8: Uint8Array;
  readonly tfjs: { disposeData(id: number): void; registerTensor(id: number, size: number, address: number): void };
}

/** Data of a tensor on the backend. */
interface TensorData {
  id: number;
  readonly memoryOffset: number;
  readonly shape: readonly number[];
  refCount: number;
}

/** Returns a replay for the active backend, if that is wasm and its memory is accessible. */
export function wasmReplay(program: Program): WasmReplay | undefined {
  if (tf.getBackend() !== 'wasm') return undefined;
  const active: unknown = tf.backend();
  const backend = active as BackendWasm;
  const heap = heapOf(backend);
  return heap instanceof HostHeap ? new WasmReplay(program, backend, heap) : undefined;
}

/** Runs a program at fixed addresses. */
export class WasmReplay implements Replay {
  private readonly constants: ReadonlyMap<ValueId, tf.Tensor>;
  private readonly layout: WasmLayout;
  private readonly planned: PlannedHeap;
  /** The backend as kernels see it: their outputs are where the layout has them. */
  private readonly view: BackendWasm;
  private readonly block: number;
  private readonly live = new LiveCache();
  private actions: readonly Action[] = [];
  /** Tensors that existed before, and their data when the actions were made; another backend may have had it since. */
  private watched: readonly (readonly [tf.Tensor, TensorData, number])[] = [];
  /** Data ids of the arena, by root. */
  private registered: ReadonlyMap<ValueId, object> = new Map();
  private outputs: readonly tf.TensorInfo[] = [];
  private made = 0;

  constructor(
    private readonly program: Program,
    private readonly backend: BackendWasm,
    heap: HostHeap,
  ) {
    this.constants = computeConstants(program);
    this.layout = layOutProgram(program, this.constants);
    const host = backend.wasm as unknown as HostModule;
    this.block = allocate(host._malloc, this.layout.bytes + ALIGNMENT, heap.memory);
    this.planned = new PlannedHeap(backend, heap, heap.memory);
    this.view = this.createView();
    useHeap(this.view, this.planned);
  }

  run(args: readonly tf.Tensor[]): unknown {
    for (const variable of this.layout.written) this.own(variable);
    if (!this.isCurrent()) this.build();
    this.live.clear();
    this.planned.refresh();
    for (const root of this.layout.copiedIn) this.copyIn(root, args);
    for (const action of this.actions) action();
    const result = resultOf(this.program.result, args, (id) => this.leafOf(id));
    for (const { variable, value } of this.layout.copiedOut) {
      this.copy(this.addressOf(value), this.dataOf(variable).memoryOffset, bytesOf(variable.shape, variable.dtype));
      this.renew(this.dataOf(variable));
    }
    return result;
  }

  dispose(): void {
    useHeap(this.view, undefined);
    // The memory of a backend that has been removed is gone.
    if ((this.backend.wasm as unknown) === null) return;
    this.release();
    this.planned.dispose();
    (this.backend.wasm as unknown as HostModule)._free(this.block);
    tf.dispose([...this.constants.values()]);
  }

  private get memory(): Heap {
    return this.backend.wasm;
  }

  private dataOf({ dataId }: { readonly dataId: object }): TensorData {
    return this.backend.dataIdMap.get(dataId);
  }

  private copy(from: number, to: number, bytes: number): void {
    this.memory.HEAPU8.copyWithin(to, from, from + bytes);
  }

  /** Gives data that has changed a new id: the host keeps what it prepares from weights until their id is disposed. */
  private renew(data: TensorData): void {
    const { tfjs } = this.memory;
    tfjs.disposeData(data.id);
    data.id = (this.backend as unknown as { dataIdNextNumber: number }).dataIdNextNumber++;
    tfjs.registerTensor(data.id, tf.util.sizeFromShape([...data.shape]), data.memoryOffset);
  }

  /** Gives a variable memory of its own if it shares it with a tensor that must not change. */
  private own(variable: tf.Variable): void {
    const data = this.dataOf(variable);
    if (data.refCount === 1) return;
    const info = this.backend.makeOutput(variable.shape, variable.dtype);
    this.copy(data.memoryOffset, this.dataOf(info).memoryOffset, bytesOf(variable.shape, variable.dtype));
    const tensor = tf.engine().makeTensorFromTensorInfo(info);
    assignRecorded(variable, tensor);
    tensor.dispose();
  }

  private isCurrent(): boolean {
    return (
      this.actions.length > 0 &&
      this.watched.every(([tensor, data, address]) => this.dataOf(tensor) === data && data.memoryOffset === address)
    );
  }

  private copyIn(root: ValueId, args: readonly tf.Tensor[]): void {
    const { origin, shape, dtype } = this.program.values[root]!;
    const tensor = origin.from === 'argument' ? args[origin.index]! : (origin as { tensor: tf.Tensor }).tensor;
    this.copy(this.dataOf(tensor).memoryOffset, this.addressOf(root), bytesOf(shape, dtype));
  }

  /** Address of a value, which must not lie in a tensor that has moved since the actions were made. */
  private addressOf(id: ValueId): number {
    const place = this.layout.places.get(this.program.roots[id]!)!;
    return place.in === 'arena' ? align(this.block) + place.offset : this.dataOf(place.tensor).memoryOffset;
  }

  /** Value as kernels of the host take it. */
  private infoOf(id: ValueId): tf.TensorInfo {
    const root = this.program.roots[id]!;
    const { shape, dtype } = this.program.values[id]!;
    const place = this.layout.places.get(root)!;
    const dataId = place.in === 'arena' ? this.registered.get(root)! : place.tensor.dataId;
    return { dataId, shape: [...shape], dtype };
  }

  private leafOf(id: ValueId): tf.Tensor {
    const { shape, dtype } = this.program.values[id]!;
    const info = this.backend.makeOutput([...shape], dtype);
    this.copy(this.addressOf(id), this.dataOf(info).memoryOffset, bytesOf(shape, dtype));
    return tf.engine().makeTensorFromTensorInfo(info);
  }

  /** Makes the actions for the addresses that tensors have now. */
  private build(): void {
    this.release();
    const tensors = [...this.layout.places.values()].flatMap((place) => (place.in === 'tensor' ? [place.tensor] : []));
    this.watched = [...new Set([...tensors, ...this.layout.written])].map((tensor) => {
      const data = this.dataOf(tensor);
      return [tensor, data, data.memoryOffset];
    });
    const registered = new Map<ValueId, object>();
    for (const [root, place] of this.layout.places) {
      if (place.in !== 'arena') continue;
      const { shape, dtype } = this.program.values[root]!;
      const { dataId } = this.backend.makeOutput([...shape], dtype, align(this.block) + place.offset);
      this.dataOf({ dataId }).refCount = Infinity;
      registered.set(root, dataId);
    }
    this.registered = registered;
    do {
      this.planned.reset();
      this.actions = this.program.steps.flatMap((step): Action[] => {
        if (step.kind === 'kernel') return [...this.actionsOf(step), ...this.renewals(step)];
        return step.kind === 'count'
          ? [
              () => {
                countStep(step.optimizer);
              },
            ]
          : [];
      });
    } while (this.planned.scratch.grow());
  }

  private release(): void {
    for (const dataId of this.registered.values()) {
      this.memory.tfjs.disposeData(this.dataOf({ dataId }).id);
      this.backend.dataIdMap.delete(dataId);
    }
    this.registered = new Map();
    this.planned.reset();
    this.actions = [];
  }

  private actionsOf(step: KernelStep): Action[] {
    const moves = movesOf(step, this.program.values);
    if (moves) return moves.map((move) => this.moving(move));
    const { kernelFunc } = REPLAY_KERNELS.get(step.name) ?? tf.getKernel(step.name, 'wasm');
    const inputs = inputsOf(step, (id) => this.infoOf(id)) as tf.NamedTensorInfoMap;
    const infos = step.outputs.map((id) => this.infoOf(id));
    const runWith = (attributes: object): tf.TensorInfo | tf.TensorInfo[] => {
      return kernelFunc({ inputs, attrs: attributes as tf.NamedAttrMap, backend: this.view });
    };
    if (step.name.startsWith('Convolutions/')) {
      const isLive = computationOf(step.attributes) !== undefined;
      const isFixed = (tensor: tf.TensorInfo): boolean => this.isFixed(step, tensor);
      const plan = this.planned.plan(infos, isFixed, () => runWith(isLive ? UNKNOWN_ATTRIBUTES : step.attributes));
      if (plan) {
        const { calls, setAttributes } = plan;
        if (isLive) {
          return [
            () => {
              setAttributes(this.live.current(step.attributes));
            },
            ...calls,
          ];
        }
        setAttributes(step.attributes);
        return [...calls];
      }
    }
    const run = (): tf.TensorInfo | tf.TensorInfo[] => runWith(this.live.current(step.attributes));
    if (!CACHES_WEIGHTS.test(step.name)) {
      return [
        () => {
          this.runHost(run, infos);
        },
      ];
    }
    const changing = Object.values(step.inputs).flatMap((id) => this.registered.get(this.program.roots[id]!) ?? []);
    const data = changing.map((dataId) => this.dataOf({ dataId }));
    return [
      () => {
        for (const each of data) this.renew(each);
        this.runHost(run, infos);
      },
    ];
  }

  private moving(move: Move): Action {
    const { from, fromOffset, fromPitch, to, toOffset, toPitch, bytes, rows } = move;
    const [source, target] = [this.addressOf(from) + fromOffset, this.addressOf(to) + toOffset];
    return this.planned.prepare('copyRows', [source, fromPitch, target, toPitch, bytes, rows]);
  }

  /** True if an input of a kernel lies in a tensor that the program does not change. */
  private isFixed(step: KernelStep, { dataId }: tf.TensorInfo): boolean {
    const written: readonly tf.Tensor[] = this.layout.written;
    return Object.values(step.inputs).some((id) => {
      const place = this.layout.places.get(this.program.roots[id]!)!;
      return place.in === 'tensor' && place.tensor.dataId === dataId && !written.includes(place.tensor);
    });
  }

  /** New ids for the variables whose memory a kernel has written. */
  private renewals({ outputs }: KernelStep): Action[] {
    const places = outputs.map((id) => this.layout.places.get(this.program.roots[id]!)!);
    const written = places.flatMap((place) => (place.in === 'tensor' ? [this.dataOf(place.tensor)] : []));
    return written.map((data) => () => {
      this.renew(data);
    });
  }

  /** Runs a kernel as the engine does, and copies its results if they are not where they should be. */
  private runHost(run: () => tf.TensorInfo | tf.TensorInfo[], infos: readonly tf.TensorInfo[]): void {
    this.outputs = infos;
    this.made = 0;
    this.planned.setOutputs(infos);
    const results = run();
    (Array.isArray(results) ? results : [results]).forEach((result, index) => {
      const info = infos[index]!;
      if (result.dataId === info.dataId) return;
      this.copy(this.dataOf(result).memoryOffset, this.dataOf(info).memoryOffset, bytesOf(info.shape, info.dtype));
      this.backend.disposeData(result.dataId);
    });
  }

  private createView(): BackendWasm {
    const { backend } = this;
    const view = Object.create(backend) as BackendWasm;
    return Object.assign(view, {
      readSync: (...given: Parameters<BackendWasm['readSync']>) => {
        this.planned.refuseWhilePlanning();
        return backend.readSync(...given);
      },
      write: backend.write.bind(backend),
      move: backend.move.bind(backend),
      makeOutput: (...given: Parameters<BackendWasm['makeOutput']>) => this.makeOutput(...given),
    });
  }

  /** Hands out the planned outputs of the running kernel in order; what it makes beside them is its own. */
  private makeOutput(...[shape, dtype, address, values]: Parameters<BackendWasm['makeOutput']>): tf.TensorInfo {
    this.planned.refuseWhilePlanning();
    const info = this.outputs[this.made];
    const fits = info?.dtype === dtype && tf.util.arraysEqual(info.shape, shape);
    if (!fits || address !== undefined || values !== undefined) {
      return this.backend.makeOutput(shape, dtype, address, values);
    }
    this.made++;
    return info;
  }
}
