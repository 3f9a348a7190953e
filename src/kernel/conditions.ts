/**
 * Conditions that decide which kernels a function runs and that no tensor shows, such as whether a layer without weights is
 * frozen. A captured function is recorded anew when one has changed.
 */

/** A condition, and whether it held while a function ran. */
export interface Condition {
  readonly holds: () => boolean;
  readonly held: boolean;
}

let noted: Condition[] | undefined;

/** Tests a condition on which the kernels of the function that is running depend. */
export function dependsOn(holds: () => boolean): boolean {
  const held = holds();
  noted?.push({ holds, held });
  return held;
}

/** Runs a function, and adds the conditions that it depends on to a list. */
export function noteConditions<Result>(list: Condition[], f: () => Result): Result {
  const outer = noted;
  noted = list;
  try {
    return f();
  } finally {
    noted = outer;
  }
}
