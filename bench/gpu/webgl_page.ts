/** Counting on WebGL inside the browser: a new page for each workload, and therefore a fresh backend. */
import * as tf from '@tensorflow/tfjs';
import { count, type Counted } from './count.js';
import { watchWebGL } from './webgl_recorder.js';
import { LISTS } from './works.js';

export async function countOnWebGL(list: keyof typeof LISTS, index: number): Promise<Counted> {
  if (!(await tf.setBackend('webgl'))) throw new Error("The backend 'webgl' did not start");
  return count(LISTS[list][index]!, watchWebGL(), { twice: list === 'operators' });
}
