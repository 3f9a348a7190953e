"""Notes in a .keras archive, where Keras ignores them: what TypeScript records in a model, such as the names of classes."""

import io
import json
import zipfile

from tfjs_convolutions.train.errors import error

_FILE = "metadata.json"
_FIELD = "tfjs_convolutions"
# Most bytes of the metadata: the names of a million classes.
_MOST = 2**25


def read_notes(file):
    """The notes in a file of Keras; none in one without, or that is no archive."""
    if not zipfile.is_zipfile(file):
        return {}
    try:
        with zipfile.ZipFile(file) as archive:
            if _FILE not in archive.namelist() or archive.getinfo(_FILE).file_size > _MOST:
                return {}
            with archive.open(_FILE) as opened:
                metadata = json.loads(opened.read(_MOST))
    except (OSError, ValueError, RecursionError, NotImplementedError, RuntimeError, zipfile.BadZipFile):
        raise error("load the model", f"{_FILE} in the archive must be undamaged JSON", "--model", file) from None
    notes = metadata.get(_FIELD, {}) if isinstance(metadata, dict) else {}
    if not isinstance(notes, dict):
        raise error("load the model", f"{_FIELD} in {_FILE} must be an object", "--model", file)
    return notes


def with_notes(file, notes):
    """The bytes of an archive with these notes."""
    target = io.BytesIO()
    with zipfile.ZipFile(file) as archive, zipfile.ZipFile(target, "w") as written:
        for entry in archive.infolist():
            contents = archive.read(entry)
            if entry.filename == _FILE:
                contents = json.dumps({**json.loads(contents), _FIELD: notes}, ensure_ascii=False).encode()
            written.writestr(entry, contents)
    return target.getvalue()
