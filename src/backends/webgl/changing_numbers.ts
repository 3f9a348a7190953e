/** Numbers that change from replay to replay, in the arguments of recorded calls. */
import { NotRepeatable, probesOf } from '../../kernel/device_recorder.js';
import { isNumbers, type ContextCall } from './recording_context.js';

/** Place of a number. */
interface Site {
  /** The arguments, or a list among them. */
  readonly list: { [index: number]: unknown };
  readonly index: number;
  /** Index among the numbers that change. */
  readonly number: number;
}

/** Places of the numbers in the arguments of uniforms. */
export class ChangingNumbers {
  private readonly sites: Site[] = [];
  private readonly calls = new Set<ContextCall>();

  /** @param probed calls of a recording of the same kernels with probes in place of the numbers */
  constructor(calls: readonly ContextCall[], probed: readonly ContextCall[], numbers: readonly number[]) {
    const places = new Map(probesOf(numbers).map((probe, index) => [probe, index]));
    if (calls.length !== probed.length) refuse();
    calls.forEach((call, index) => {
      const other = probed[index]!;
      if (call.name !== other.name || call.args.length !== other.args.length) refuse();
      this.compare(call, call.args, other.args, places);
    });
  }

  /** True if an argument of the call changes. */
  has(call: ContextCall): boolean {
    return this.calls.has(call);
  }

  /** Puts the numbers into the arguments. */
  write(numbers: readonly number[]): void {
    for (const { list, index, number } of this.sites) list[index] = numbers[number];
  }

  private compare(call: ContextCall, a: ArrayLike<unknown>, b: ArrayLike<unknown>, places: Map<number, number>): void {
    for (let index = 0; index < a.length; index++) {
      const [one, other] = [a[index], b[index]];
      if (isNumbers(one) && isNumbers(other)) {
        if (one.length !== other.length) refuse();
        this.compare(call, one, other, places);
      } else if (typeof one === 'number' && !Object.is(one, other)) {
        const number = places.get(other as number);
        if (number === undefined || !call.name.startsWith('uniform')) return refuse();
        this.calls.add(call);
        this.sites.push({ list: a, index, number });
      }
    }
  }
}

function refuse(): never {
  throw new NotRepeatable('a kernel computes with numbers that change');
}
