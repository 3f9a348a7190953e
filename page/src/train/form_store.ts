/** Keeps the form, its images and an imported network in the browser (IndexedDB), so that they survive a reload. */
import { createStore, delMany, get, getMany, keys, setMany } from 'idb-keyval';
import { takeLock } from '../shared/locks.js';
import { storageAnswers } from '../shared/storage_answers.js';
import type { Form } from './form.js';
import type { ImageClass } from './protocol.js';

const store = createStore('tfjs-convolutions-form', 'form');

const answered = storageAnswers(3000);

/** Version of what is stored. */
const VERSION = 1;

/** A class whose pictures are stored on their own, by their identifiers. */
interface StoredClass extends Omit<ImageClass, 'images'> {
  readonly images: readonly { readonly id: string; readonly name: string }[];
}

interface StoredForm extends Omit<Form, 'classes'> {
  readonly version: number;
  readonly classes: readonly StoredClass[];
}

const FORM_KEY = 'form';

type PictureKey = ['picture', string];

const keyOf = (id: string): PictureKey => ['picture', id];

/** Identifiers of the pictures that are stored. */
let stored: ReadonlySet<string> = new Set();

/**
 * Lets this tab, and no other one, store the form.
 *
 * @returns false if another tab does
 */
export async function claimForm(): Promise<boolean> {
  return (await takeLock('tfjs-convolutions form')) !== undefined;
}

/** Reads the stored form; undefined if there is none. */
export async function readForm(): Promise<Form | undefined> {
  const form = await answered(get<StoredForm>(FORM_KEY, store));
  if (form?.version !== VERSION) return undefined;
  const names = await answered(keys<string | PictureKey>(store));
  stored = new Set(names.flatMap((name) => (typeof name === 'string' ? [] : [name[1]])));
  const ids = form.classes.flatMap(({ images }) => images.map(({ id }) => id));
  const blobs = await answered(getMany<Blob | undefined>(ids.map(keyOf), store));
  const pictures = new Map(ids.map((id, index) => [id, blobs[index]]));
  return {
    ...form,
    classes: form.classes.map((one) => ({
      ...one,
      images: one.images.flatMap((image) => {
        const picture = pictures.get(image.id);
        return picture ? [{ ...image, picture }] : [];
      }),
    })),
  };
}

/** Stores the form: pictures that are new, and then what refers to them. */
export async function saveForm({ classes, ...rest }: Form): Promise<void> {
  const images = classes.flatMap((one) => one.images);
  const wanted = new Set(images.map(({ id }) => id));
  const added = images.filter(({ id }) => !stored.has(id));
  const removed = [...stored].filter((id) => !wanted.has(id));
  const form: StoredForm = {
    ...rest,
    version: VERSION,
    classes: classes.map((one) => ({ ...one, images: one.images.map(({ id, name }) => ({ id, name })) })),
  };
  await answered(
    setMany([...added.map(({ id, picture }): [PictureKey, Blob] => [keyOf(id), picture]), [FORM_KEY, form]], store),
  );
  await answered(delMany(removed.map(keyOf), store));
  stored = wanted;
}
