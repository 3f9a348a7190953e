"""Random crops of images in training."""

import keras
from keras.preprocessing.image import smart_resize

from tfjs_convolutions.layers._base import register


@register
class RandomCrop(keras.layers.RandomCrop):
    """As Keras documents; Keras 3.15 returns the whole image in inference mode."""

    def transform_images(self, images, transformation, training=True):
        height, width = images.shape[self.height_axis], images.shape[self.width_axis]
        if training and height >= self.height and width >= self.width:
            return super().transform_images(images, transformation, training)
        images = self.backend.cast(images, self.compute_dtype)
        return smart_resize(
            images, (self.height, self.width), data_format=self.data_format, backend_module=self.backend
        )
