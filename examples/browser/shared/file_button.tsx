/** A button that opens the browser's choice of files. */
import type { ComponentChildren, JSX } from 'preact';

export interface FileButtonProps {
  /** Kinds of files, as in `<input accept>`. */
  readonly accept: string;
  readonly multiple?: boolean;
  readonly onFiles: (files: readonly File[]) => void;
  readonly children: ComponentChildren;
}

export function FileButton({ accept, multiple = false, onFiles, children }: FileButtonProps): JSX.Element {
  return (
    <label class="button file-button">
      {children}
      <input
        class="visually-hidden"
        type="file"
        accept={accept}
        multiple={multiple}
        onChange={({ currentTarget }) => {
          const files = [...(currentTarget.files ?? [])];
          // Else choosing the same file again would change nothing.
          currentTarget.value = '';
          if (files.length > 0) onFiles(files);
        }}
      />
    </label>
  );
}
