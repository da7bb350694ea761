"""Folds batch normalisation into convolutions, which a finished network no longer needs apart."""

from __future__ import annotations

from itertools import pairwise

from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval


def fold_batch_norms(network: nn.Module) -> None:
    """Fold, in place, every batch normalisation that directly follows a convolution.

    The network must be in evaluation mode; it computes the same as before, up to rounding.
    """
    for module in network.modules():
        for (conv_name, conv), (norm_name, norm) in pairwise(list(module.named_children())):
            if isinstance(conv, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
                setattr(module, conv_name, fuse_conv_bn_eval(conv, norm))
                setattr(module, norm_name, nn.Identity())
