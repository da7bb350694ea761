"""The modulated deformable convolution, so that no stage depends on who computes it."""

from thirdparty.deform_conv.backends import use_backend
from thirdparty.deform_conv.module import ModulatedDeformConv2d
from thirdparty.deform_conv.operator import modulated_deform_conv2d
from thirdparty.deform_conv.reference import reference_deform_conv2d
from thirdparty.deform_conv.torchvision_ops import torchvision_operator

__all__ = [
    "ModulatedDeformConv2d",
    "modulated_deform_conv2d",
    "reference_deform_conv2d",
    "torchvision_operator",
    "use_backend",
]
