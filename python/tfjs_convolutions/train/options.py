"""Options of the command line: names, defaults and rules of the TypeScript command `train` where it has them."""

import argparse
import math
import re
from types import SimpleNamespace

from tfjs_convolutions.train.errors import UsageError, one_line
from tfjs_convolutions.train.preprocessing import FITS
from tfjs_convolutions.train.random_streams import MAX_SEED

DEFAULTS = {
    "data": "mnist",
    "limit": None,
    "model": None,
    "size": None,
    "fit": None,
    "background": None,
    "range": None,
    "mean": None,
    "std": None,
    "epochs": 5,
    "batch": 32,
    "learning_rate": 0.015,
    "augmentation": True,
    "seed": 1,
    "precision": "float32",
    "out": None,
    "resume": False,
    "checkpoint_seconds": 60.0,
    "timeout": 30.0,
}

# Options that determine the result of a run, saved in its checkpoint, and the types of their values there.
SETTINGS = {
    "data": str,
    "limit": (int, type(None)),
    "size": (int, type(None)),
    "fit": (str, type(None)),
    "background": (list, type(None)),
    "range": (list, type(None)),
    "mean": (list, type(None)),
    "std": (list, type(None)),
    "epochs": int,
    "batch": int,
    "learning_rate": (int, float),
    "augmentation": bool,
    "seed": int,
    "precision": str,
}

_COLOURS = {"white": "#ffffff", "black": "#000000"}

_EPILOG = """
Output in --out: model.keras (for loadKeras of TypeScript and keras.saving.load_model), history.csv, checkpoint.bin, and
run.json, which records the run. A new run starts only in a new or empty folder. Ctrl-C and SIGTERM finish the current step,
save a checkpoint and exit with status 130 and 143; other exit statuses are 0 for success, 1 for a failure (data, files,
model) and 2 for an invalid command line. Started by torchrun, it is torchrun's own status that counts: 1 for every failure.

A run that torchrun restarts (--max-restarts) continues from its last checkpoint. On several machines, --data, --model and
--out must be folders and files that all of them see.

Examples:
  python -m tfjs_convolutions.train --model digits.keras --out runs/digits
  torchrun --nproc-per-node 4 --max-restarts 3 -m tfjs_convolutions.train --model m.keras --data photos --out runs/photos
"""


def parse(arguments):
    """The options with defaults filled in, and the names of those that were given."""
    parser = _Parser(
        prog="tfjs_convolutions.train",
        description="Trains an image classifier on one process or, under torchrun, on many.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
        argument_default=argparse.SUPPRESS,
    )
    add = lambda flags, text, **rest: parser.add_argument(flags.split(" ")[0], help=text, **rest)  # noqa: E731
    value = lambda flags, read, text: add(flags, text, metavar=flags.split(" ")[1], type=_named(flags, read))  # noqa: E731
    value("--data <mnist|folder>", _path, "built-in digits (default), images sorted by class, or IDX files")
    value("--limit <count>", _integer(1, 2**32 - 1), "maximum number of training images to use (default: all)")
    value("--model <file>", _path, "Keras model to train, which ends in softmax")
    value("--size <pixels>", _integer(8, 4096), "size to resize images to (default: the model's, else the data's own)")
    value("--fit <way>", _choice(*FITS), "crop the middle, stretch, or contain the whole (default: the model's, else crop)")
    value("--background <colour>", _colour, "colour of the ground: #rrggbb, white, black (default: the model's, else white)")
    value("--range <black,white>", _numbers(2), "values that the model takes for black and white (default: the model's, else -1,1)")
    value("--mean <numbers>", _numbers(None), "in place of --range: mean to subtract from pixels from 0 to 1")
    value("--std <numbers>", _numbers(None), "with --mean: standard deviation to divide by (default: 1)")
    value("--epochs <count>", _integer(1, 1_000_000), "number of passes over the training images (default: 5)")
    value("--batch <count>", _integer(1, 65_536), "batch size of all processes together (default: 32)")
    value("--learning-rate <rate>", _positive(1), "initial learning rate; decays to 0 along a cosine (default: 0.015)")
    add("--no-augmentation", "disable random zoom and shift", dest="augmentation", action="store_false")
    value("--seed <integer>", _integer(0, MAX_SEED), "random seed for shuffling, augmentation and dropout (default: 1)")
    value("--precision <type>", _choice("float32", "bfloat16"), "bfloat16 computes in mixed precision (default: float32)")
    value("--out <folder>", _path, "output folder")
    add("--resume", "continue the run in --out with its original options", action="store_true")
    value("--checkpoint-seconds <count>", _not_negative, "seconds between two checkpoints in an epoch (default: 60)")
    value("--timeout <seconds>", _positive(86_400), "seconds to wait for another process (default: 30)")
    given, rest = parser.parse_known_args(_joined(arguments))
    if rest:
        problem = f"unknown option '{rest[0]}'" if rest[0].startswith("-") else f"unexpected argument '{rest[0]}'"
        raise UsageError(one_line(problem))
    options = SimpleNamespace(**{**DEFAULTS, **vars(given)})
    if options.out is None:
        raise UsageError("option '--out <folder>' is required")
    if options.model is None and not options.resume:
        raise UsageError("option '--model <file>' is required (or --resume)")
    return options, set(vars(given))


def _joined(arguments):
    """Joins an option and numbers that begin with '-', which the parser would take for an option."""
    joined = []
    for argument in arguments:
        if joined and joined[-1] in ("--range", "--mean", "--std") and re.match(r"-[\d.]", argument):
            joined[-1] += f"={argument}"
        else:
            joined.append(argument)
    return joined


class _Parser(argparse.ArgumentParser):
    def error(self, message):
        missing = re.match(r"argument (\S+): expected one argument", message)
        raise UsageError(one_line(f"option '{missing[1]}' argument missing" if missing else message))


def _named(flags, read):
    def convert(text):
        try:
            return read(text)
        except _Invalid as rule:
            raise UsageError(one_line(f"option '{flags}' argument '{text}' is invalid. {rule}")) from None

    return convert


class _Invalid(Exception):
    """The rule that a value breaks."""


def _number(text):
    # Plain decimal numbers only: float() would also take '1_0' and 'nan'.
    return float(text) if re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", text, re.IGNORECASE | re.ASCII) else math.nan


def _integer(minimum, maximum):
    def read(text):
        number = _number(text)
        if number.is_integer() and minimum <= number <= maximum:
            return int(number)
        raise _Invalid(f"It must be an integer from {minimum} to {maximum}.")

    return read


def _positive(maximum):
    def read(text):
        number = _number(text)
        if 0 < number <= maximum:
            return number
        raise _Invalid(f"It must be above 0 and at most {maximum}.")

    return read


def _not_negative(text):
    number = _number(text)
    if 0 <= number < math.inf:
        return number
    raise _Invalid("It must be at least 0.")


def _choice(*choices):
    def read(text):
        if text in choices:
            return text
        raise _Invalid(f"Allowed choices are {', '.join(choices)}.")

    return read


def _numbers(count):
    def read(text):
        values = [_number(each) for each in text.split(",")]
        if all(abs(each) < 1e38 for each in values) and len(values) == (count or len(values)):
            return values
        raise _Invalid(f"It must be {'two numbers separated by a comma' if count else 'numbers separated by commas'}.")

    return read


def _colour(text):
    digits = re.fullmatch(r"#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})", _COLOURS.get(text, text), re.IGNORECASE)
    if digits is None:
        raise _Invalid("It must be white, black or '#rrggbb'.")
    return [int(each, 16) for each in digits.groups()]


def _path(text):
    if text == "":
        raise _Invalid("It must not be empty.")
    if text.startswith("-"):
        raise _Invalid("It must not begin with '-' (a path may be './-…').")
    return text
