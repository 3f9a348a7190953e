/** Reads image files: they are decoded and downscaled in the worker, a few at a time. */
import { WorkerEndedError } from '../engine/open_engine.js';
import { messageOf } from '../shared/message_of.js';
import { newId } from '../shared/new_id.js';
import type { OwnImage } from './protocol.js';
import type { Worker } from './use_training.js';

/** Files that are commonly found in image folders but are not images. */
const NOT_AN_IMAGE = /^\.|^thumbs\.db$|^desktop\.ini$/i;
const AT_A_TIME = 8;

/**
 * @param add called with each group of images as soon as it has been read
 * @param problems receives a sentence for every file that is not an image
 */
export async function readImages(
  files: readonly File[],
  worker: () => Promise<Worker>,
  add: (images: readonly OwnImage[]) => void,
  problems: string[],
): Promise<void> {
  const found = files.filter(({ name }) => !NOT_AN_IMAGE.test(name));
  for (let start = 0; start < found.length; start += AT_A_TIME) {
    const images = await Promise.all(
      found.slice(start, start + AT_A_TIME).map(async (file) => {
        try {
          return [{ id: newId(), name: file.name, picture: await shrunk(file, worker) }];
        } catch (error) {
          problems.push(
            `“${file.name}” was left out: it is not an image that this browser can read (${messageOf(error)}). The others are there.`,
          );
          return [];
        }
      }),
    );
    add(images.flat());
  }
}

/** A run that starts or is cancelled meanwhile may end the worker; the next one reads the file. */
async function shrunk(file: File, worker: () => Promise<Worker>): Promise<Blob> {
  try {
    return await (await worker()).engine.shrink(file);
  } catch (error) {
    if (!(error instanceof WorkerEndedError)) throw error;
    return (await worker()).engine.shrink(file);
  }
}
