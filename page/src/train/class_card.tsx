/** One class of the user's images: its name, ways to add images, and thumbnails. */
import type { JSX } from 'preact';
import { useContext, useState } from 'preact/hooks';
import { Camera } from './camera.js';
import { droppedFiles } from './dropped_files.js';
import { counted } from './format.js';
import { FilePicker } from '../shared/file_picker.js';
import { PartShown } from '../shared/part_shown.js';
import type { ImageClass, OwnImage } from './protocol.js';
import { useKeptFocus } from '../shared/use_kept_focus.js';
import { useObjectUrl } from '../shared/use_object_url.js';

interface ClassCardProps {
  readonly one: ImageClass;
  readonly position: number;
  readonly canRemove: boolean;
  /** True while a run trains on the images: they can be looked at, and no more. */
  readonly isLocked: boolean;
  readonly onRename: (name: string) => void;
  readonly onFiles: (files: readonly File[]) => void;
  readonly onImage: (image: OwnImage) => void;
  readonly onRemoveImage: (id: string) => void;
  readonly onRemove: () => void;
}

export function ClassCard(props: ClassCardProps): JSX.Element {
  const { one, position, canRemove, isLocked, onRename, onFiles, onImage, onRemoveImage, onRemove } = props;
  const [isOver, setOver] = useState(false);
  const [hasCamera, setCamera] = useState(false);
  const isShown = useContext(PartShown);
  const images = useKeptFocus<HTMLUListElement>(one.images.length);
  return (
    <div
      class={`class-card${isOver ? ' over' : ''}`}
      role="group"
      aria-label={`Class ${one.name || position}`}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(!isLocked);
      }}
      onDragLeave={() => {
        setOver(false);
      }}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        if (event.dataTransfer && !isLocked) void droppedFiles(event.dataTransfer).then(onFiles);
      }}
    >
      <fieldset class="bare" disabled={isLocked}>
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
          <span class="quiet">{counted(one.images.length, 'image')}</span>
          {canRemove && (
            <button type="button" aria-label={`Remove class ${one.name}`} title="Remove this class" onClick={onRemove}>
              ×
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
          {one.images.length === 0 && <span class="quiet drop-hint">or drop them here</span>}
        </div>
        {hasCamera && isShown && <Camera name={one.name} taken={one.images.length} onImage={onImage} />}
      </fieldset>
      {one.images.length > 0 && (
        // Outside the fieldset, and focusable itself: where its buttons are disabled, keys scroll it all the same.
        <ul class="own-images-list" ref={images} tabIndex={0} aria-label={`Images of ${one.name}`}>
          {one.images.map((image) => (
            <Preview key={image.id} image={image} isLocked={isLocked} onRemove={onRemoveImage} />
          ))}
        </ul>
      )}
    </div>
  );
}

function Preview({
  image,
  isLocked,
  onRemove,
}: {
  readonly image: OwnImage;
  readonly isLocked: boolean;
  readonly onRemove: (id: string) => void;
}): JSX.Element {
  const address = useObjectUrl(image.picture);
  return (
    <li>
      <button
        type="button"
        title={`Remove ${image.name}`}
        aria-label={`Remove ${image.name}`}
        disabled={isLocked}
        onClick={() => {
          onRemove(image.id);
        }}
      >
        {address !== undefined && <img src={address} alt="" />}
      </button>
    </li>
  );
}
