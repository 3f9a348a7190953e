/** One call of each of the six region operators, for tests that apply to all of them. */
import type { RoiName, RoiOptionsOf } from './roi.js';

export interface Operator<N extends RoiName = RoiName> {
  readonly name: N;
  readonly options: RoiOptionsOf[N];
  /** [h, w, c]. */
  readonly image: readonly [number, number, number];
  /** Shape of the offsets per box. */
  readonly offset?: readonly number[];
  /** Shape of the output per box. */
  readonly output: readonly number[];
}

const operator = <N extends RoiName>(given: Operator<N>): Operator => given;

const DEFORM_PS = { outputDim: 6, pooledSize: 3, groupSize: 2, partSize: 2, samplesPerPart: 2 } as const;
const GRID = { outputSize: [2, 3], spatialScale: 0.5 } as const;
export const OPERATORS: readonly Operator[] = [
  operator({ name: 'roiPool', options: GRID, image: [6, 7, 5], output: [2, 3, 5] }),
  operator({ name: 'roiAlign', options: GRID, image: [6, 7, 5], output: [2, 3, 5] }),
  operator({ name: 'psRoiPool', options: GRID, image: [6, 7, 12], output: [2, 3, 2] }),
  operator({ name: 'psRoiAlign', options: GRID, image: [6, 7, 12], output: [2, 3, 2] }),
  operator({ name: 'deformRoiPool', options: GRID, image: [6, 7, 5], offset: [2, 3, 2], output: [2, 3, 5] }),
  operator({
    name: 'deformPsRoiPool',
    options: { ...DEFORM_PS, spatialScale: 0.5 },
    image: [6, 7, 24],
    offset: [2, 2, 4],
    output: [3, 3, 6],
  }),
];
