/** The built-in digits, as packed by `pack_digits.mjs`: the same split as on the command line. */
import { takeFirst, type Dataset, type SplitDataset } from 'tfjs-convolutions/training';
import address from './generated/digits.bin?url';

const HEAD_BYTES = 16;

/**
 * @param limit number of training images to load, at most 8,000
 * @throws Error if the file does not load
 */
export async function loadDigits(limit: number): Promise<SplitDataset> {
  const response = await fetch(new URL(address, import.meta.url));
  if (!response.ok || !response.body) throw new Error(`The digits did not load (${response.status})`);
  const unpacked = response.body.pipeThrough(new DecompressionStream('gzip'));
  const bytes = new Uint8Array(await new Response(unpacked).arrayBuffer());
  const [trainCount, testCount, height, width] = new Uint32Array(bytes.buffer, 0, HEAD_BYTES / 4);
  let offset = HEAD_BYTES;
  const take = (count: number): Uint8Array => bytes.subarray(offset, (offset += count));
  const part = (count: number): Dataset => ({
    labels: Int32Array.from(take(count)),
    images: take(count * height! * width!),
    height: height!,
    width: width!,
    channels: 1,
    classNames: Array.from({ length: 10 }, (_, digit) => String(digit)),
  });
  const train = part(trainCount!);
  return { name: 'mnist', train: takeFirst(train, limit), test: part(testCount!) };
}
