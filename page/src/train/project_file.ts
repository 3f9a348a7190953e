/**
 * A project as a file: a zip archive with the images in a folder for each class, an imported network, and the rest of the form
 * in project.json. The command line trains on it as it is.
 */
import { messageOf } from '../shared/message_of.js';
import { newId } from '../shared/new_id.js';
import { checkFacts } from './check_facts.js';
import { FIRST_FORM, type Form } from './form.js';
import { IMAGE_SIZES, isNetworkName } from './network_list.js';
import { isTrunk } from './trunks.js';
import type { ImageClass } from './protocol.js';

const MANIFEST = 'project.json';
const VERSION = 1;

/** Largest size of everything in a file that is opened, in bytes. */
const MOST_BYTES = 2 ** 30;

interface ProjectClass {
  readonly name: string;
  readonly images: readonly { readonly name: string; readonly file: string }[];
}

/** Contents of project.json. */
interface Project extends Pick<Form, 'data' | 'limit' | 'size' | 'network' | 'settings'> {
  readonly tfjsConvolutionsProject: number;
  readonly classes: readonly ProjectClass[];
  readonly imported?: Pick<NonNullable<Form['imported']>, 'facts'>;
}

const FOLDER = 'network';

export async function encodeProject(form: Form): Promise<Blob> {
  const { zip } = await import('fflate');
  const files: Record<string, Uint8Array> = {};
  const { data, limit, size, network, settings, imported } = form;
  const classes: ProjectClass[] = [];
  const folders = foldersOf(form.classes);
  for (const [position, { name, images }] of form.classes.entries()) {
    const folder = folders[position]!;
    const entries: { name: string; file: string }[] = [];
    for (const [index, image] of images.entries()) {
      const file = `${folder}/${String(index + 1).padStart(4, '0')}.png`;
      files[file] = new Uint8Array(await image.picture.arrayBuffer());
      entries.push({ name: image.name, file });
    }
    classes.push({ name, images: entries });
  }
  const text = new TextEncoder();
  if (imported) {
    files[`${FOLDER}/model.json`] = text.encode(imported.files.topology);
    files[`${FOLDER}/weights.bin`] = imported.files.weights;
  }
  const project: Project = {
    tfjsConvolutionsProject: VERSION,
    data,
    limit,
    size,
    network,
    settings,
    classes,
    ...(imported && { imported: { facts: imported.facts } }),
  };
  files[MANIFEST] = text.encode(JSON.stringify(project, null, 1));
  return new Promise((resolve, reject) => {
    // PNG files do not become smaller.
    zip(files, { level: 0 }, (error, bytes) => {
      if (error) reject(error);
      else resolve(new Blob([bytes], { type: 'application/zip' }));
    });
  });
}

/**
 * Reads a project.
 *
 * @throws Error in one sentence if it is not one, or damaged
 */
export async function decodeProject(file: File): Promise<Partial<Form>> {
  const files = await unpack(file);
  const project = parse(files, file.name);
  const take = (name: string): Uint8Array<ArrayBuffer> => {
    const bytes = Object.hasOwn(files, name) ? files[name] : undefined;
    if (!bytes) throw new Error(`“${file.name}” lacks the file “${name}” that its ${MANIFEST} names`);
    return bytes as Uint8Array<ArrayBuffer>;
  };
  const classes = project.classes.map(({ name, images }): ImageClass => ({
    id: newId(),
    name,
    images: images.map((image) => ({
      id: newId(),
      name: image.name,
      picture: new Blob([take(image.file)], { type: 'image/png' }),
    })),
  }));
  const { data, limit, size, network, settings, imported } = project;
  const networkFiles = imported && {
    topology: new TextDecoder().decode(take(`${FOLDER}/model.json`)),
    weights: take(`${FOLDER}/weights.bin`),
  };
  return {
    data,
    limit,
    size,
    network,
    settings,
    classes,
    imported: imported && networkFiles && { facts: imported.facts, files: networkFiles },
  };
}

async function unpack(file: File): Promise<Record<string, Uint8Array>> {
  const { unzipSync } = await import('fflate');
  const bytes = new Uint8Array(await file.arrayBuffer());
  let total = 0;
  try {
    return unzipSync(bytes, {
      filter: ({ originalSize }) => {
        total += originalSize;
        if (total > MOST_BYTES) throw new Error('it would take more than 1 GB of memory');
        return true;
      },
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`“${file.name}” is not a project, or it is damaged (${reason})`, { cause: error });
  }
}

function parse(files: Record<string, Uint8Array>, name: string): Project {
  const refuse = (what: string): Error => new Error(`“${name}” is not a project that this page can open: ${what}`);
  const bytes = Object.hasOwn(files, MANIFEST) ? files[MANIFEST] : undefined;
  if (!bytes) throw refuse(`${MANIFEST} is missing`);
  let project: Partial<Project> | null;
  try {
    project = JSON.parse(new TextDecoder().decode(bytes)) as Partial<Project> | null;
  } catch {
    throw refuse(`${MANIFEST} is damaged`);
  }
  if (project?.tfjsConvolutionsProject !== VERSION) throw refuse(`its version must be ${VERSION}`);
  const { data, limit, size, network, settings, classes, imported } = project;
  const isComplete =
    (data === 'digits' || data === 'images') &&
    hasSizes(limit, size) &&
    hasNetwork(network, imported) &&
    hasSettings(settings) &&
    Array.isArray(classes) &&
    classes.every(isClass);
  if (!isComplete) throw refuse(`${MANIFEST} is incomplete`);
  try {
    return withCheckedFacts(project as Project);
  } catch (error) {
    throw refuse(`${MANIFEST}: ${messageOf(error)}`);
  }
}

function withCheckedFacts(project: Project): Project {
  const { imported } = project;
  return imported ? { ...project, imported: { facts: checkFacts(imported.facts) } } : project;
}

function hasNetwork(network: unknown, imported: unknown): boolean {
  return network === 'imported' ? Boolean(imported) : isNetworkName(network) || isTrunk(network);
}

function hasSizes(limit: unknown, size: unknown): boolean {
  return Number.isInteger(limit) && Number(limit) >= 1 && IMAGE_SIZES.some(({ side }) => side === size);
}

function hasSettings(settings: unknown): boolean {
  const given = settings as Partial<Form['settings']> | undefined;
  return (['digits', 'images'] as const).every((data) =>
    Object.entries(FIRST_FORM.settings[data]).every(
      ([name, value]) => typeof (given?.[data] as Record<string, unknown> | undefined)?.[name] === typeof value,
    ),
  );
}

function isClass(one: unknown): one is ProjectClass {
  const { name, images } = (one ?? {}) as Partial<ProjectClass>;
  return (
    typeof name === 'string' &&
    Array.isArray(images) &&
    images.every((image: unknown) => {
      const { name: title, file } = (image ?? {}) as Partial<ProjectClass['images'][number]>;
      return typeof title === 'string' && typeof file === 'string';
    })
  );
}

/** A folder for each class. Names that differ only in case, or in characters that file systems do not take, get numbers. */
function foldersOf(classes: readonly ImageClass[]): readonly string[] {
  const taken = new Set([FOLDER, MANIFEST]);
  return classes.map(({ name }, position) => {
    const wanted = fileNameOf(name) || `class ${position + 1}`;
    let folder = wanted;
    for (let number = 2; taken.has(folder.toLowerCase()); number++) folder = `${wanted} ${number}`;
    taken.add(folder.toLowerCase());
    return folder;
  });
}

/** A name that every file system takes. */
function fileNameOf(name: string): string {
  return name
    .trim()
    .replace(/[\p{Cc}<>:"/\\|?*]/gu, '_')
    .replace(/^\.+|\.+$/g, '_');
}
