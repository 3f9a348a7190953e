"""Base class of the layers with inputs [x, like]."""

from tfjs_convolutions.layers._base import ImageLayer


class LikeLayer(ImageLayer):
    """Brings the first image to the height and width of the second."""

    def compute_output_shape(self, input_shape):
        x, like = (self._last_shape(shape) for shape in input_shape)
        return self._shape_from_last((x[0], like[1], like[2], x[3]))
