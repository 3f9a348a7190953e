/** Panel to choose the data: the built-in digits, or the user's own images sorted by class. */
import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { messageOf } from '../shared/message_of.js';
import { Notice } from '../shared/notice.js';
import { useKeptFocus } from '../shared/use_kept_focus.js';
import { Choice } from './choice.js';
import { ClassCard } from './class_card.js';
import { counted } from './format.js';
import { DIGIT_SAMPLES } from './digit_samples.js';
import { FilePicker } from '../shared/file_picker.js';
import { newClass, nextClassName, withData, type Form } from './form.js';
import type { ImageClass, OwnImage } from './protocol.js';
import { readImages } from './read_images.js';
import { UndoRemoval, type Removal } from './undo_removal.js';
import type { Worker } from './use_training.js';

const LIMITS = [1000, 2000, 4000, 8000] as const;

interface DataPanelProps {
  readonly form: Form;
  readonly change: (part: Partial<Form>) => void;
  readonly worker: () => Promise<Worker>;
  /** True while a run trains on these images. */
  readonly isLocked: boolean;
}

export function DataPanel({ form, change, worker, isLocked }: DataPanelProps): JSX.Element {
  return (
    <section class="panel" aria-labelledby="data-title">
      <h3 id="data-title">1. Images</h3>
      <fieldset class="bare" disabled={isLocked}>
        <div class="options" role="radiogroup" aria-labelledby="data-title">
          <Choice
            group="data"
            title="Handwritten digits"
            checked={form.data === 'digits'}
            onChoose={() => {
              change(withData(form, 'digits'));
            }}
          >
            Ten classes of 28 × 28 pixels, with 2,000 digits to test with.
          </Choice>
          <Choice
            group="data"
            title="Your own images"
            checked={form.data === 'images'}
            onChoose={() => {
              change(withData(form, 'images'));
            }}
          >
            Two classes or more, a few dozen images each, from files or a camera.
          </Choice>
        </div>
        {form.data === 'digits' && (
          <>
            <ul class="digit-samples" aria-label="Samples of the digits">
              {DIGIT_SAMPLES.map((address, digit) => (
                <li key={address}>
                  <img src={address} alt={String(digit)} width={28} height={28} />
                </li>
              ))}
            </ul>
            <label class="field">
              Training digits
              <select
                value={form.limit}
                onChange={({ currentTarget }) => {
                  change({ limit: Number(currentTarget.value) });
                }}
              >
                {LIMITS.map((limit) => (
                  <option key={limit} value={limit}>
                    {limit.toLocaleString('en')}
                  </option>
                ))}
              </select>
            </label>
          </>
        )}
      </fieldset>
      {form.data === 'images' && <OwnImages form={form} change={change} worker={worker} isLocked={isLocked} />}
    </section>
  );
}

function OwnImages({ form, change, worker, isLocked }: DataPanelProps): JSX.Element {
  const [problems, setProblems] = useState<readonly string[]>([]);
  const [isReading, setReading] = useState(false);
  const [removal, setRemoval] = useState<Removal>();
  const cards = useKeptFocus<HTMLDivElement>(`${form.classes.length} ${removal?.text ?? ''}`);
  // Several files are read at the same time, so each change applies to the state at that moment.
  const classes = useRef(form.classes);
  classes.current = form.classes;
  const setClasses = (next: readonly ImageClass[]): void => {
    classes.current = next;
    change({ classes: next });
  };
  const edit = (id: string, update: (one: ImageClass) => ImageClass): void => {
    setClasses(classes.current.map((one) => (one.id === id ? update(one) : one)));
  };
  const addImages = (id: string, images: readonly OwnImage[]): void => {
    edit(id, (one) => ({ ...one, images: [...one.images, ...images] }));
  };
  const removeImage = ({ id: from, images }: ImageClass, id: string): void => {
    const at = images.findIndex((image) => image.id === id);
    const image = images[at];
    if (!image) return;
    edit(from, (before) => ({ ...before, images: before.images.filter((each) => each.id !== id) }));
    const restore = (): void => {
      edit(from, (before) => ({ ...before, images: inserted(before.images, at, image) }));
    };
    setRemoval({ text: `“${image.name}” is removed.`, among: [from], restore });
  };
  const removeClass = (one: ImageClass, at: number): void => {
    const others = classes.current.filter(({ id }) => id !== one.id);
    setClasses(others);
    const restore = (): void => {
      setClasses(inserted(classes.current, at, one));
    };
    const text = `The class “${one.name}” with ${counted(one.images.length, 'image')} is removed.`;
    setRemoval(one.images.length === 0 ? undefined : { text, among: others.map(({ id }) => id), restore });
  };
  const addFiles = async (id: string, files: readonly File[]): Promise<void> => {
    setReading(true);
    setProblems([]);
    const found: string[] = [];
    try {
      await readImages(
        files,
        worker,
        (images) => {
          addImages(id, images);
        },
        found,
      );
    } catch (error) {
      found.push(`The images could not be read: ${messageOf(error)}. Those that are here stay.`);
    } finally {
      setProblems(found);
      setReading(false);
    }
  };
  /** Adds one class for each subfolder of the selected folder. */
  const addFolders = async (files: readonly File[]): Promise<void> => {
    const folders = new Map<string, File[]>();
    for (const file of files) {
      const name = file.webkitRelativePath.split('/').at(-2) ?? 'images';
      folders.set(name, [...(folders.get(name) ?? []), file]);
    }
    const made = [...folders].map(([name, inside]) => ({ one: newClass(name), inside }));
    setClasses([...classes.current.filter(({ images }) => images.length > 0), ...made.map(({ one }) => one)]);
    for (const { one, inside } of made) await addFiles(one.id, inside);
  };
  return (
    <div class="own-images" ref={cards}>
      {problems.map((problem) => (
        <Notice kind="error" key={problem}>
          {problem}
        </Notice>
      ))}
      {form.classes.map((one, index) => (
        <ClassCard
          key={one.id}
          one={one}
          position={index + 1}
          canRemove={form.classes.length > 2}
          isLocked={isLocked}
          onRename={(name) => {
            edit(one.id, (before) => ({ ...before, name }));
          }}
          onFiles={(files) => void addFiles(one.id, files)}
          onImage={(image) => {
            addImages(one.id, [image]);
          }}
          onRemoveImage={(id) => {
            removeImage(one, id);
          }}
          onRemove={() => {
            removeClass(one, index);
          }}
        />
      ))}
      <div class="row">
        <fieldset class="bare" disabled={isLocked}>
          <button
            type="button"
            onClick={() => {
              setClasses([...classes.current, newClass(nextClassName(classes.current))]);
            }}
          >
            Add a class
          </button>
          <FilePicker label="A folder with one folder per class" folder onFiles={(files) => void addFolders(files)} />
          <span class="quiet" role="status">
            {isReading ? 'Reading images …' : ''}
          </span>
          <UndoRemoval
            removal={removal}
            classes={form.classes}
            onUndo={({ restore }) => {
              restore();
              setRemoval(undefined);
            }}
          />
        </fieldset>
      </div>
    </div>
  );
}

/** The list with one more item at a position. */
function inserted<T>(list: readonly T[], at: number, item: T): readonly T[] {
  return [...list.slice(0, at), item, ...list.slice(at)];
}
