"""The images in a folder by class, under the rules of the TypeScript command `train`.

- A folder with `train` (or `training`) and `test` (`testing`) or `val` (`valid`, `validation`) is already split; if both
  `test` and `val` exist, `test` is used. Otherwise every folder is a class.
- System files are ignored. Images are recognized by their content. A file named as an image that is not
  one is an error; everything else is skipped and reported in one line.
"""

import os
import re
from dataclasses import dataclass, field

from tfjs_convolutions.train.errors import error, file_error, one_line

ACTION = "load the images"
_SYSTEM_NAMES = {"__macosx", "thumbs.db", "ehthumbs.db", "desktop.ini", "@eadir"}
_SPLITS = {"train": ("train", "training"), "test": ("test", "testing"), "validation": ("val", "valid", "validation")}
# Formats that are read, in words. TypeScript reads svg, too, which is an error here.
FORMATS = "jpg, png, webp, gif, avif or tiff"
_EXTENSIONS = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".avif", ".tif", ".tiff", ".svg")
_MAGIC = re.compile(
    rb"\xff\xd8\xff|\x89PNG\r\n\x1a\n|RIFF....WEBP|GIF8[79]a|....ftypavi[fs]|II[*+]\0|MM\0[*+]", re.DOTALL
)
# Most skipped files of one kind, and most classes, to name.
_MAX_NAMED = 3
_MAX_NAMED_CLASSES = 10


@dataclass
class ClassFolder:
    """Classes and images of one part of a data set."""

    class_names: tuple
    # Pairs of a path and a label.
    files: list = field(default_factory=list)


@dataclass
class Listing:
    """Images in a folder; `test` is None if it is not split, `left_out` a line about what was skipped, or None."""

    train: ClassFolder
    test: ClassFolder | None
    left_out: str | None


def list_images(folder):
    """Lists the images in a folder."""
    skipped = {}
    folders, files = _list_folder(folder, skipped)
    _skip(skipped, "file beside the folders", files)
    parts = _find_splits(folder, folders)
    if parts is None:
        return Listing(_list_classes(folder, folders, 2, skipped), None, _summary(folder, skipped))
    _skip(skipped, "folder", [os.path.join(folder, name) for name in folders if name not in parts])
    train, test = (_list_part(os.path.join(folder, part), skipped) for part in parts)
    if train.class_names != test.class_names:
        shown = ", ".join(train.class_names[:_MAX_NAMED_CLASSES])
        more = ", …" if len(train.class_names) > _MAX_NAMED_CLASSES else ""
        rule = f"{parts[0]} and {parts[1]} must have the same classes ({shown}{more})"
        raise error(ACTION, rule, f"classes of '{os.path.join(folder, parts[1])}'", test.class_names)
    return Listing(train, test, _summary(folder, skipped))


def _list_part(folder, skipped):
    folders, files = _list_folder(folder, skipped)
    _skip(skipped, "file beside the folders", files)
    return _list_classes(folder, folders, 1, skipped)


def _list_classes(folder, class_names, minimum, skipped):
    if len(class_names) < 2:
        rule = "the folder must contain one folder of images per class, at least two"
        raise error(ACTION, rule, "folder", folder)
    listed = ClassFolder(tuple(class_names))
    for label, name in enumerate(class_names):
        class_folder = os.path.join(folder, name)
        images = []
        for entry in _names(class_folder):
            file = os.path.join(class_folder, entry)
            kind = _kind(file)
            if kind == "image":
                images.append((file, label))
                continue
            if entry.lower().endswith(_EXTENSIONS):
                rule = f"every image must be a complete, readable {FORMATS} (it is {_article(kind)})"
                raise error(ACTION, rule, "file", file)
            _skip(skipped, "file in another format" if kind == "other file" else f"{kind} inside a class", [file])
        if len(images) < minimum:
            rule = f"every class must have at least {minimum} image{'' if minimum == 1 else 's'} ({FORMATS})"
            raise error(ACTION, rule, "folder", class_folder)
        listed.files += images
    return listed


def _article(kind):
    return {"folder": "a folder", "special file": "not a regular file"}.get(kind, "none of these")


def _find_splits(folder, folders):
    """Names of the training and the test part; None if the folders are classes."""
    found = {}
    for part, names in _SPLITS.items():
        matching = [name for name in folders if name.lower() in names]
        if len(matching) > 1:
            raise error(ACTION, f"only one folder may be the {part} part", f"folders of '{folder}'", matching)
        found[part] = matching[0] if matching else None
    held_out = found["test"] or found["validation"]
    if found["train"] is not None and held_out is not None:
        return found["train"], held_out
    if found["train"] is None and found["test"] is not None and found["validation"] is not None:
        rule = f"a folder with {found['test']} and {found['validation']} must also have train"
        raise error(ACTION, rule, "folder", folder)
    return None


def _list_folder(folder, skipped):
    """Names of the folders in a folder, and paths of everything else."""
    folders, files = [], []
    around = os.path.realpath(folder)
    for name in _names(folder):
        entry = os.path.join(folder, name)
        if _kind(entry) != "folder":
            files.append(entry)
        elif (around + os.sep).startswith(os.path.join(os.path.realpath(entry), "")):
            _skip(skipped, "link to a folder around it", [entry])
        else:
            folders.append(name)
    return folders, files


def _names(folder):
    """The names in a folder that are not ignored, in the order of TypeScript."""
    try:
        names = os.listdir(folder)
    except OSError as reason:
        raise file_error(ACTION, folder, reason) from None
    kept = [name for name in names if not name.startswith(".") and name.lower() not in _SYSTEM_NAMES]
    return sorted(kept, key=lambda name: name.encode("utf-16-be", "surrogatepass"))


def _kind(file):
    """'image', 'other file', 'folder' or 'special file', following links. Only regular files are opened."""
    if os.path.isdir(file):
        return "folder"
    if os.path.islink(file) and not os.path.exists(file):
        raise error(ACTION, "symbolic links must not be broken", "file", file)
    if not os.path.isfile(file):
        return "special file"
    try:
        with open(file, "rb") as opened:
            return "image" if _MAGIC.match(opened.read(12)) else "other file"
    except OSError as reason:
        raise file_error(ACTION, file, reason) from None


def _skip(skipped, kind, files):
    if files:
        skipped.setdefault(kind, []).extend(files)


def _summary(folder, skipped):
    if not skipped:
        return None
    kinds = []
    for kind, files in skipped.items():
        named = ", ".join(os.path.relpath(file, folder) for file in files[:_MAX_NAMED])
        plural = kind if len(files) == 1 else re.sub(r"^(special )?(file|folder|link)", r"\1\2s", kind)
        kinds.append(f"{len(files)} {plural} ({named}{', …' if len(files) > _MAX_NAMED else ''})")
    return one_line(f"skipped in '{folder}': {'; '.join(kinds)}")
