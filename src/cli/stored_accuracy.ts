/** Accuracy of a model whose weights were stored in fewer bytes. */
import { evaluate } from '../training/evaluate.js';
import type { Images } from '../training/image_source.js';
import { loadModel } from '../training/model_files.js';
import type { WeightType } from '../training/weight_types.js';
import { percent } from './format.js';

/**
 * Measures the stored model and says what its weights cost.
 *
 * @param accuracy accuracy on these images before it was stored
 */
export async function describeLoss(
  folder: string,
  test: Images,
  accuracy: number,
  weights: WeightType,
): Promise<string> {
  const model = await loadModel(folder);
  const stored = await evaluate(model, test);
  model.dispose();
  return `test accuracy with weights in ${weights} ${percent(stored.accuracy, 2)}, in float32 ${percent(accuracy, 2)}`;
}
