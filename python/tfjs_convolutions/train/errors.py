"""Errors that users see, all of one form: "Cannot ⟨action⟩: ⟨rule⟩, received ⟨name⟩ = ⟨value⟩"."""

# Most characters of a value in a message.
_LONGEST = 200


class TrainingError(Exception):
    """An error that ends the program with one line."""

    status = 1


class UsageError(TrainingError):
    """An invalid command line."""

    status = 2


def error(action, rule, name, value):
    """The error for a value that breaks a rule."""
    return TrainingError(one_line(f"Cannot {action}: {rule}, received {name} = {show(value)}"))


def file_error(action, file, reason):
    """The error for a file that the system refuses to read or write."""
    return error(action, f"the file must be accessible ({reason.strerror or reason})", "file", str(file))


def show(value):
    """A value as text, abbreviated if it is long."""
    text = one_line(_write(value))
    return f"{text[:_LONGEST]}…" if len(text) > _LONGEST else text


def one_line(text):
    """The text without line breaks and other control characters."""
    return "".join(character if character.isprintable() else " " for character in text)


def _write(value):
    if isinstance(value, str):
        return f"'{value}'"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(_write(each) for each in value[:_LONGEST])}]"
    return str(value)
