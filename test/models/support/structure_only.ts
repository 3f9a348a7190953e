/** Zero initial weights for tests of a network's structure: drawing its millions of random weights takes seconds. */
import * as tf from '@tensorflow/tfjs';

interface Initializer {
  apply(shape: number[], dtype?: tf.DataType): tf.Tensor;
}

/** Lets the networks of the surrounding `describe` start from zeros, on the cpu backend. */
export function structureOnly(): void {
  // What all initializers of kernels inherit: glorotUniform, heNormal and the rest.
  const { constructor } = tf.initializers.glorotUniform({});
  const { prototype } = Object.getPrototypeOf(constructor) as { readonly prototype: Initializer };
  let apply: jest.SpiedFunction<Initializer['apply']>;

  beforeAll(async () => {
    await tf.setBackend('cpu');
    apply = jest.spyOn(prototype, 'apply').mockImplementation((shape, dtype) => tf.zeros(shape, dtype));
  });
  afterAll(() => {
    expect(apply).toHaveBeenCalled();
    apply.mockRestore();
  });
}
