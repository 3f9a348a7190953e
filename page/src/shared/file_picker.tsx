/** A button that opens the browser's file or folder picker. */
import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';

interface FilePickerProps {
  readonly label: string;
  /** Accessible name, if the label alone is not clear. */
  readonly description?: string;
  readonly accept?: string;
  readonly multiple?: boolean;
  readonly folder?: boolean;
  readonly onFiles: (files: readonly File[]) => void;
}

export function FilePicker({ label, description, accept, multiple, folder, onFiles }: FilePickerProps): JSX.Element {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button type="button" aria-label={description} onClick={() => input.current?.click()}>
        {label}
      </button>
      <input
        ref={input}
        type="file"
        hidden
        accept={accept}
        multiple={multiple === true || folder === true}
        {...(folder ? { webkitdirectory: true } : {})}
        onChange={({ currentTarget }) => {
          onFiles([...(currentTarget.files ?? [])]);
          // Allows the same files to be selected again.
          currentTarget.value = '';
        }}
      />
    </>
  );
}
