/** State of the form, which the browser keeps. */
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { messageOf } from '../shared/message_of.js';
import { FIRST_FORM, type Form } from './form.js';
import { claimForm, readForm, saveForm } from './form_store.js';

/** Milliseconds without a change after which the form is stored. */
const QUIET = 400;

export interface KeptForm {
  readonly form: Form;
  readonly change: (part: Partial<Form> | ((before: Form) => Partial<Form>)) => void;
  /** False until the stored form has been read. */
  readonly isReady: boolean;
  /** Reason why the browser does not keep the form; undefined if it does. */
  readonly unkept: string | undefined;
  /** True while there are images or an imported network that the browser has not stored, or not yet. */
  readonly losesFiles: boolean;
}

export function useKeptForm(): KeptForm {
  const [form, setForm] = useState<Form>(FIRST_FORM);
  const [isReady, setReady] = useState(false);
  const [unkept, setUnkept] = useState<string>();
  const [kept, setKept] = useState<Form>(FIRST_FORM);
  const isOurs = useRef(false);

  useEffect(() => {
    const open = async (): Promise<void> => {
      const [stored, ours] = await Promise.all([readForm(), claimForm()]);
      isOurs.current = ours;
      if (!ours) setUnkept('the page is open in another tab, which keeps its own');
      // The backend is chosen anew: the device may be another one.
      if (!stored) return;
      setForm((before) => ({ ...stored, backend: before.backend }));
      setKept(stored);
    };
    open()
      .catch((error: unknown) => {
        setUnkept(messageOf(error));
      })
      .finally(() => {
        setReady(true);
      });
  }, []);

  const saving = useRef<Promise<void>>(Promise.resolve());
  useEffect(() => {
    if (!isReady || !isOurs.current) return;
    const timer = setTimeout(() => {
      // One after the other, so that the latest is what remains.
      saving.current = saving.current
        .then(() => saveForm(form))
        .then(() => {
          setKept(form);
        })
        .catch((error: unknown) => {
          setUnkept(messageOf(error));
        });
    }, QUIET);
    return () => {
      clearTimeout(timer);
    };
  }, [form, isReady]);

  const change = useCallback<KeptForm['change']>((part) => {
    setForm((before) => ({ ...before, ...(typeof part === 'function' ? part(before) : part) }));
  }, []);
  return { form, change, isReady, unkept, losesFiles: losesFiles(form, kept) };
}

/** True if the form has files that a stored one lacks. */
function losesFiles({ classes, imported }: Form, kept: Form): boolean {
  const hasImages = classes.some(({ images }) => images.length > 0);
  return (hasImages && classes !== kept.classes) || (imported !== undefined && imported !== kept.imported);
}
