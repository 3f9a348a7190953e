"""Preprocessing of images: fit to a size, colour of the ground, and scaling of values. TypeScript records it in a model, and
so does the training here."""

from dataclasses import asdict, dataclass

from tfjs_convolutions.train.errors import error

FITS = ("crop", "stretch", "contain")
_FIELDS = ("height", "width", "channels", "fit", "background", "scale", "offset")
_ACTION = "prepare the images"


@dataclass(frozen=True)
class Preprocessing:
    """Preprocessing of images for one model, as in TypeScript."""

    height: int
    width: int
    channels: int
    # 'crop' scales an image to cover the input and keeps the middle, 'stretch' distorts it, 'contain' fills the rest.
    fit: str = "crop"
    # Red, green and blue under transparent pixels and, with 'contain', beside the image.
    background: tuple = (255, 255, 255)
    # The model takes pixel · scale + offset, for pixels from 0 to 255; one number, or one for each channel.
    scale: float | tuple = 2 / 255
    offset: float | tuple = -1.0

    def as_json(self):
        """The fields as TypeScript records them."""
        values = asdict(self).items()
        return {name: list(value) if isinstance(value, tuple) else value for name, value in values}


def recorded_preprocessing(notes, file):
    """The preprocessing that a model records, or None."""
    value = notes.get("preprocessing")
    if value is None:
        return None
    if not isinstance(value, dict) or not _is_valid(value):
        raise error("load the model", "the preprocessing that it records must be complete and valid", "--model", file)
    fields = ((name, value[name]) for name in _FIELDS)
    return Preprocessing(**{name: tuple(each) if isinstance(each, list) else each for name, each in fields})


def choose_preprocessing(options, recorded, shape):
    """The preprocessing for images of a shape [height, width, channels]: what the options choose, else what the model
    records, else that of TypeScript."""
    height, width, channels = shape
    kept = {} if recorded is None else {name: getattr(recorded, name) for name in ("fit", "background", "scale", "offset")}
    chosen = {"fit": options.fit, "background": options.background and tuple(options.background), **_scaling(options, channels)}
    given = {name: value for name, value in chosen.items() if value is not None}
    return Preprocessing(height, width, channels, **{**kept, **given})


def _scaling(options, channels):
    if options.mean is not None:
        if options.range is not None:
            raise error(_ACTION, "--range must not come with --mean", "--range", options.range)
        means, deviations = (_per_channel(name, given, channels) for name, given in (("mean", options.mean), ("std", options.std or [1])))
        if min(deviations) <= 0:
            raise error(_ACTION, "--std must be above 0", "--std", options.std)
        scale = tuple(1 / (255 * deviation) for deviation in deviations)
        return {"scale": scale, "offset": tuple(-mean / deviation for mean, deviation in zip(means, deviations))}
    if options.std is not None:
        raise error(_ACTION, "--std must come with --mean", "--std", options.std)
    if options.range is None:
        return {}
    black, white = options.range
    if not black < white:
        raise error(_ACTION, "--range must ascend", "--range", options.range)
    return {"scale": (white - black) / 255, "offset": black}


def _per_channel(name, given, channels):
    if len(given) not in (1, channels):
        raise error(_ACTION, f"--{name} must be one number, or one for each of {channels} channels", f"--{name}", given)
    return given * channels if len(given) == 1 else given


def _is_valid(value):
    is_count = lambda each: type(each) is int and each > 0  # noqa: E731
    is_number = lambda each: type(each) in (int, float) and abs(each) < 1e38  # noqa: E731
    channels, background = value.get("channels"), value.get("background")
    is_scaling = lambda each: (  # noqa: E731
        is_number(each) or (isinstance(each, list) and len(each) == channels and all(map(is_number, each)))
    )
    return (
        channels in (1, 3)
        and is_count(value.get("height"))
        and is_count(value.get("width"))
        and value.get("fit") in FITS
        and isinstance(background, list)
        and len(background) == 3
        and all(type(each) is int and 0 <= each <= 255 for each in background)
        and is_scaling(value.get("scale"))
        and is_scaling(value.get("offset"))
    )
