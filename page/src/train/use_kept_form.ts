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
}

export function useKeptForm(): KeptForm {
  const [form, setForm] = useState<Form>(FIRST_FORM);
  const [isReady, setReady] = useState(false);
  const [unkept, setUnkept] = useState<string>();
  const isOurs = useRef(false);

  useEffect(() => {
    const open = async (): Promise<void> => {
      const [stored, ours] = await Promise.all([readForm(), claimForm()]);
      isOurs.current = ours;
      if (!ours) setUnkept('the page is open in another tab, which keeps its own');
      // The backend is chosen anew: the device may be another one.
      if (stored) setForm((before) => ({ ...stored, backend: before.backend }));
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
  return { form, change, isReady, unkept };
}
