/** The value of `--from`: a path, or the name of a trained network that comes with the package. */
import fs from 'node:fs';
import path from 'node:path';

/** Trained networks of the package, and their folders in `pretrained/`. */
const PRETRAINED: Readonly<Record<string, string>> = {
  emoji: 'emoji/mobileNetV1',
  'emoji-mobileNetV1-deformable': 'emoji/mobileNetV1-deformable',
  'emoji-mobileNetV2': 'emoji/mobileNetV2',
  'emoji-mobileNetV2-deformable': 'emoji/mobileNetV2-deformable',
};

/** Names that `--from` takes besides paths. */
export const PRETRAINED_NAMES = Object.keys(PRETRAINED);

/** The value of `--from` as it is saved with a run: a name of the package, or an absolute path. */
export function startSource(from: string): string {
  return Object.hasOwn(PRETRAINED, from) ? from : path.resolve(from);
}

/** Path of the model that `--from` names. */
export function startPath(from: string): string {
  if (!Object.hasOwn(PRETRAINED, from)) return from;
  const folder = path.join('pretrained', PRETRAINED[from]!);
  // The compiled program lies deeper in the package than its source.
  for (let parent = __dirname; ; parent = path.dirname(parent)) {
    const candidate = path.join(parent, folder);
    if (fs.existsSync(candidate)) return candidate;
    if (parent === path.dirname(parent)) {
      throw new Error(
        `Cannot start from the model: the package must have its trained networks, received --from = '${from}'`,
      );
    }
  }
}
