/** Every layer refuses sizes that no tensor can have when it is created or built, before it allocates anything. */
import * as tf from '@tensorflow/tfjs';
import { LAYER_ROWS } from './rows/layers.js';
import { brief, refusalFault, type Row } from './row.js';

beforeAll(() => tf.setBackend('cpu'));

const SIZE = [16, 16, 8];

/** Inputs that a layer may take; each accepts one of them. */
const INPUTS: readonly (readonly tf.Shape[])[] = [[SIZE], [SIZE, SIZE], [SIZE, [4], []], [[16, 16, 16], [4], []]];

function apply(layer: tf.layers.Layer, shapes: readonly tf.Shape[]): tf.Shape {
  const inputs = shapes.map((shape) => tf.input({ shape, dtype: shape.length === 0 ? 'int32' : 'float32' }));
  return (layer.apply(inputs.length === 1 ? inputs[0]! : inputs) as tf.SymbolicTensor).shape;
}

/** The inputs that a layer takes, by trial. */
function inputsOf(row: Row): readonly tf.Shape[] {
  const found = INPUTS.find((shapes) => {
    try {
      apply((row.call as (options: unknown) => tf.layers.Layer)(row.base), shapes);
      return true;
    } catch {
      return false;
    }
  });
  if (found === undefined) throw new Error(`no inputs fit ${row.name}`);
  return found;
}

const ROWS = LAYER_ROWS.filter(({ name, kinds }) => {
  return !name.includes('.') && Object.values(kinds).some(({ huge }) => huge !== undefined);
});

describe.each(ROWS)('$name', (row) => {
  const make = row.call as (options: unknown) => tf.layers.Layer;
  const cases = Object.entries(row.kinds).flatMap(([option, { huge = [] }]) => {
    return huge.map((value) => ({ option, value }));
  });

  it('has only outputs that a tensor can hold, whatever its options', () => {
    const inputs = inputsOf(row);
    const faults = cases.flatMap(({ option, value }) => {
      const title = `${option} = ${brief(value)}`;
      try {
        const shape = apply(make({ ...row.base, [option]: value }), inputs);
        const elements = shape.reduce<number>((product, size) => product * (size ?? 1), 1);
        return elements < 2 ** 31 ? [] : [`${title}: builds an output of [${shape.join(', ')}]`];
      } catch (error) {
        const fault = refusalFault(error);
        return fault === undefined ? [] : [`${title}: ${fault}`];
      }
    });
    expect(faults).toEqual([]);
    expect(tf.memory().numBytes).toBeLessThan(2 ** 28);
  });
});
