/**
 * Makes `Math.random()`, from which the host draws its initial weights, repeat itself: a test fails in every run or in none.
 * `PROPERTY_SEED=random` draws otherwise in each.
 */
import { Random } from './random.js';

export function repeatRandom(): void {
  const random = new Random(Number(process.env['PROPERTY_SEED']));
  Math.random = () => random.next();
}
