"""The person detector's network: our own small anchor-free design.

A plain residual trunk down to stride 32, merged back up to stride 8. One map says how likely a
person's middle is in each cell, four say how far the box reaches from there. The idea of points
instead of anchors is CenterNet's (Zhou et al., "Objects as Points", 2019) and FCOS's (Tian et al.,
2019).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from inference.detect.config import STRIDE, DetectorConfig
from inference.errors import ModelError

_REACH_PX = 32.0
"""Input px that a raw box output of about one stands for."""

_RARE = -4.0
"""Start of the heat output: people are rare."""


class Detector(nn.Module):
    """Frames → heat and box maps at stride 8.

    Args:
        config: see ``DetectorConfig``.
    """

    def __init__(self, config: DetectorConfig) -> None:
        super().__init__()
        if config.input_size[0] % 16 or config.input_size[1] % 16:
            raise ModelError(
                "bad_config", f"Expected an input size in multiples of 16, got {config.input_size}."
            )
        self.config = config
        w1, w2, w3, w4, w5 = config.widths
        b2, b3, b4, b5 = config.blocks
        self.stem = _conv(config.planes, w1, stride=2)
        self.down4 = _stage(w1, w2, b2)
        self.down8 = _stage(w2, w3, b3)
        self.down16 = _stage(w3, w4, b4)
        self.down32 = _stage(w4, w5, b5)
        self.side8 = nn.Conv2d(w3, config.neck, 1)
        self.side16 = nn.Conv2d(w4, config.neck, 1)
        self.side32 = nn.Conv2d(w5, config.neck, 1)
        self.merge16 = _conv(config.neck, config.neck)
        self.merge8 = _conv(config.neck, config.neck)
        self.head = _conv(config.neck, config.neck)
        self.heat = nn.Conv2d(config.neck, 1, 1)
        self.reach = nn.Conv2d(config.neck, 4, 1)
        nn.init.constant_(self.heat.bias, _RARE)  # type: ignore[arg-type]
        nn.init.zeros_(self.reach.weight)
        nn.init.ones_(self.reach.bias)  # type: ignore[arg-type]

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Run the network.

        Args:
            x: float [N, planes, H, W], standardised frames (see ``prepare``).

        Returns:
            (heat logits [N, 1, H/8, W/8], distances [N, 4, H/8, W/8] in input px from the cell's
            middle to the box's left, top, right and bottom edge).
        """
        return self.read(self.shared(x))

    def shared(self, x: Tensor) -> Tensor:
        """The map [N, neck, H/8, W/8] from which everything is read."""
        x8 = self.down8(self.down4(self.stem(x)))
        x16 = self.down16(x8)
        x32 = self.side32(self.down32(x16))
        x16 = self.merge16(self.side16(x16) + F.interpolate(x32, x16.shape[2:]))
        x8 = self.merge8(self.side8(x8) + F.interpolate(x16, x8.shape[2:]))
        return self.head(x8)  # type: ignore[no-any-return]

    def read(self, shared: Tensor) -> tuple[Tensor, Tensor]:
        """Heat logits and distances off the shared map (see ``forward``)."""
        return self.heat(shared), F.softplus(self.reach(shared)) * _REACH_PX


class _Residual(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.one = _conv(width, width)
        self.two = nn.Sequential(
            nn.Conv2d(width, width, 3, padding=1, bias=False), nn.BatchNorm2d(width)
        )

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(x + self.two(self.one(x)), inplace=True)


def _conv(inputs: int, outputs: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    )


def _stage(inputs: int, outputs: int, blocks: int) -> nn.Sequential:
    return nn.Sequential(
        _conv(inputs, outputs, stride=2), *(_Residual(outputs) for _ in range(blocks))
    )


def cell_centres(height: int, width: int) -> Tensor:
    """float [2, height, width]: x and y in input px of the middle of each cell."""
    y, x = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    return (torch.stack([x, y]).float() + 0.5) * STRIDE - 0.5
