/** Saves the images, the network and the settings as one file, and opens such a file. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { FilePicker } from '../shared/file_picker.js';
import { messageOf } from '../shared/message_of.js';
import { Notice } from '../shared/notice.js';
import { useKeptFocus } from '../shared/use_kept_focus.js';
import { download } from '../shared/download.js';
import { Fold } from './fold.js';
import { FIRST_FORM, newClass, type Form } from './form.js';
import { decodeProject, encodeProject } from './project_file.js';

interface ProjectPanelProps {
  readonly form: Form;
  readonly change: (part: Partial<Form>) => void;
}

export function ProjectPanel({ form, change }: ProjectPanelProps): JSX.Element {
  const [problem, setProblem] = useState<string>();
  /** The form before it was replaced. */
  const [before, setBefore] = useState<Form>();
  const row = useKeptFocus<HTMLDivElement>(before);
  const attempt = async (work: () => Promise<void>): Promise<void> => {
    setProblem(undefined);
    try {
      await work();
    } catch (error) {
      setProblem(`${messageOf(error)}. Nothing has changed.`);
    }
  };
  const replace = (part: Partial<Form>): void => {
    setBefore(form);
    change(part);
  };
  return (
    <Fold id="project-title" title="Project" value="save, open or clear">
      {problem !== undefined && <Notice kind="error">{problem}</Notice>}
      <div class="row" ref={row}>
        <button
          type="button"
          onClick={() =>
            void attempt(async () => {
              download('project.zip', await encodeProject(form));
            })
          }
        >
          Save as a file
        </button>
        <FilePicker
          label="Open a file …"
          description="Open a project that was saved as a file"
          accept=".zip"
          onFiles={([file]) =>
            file &&
            void attempt(async () => {
              replace(await decodeProject(file));
            })
          }
        />
        <button
          type="button"
          onClick={() => {
            replace({ ...FIRST_FORM, classes: [newClass('Class A'), newClass('Class B')], backend: form.backend });
          }}
        >
          Clear everything
        </button>
        {before && (
          <button
            type="button"
            onClick={() => {
              change(before);
              setBefore(undefined);
            }}
          >
            Undo
          </button>
        )}
      </div>
      <p class="quiet">
        Images, network and settings in one zip file, which <code>tfjs-convolutions train --data</code> reads as well.
      </p>
    </Fold>
  );
}
