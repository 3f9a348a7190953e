/**
 * Tar archives in the form of WebDataset: files of one sample share their path up to the first dot of the name, and one of
 * them, `….cls`, has the name or the number of the class.
 *
 * Format: "The WebDataset Format", https://github.com/webdataset/webdataset
 */
import { CorruptFileError } from '../errors.js';
import { openRegularFile, readBytes } from '../support/regular_file.js';
import type { ArchiveContents, ArchiveMember } from './archive_members.js';
import { isImage } from './image_kind.js';
import type { ImageListing } from './image_listing.js';
import { sortRecords, type ImageRecord } from './image_records.js';
import { SkippedFiles } from './skipped_files.js';

const ACTION = 'load the images';
const LABEL = 'cls';
/** Most bytes of a label. */
const MAX_LABEL = 1000;

/** Tests for labels among the members. */
export function isWebDataset({ members }: ArchiveContents): boolean {
  return members.some(({ name }) => extensionOf(name) === LABEL);
}

/** @throws CorruptFileError if an image has no label, or a label is empty or too long */
export async function readWebDataset(file: string, { members }: ArchiveContents): Promise<ImageListing> {
  const labels = await readLabels(file, members);
  const skipped = new SkippedFiles(file);
  const records = members.flatMap((member): ImageRecord[] => {
    if (extensionOf(member.name) === LABEL) return [];
    if (!isImage(member.head)) {
      skipped.add('file in another format', [member.name]);
      return [];
    }
    const name = `${file}/${member.name}`;
    const label = labels.get(keyOf(member.name));
    if (label === undefined) throw new CorruptFileError(ACTION, `every image must have a label (.${LABEL})`, name);
    return [{ name, location: { path: file, start: member.start, length: member.length }, label }];
  });
  return sortRecords(file, records, skipped);
}

async function readLabels(file: string, members: readonly ArchiveMember[]): Promise<Map<string, string>> {
  const labels = new Map<string, string>();
  await openRegularFile(ACTION, file, async ({ handle }) => {
    for (const { name, start, length } of members) {
      if (extensionOf(name) !== LABEL) continue;
      const label = length > MAX_LABEL ? '' : (await readBytes(handle, start, length)).toString('utf8').trim();
      if (label === '') {
        throw new CorruptFileError(ACTION, `a label must have 1 to ${MAX_LABEL} bytes`, `${file}/${name}`);
      }
      labels.set(keyOf(name), label);
    }
  });
  return labels;
}

function keyOf(name: string): string {
  const dot = name.indexOf('.', name.lastIndexOf('/') + 1);
  return dot < 0 ? name : name.slice(0, dot);
}

function extensionOf(name: string): string {
  return name.slice(keyOf(name).length + 1).toLowerCase();
}
