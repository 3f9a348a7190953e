"""All layers, one module each; importing them registers them with Keras."""

from tfjs_convolutions.layers.atrous_spatial_pyramid_pooling import AtrousSpatialPyramidPooling
from tfjs_convolutions.layers.average_pooling2d import AveragePooling2D
from tfjs_convolutions.layers.batch_normalization import BatchNormalization
from tfjs_convolutions.layers.center_crop import CenterCrop
from tfjs_convolutions.layers.channel_shuffle import ChannelShuffle
from tfjs_convolutions.layers.channel_slice import ChannelSlice
from tfjs_convolutions.layers.circular_pad2d import CircularPad2D
from tfjs_convolutions.layers.conv2d import Conv2D
from tfjs_convolutions.layers.conv2d_transpose import Conv2DTranspose
from tfjs_convolutions.layers.crop_like import CropLike
from tfjs_convolutions.layers.deformable_conv2d import DeformableConv2D
from tfjs_convolutions.layers.deformable_conv2d_v3 import DeformableConv2DV3
from tfjs_convolutions.layers.deformable_conv2d_v4 import DeformableConv2DV4
from tfjs_convolutions.layers.deformable_ps_roi_pool import DeformablePSRoIPool
from tfjs_convolutions.layers.deformable_roi_pool import DeformableRoIPool
from tfjs_convolutions.layers.depthwise_conv2d import DepthwiseConv2D
from tfjs_convolutions.layers.depthwise_separable_conv2d import DepthwiseSeparableConv2D
from tfjs_convolutions.layers.dilated_conv2d import DilatedConv2D
from tfjs_convolutions.layers.dropout import Dropout
from tfjs_convolutions.layers.grouped_conv2d import GroupedConv2D
from tfjs_convolutions.layers.hard_swish import HardSwish
from tfjs_convolutions.layers.identity import Identity
from tfjs_convolutions.layers.max_pooling2d import MaxPooling2D
from tfjs_convolutions.layers.normalization import Normalization
from tfjs_convolutions.layers.pointwise_conv2d import PointwiseConv2D
from tfjs_convolutions.layers.ps_roi_align import PSRoIAlign
from tfjs_convolutions.layers.ps_roi_pool import PSRoIPool
from tfjs_convolutions.layers.random_brightness import RandomBrightness
from tfjs_convolutions.layers.random_contrast import RandomContrast
from tfjs_convolutions.layers.random_crop import RandomCrop
from tfjs_convolutions.layers.random_flip import RandomFlip
from tfjs_convolutions.layers.random_rotation import RandomRotation
from tfjs_convolutions.layers.random_translation import RandomTranslation
from tfjs_convolutions.layers.random_zoom import RandomZoom
from tfjs_convolutions.layers.receptive_field_block import ReceptiveFieldBlock
from tfjs_convolutions.layers.reflect_pad2d import ReflectPad2D
from tfjs_convolutions.layers.replicate_pad2d import ReplicatePad2D
from tfjs_convolutions.layers.resize_bilinear import ResizeBilinear
from tfjs_convolutions.layers.resizing import Resizing
from tfjs_convolutions.layers.roi_align import RoIAlign
from tfjs_convolutions.layers.roi_pool import RoIPool
from tfjs_convolutions.layers.spatially_separable_conv2d import SpatiallySeparableConv2D
from tfjs_convolutions.layers.squeeze_excite import SqueezeExcite
from tfjs_convolutions.layers.up_sampling2d import UpSampling2D

__all__ = [
    "AtrousSpatialPyramidPooling",
    "AveragePooling2D",
    "BatchNormalization",
    "CenterCrop",
    "ChannelShuffle",
    "ChannelSlice",
    "CircularPad2D",
    "Conv2D",
    "Conv2DTranspose",
    "CropLike",
    "DeformableConv2D",
    "DeformableConv2DV3",
    "DeformableConv2DV4",
    "DeformablePSRoIPool",
    "DeformableRoIPool",
    "DepthwiseConv2D",
    "DepthwiseSeparableConv2D",
    "DilatedConv2D",
    "Dropout",
    "GroupedConv2D",
    "HardSwish",
    "Identity",
    "MaxPooling2D",
    "Normalization",
    "PointwiseConv2D",
    "PSRoIAlign",
    "PSRoIPool",
    "RandomBrightness",
    "RandomContrast",
    "RandomCrop",
    "RandomFlip",
    "RandomRotation",
    "RandomTranslation",
    "RandomZoom",
    "ReceptiveFieldBlock",
    "ReflectPad2D",
    "ReplicatePad2D",
    "ResizeBilinear",
    "Resizing",
    "RoIAlign",
    "RoIPool",
    "SpatiallySeparableConv2D",
    "SqueezeExcite",
    "UpSampling2D",
]
