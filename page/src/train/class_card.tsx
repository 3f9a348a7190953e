/** One class of the user's images: its name, ways to add images, and thumbnails. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Camera } from './camera.js';
import { droppedFiles } from './dropped_files.js';
import { FilePicker } from '../shared/file_picker.js';
import type { Shot, ShotClass } from './protocol.js';
import { useObjectUrl } from '../shared/use_object_url.js';

interface ClassCardProps {
  readonly one: ShotClass;
  readonly position: number;
  readonly canRemove: boolean;
  readonly onRename: (name: string) => void;
  readonly onFiles: (files: readonly File[]) => void;
  readonly onShot: (shot: Shot) => void;
  readonly onRemoveShot: (id: string) => void;
  readonly onRemove: () => void;
}

export function ClassCard(props: ClassCardProps): JSX.Element {
  const { one, position, canRemove, onRename, onFiles, onShot, onRemoveShot, onRemove } = props;
  const [isOver, setOver] = useState(false);
  const [hasCamera, setCamera] = useState(false);
  return (
    <div
      class={`class-card${isOver ? ' over' : ''}`}
      role="group"
      aria-label={`Class ${one.name || position}`}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => {
        setOver(false);
      }}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        if (event.dataTransfer) void droppedFiles(event.dataTransfer).then(onFiles);
      }}
    >
      <div class="row">
        <label class="class-name">
          <span class="visually-hidden">Name of class {position}</span>
          <input
            type="text"
            value={one.name}
            maxLength={40}
            onInput={({ currentTarget }) => {
              onRename(currentTarget.value);
            }}
          />
        </label>
        <span class="quiet">{one.shots.length === 1 ? '1 image' : `${one.shots.length} images`}</span>
        {canRemove && (
          <button type="button" aria-label={`Remove class ${one.name}`} onClick={onRemove}>
            Remove
          </button>
        )}
      </div>
      <div class="row">
        <FilePicker
          label="Images …"
          description={`Add images to ${one.name}`}
          accept="image/*"
          multiple
          onFiles={onFiles}
        />
        <FilePicker label="Folder …" description={`Add a folder to ${one.name}`} folder onFiles={onFiles} />
        <button
          type="button"
          aria-expanded={hasCamera}
          aria-label={`Camera for ${one.name}`}
          onClick={() => {
            setCamera(!hasCamera);
          }}
        >
          Camera
        </button>
        <span class="quiet drop-hint">or drop them here</span>
      </div>
      {hasCamera && <Camera name={one.name} taken={one.shots.length} onShot={onShot} />}
      {one.shots.length > 0 && (
        <ul class="shots" aria-label={`Images of ${one.name}`}>
          {one.shots.map((shot) => (
            <Preview key={shot.id} shot={shot} onRemove={onRemoveShot} />
          ))}
        </ul>
      )}
    </div>
  );
}

function Preview({ shot, onRemove }: { readonly shot: Shot; readonly onRemove: (id: string) => void }): JSX.Element {
  const address = useObjectUrl(shot.picture);
  return (
    <li>
      <button
        type="button"
        title={`Remove ${shot.name}`}
        aria-label={`Remove ${shot.name}`}
        onClick={() => {
          onRemove(shot.id);
        }}
      >
        {address !== undefined && <img src={address} alt="" />}
      </button>
    </li>
  );
}
