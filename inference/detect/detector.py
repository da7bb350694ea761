"""Loads the person detector and runs it over the frames of a clip."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch

from inference.detect.config import DecodeConfig, DetectorConfig
from inference.detect.decode import read_boxes
from inference.detect.network import Detector
from inference.detect.prepare import to_frame, to_input
from inference.errors import Cancelled, ModelError
from inference.types import (
    Detections,
    IsCancelled,
    Pixels,
    Progress,
    expect,
    never_cancelled,
    no_progress,
)
from inference.weights_file import Card, load_weights

_BATCH = 16


class PersonDetector:
    """People in frames.

    Args:
        network: trained network; set to evaluation and moved to ``device``.
        decode: how boxes are read off its maps.
        device: torch device.
    """

    def __init__(
        self, network: Detector, decode: DecodeConfig | None = None, device: str = "cpu"
    ) -> None:
        self._device = torch.device(device)
        self._network = network.eval().to(self._device).to(memory_format=torch.channels_last)
        self.decode = decode or DecodeConfig()

    @classmethod
    def load(
        cls, path: str | Path, *, decode: DecodeConfig | None = None, device: str = "cpu"
    ) -> PersonDetector:
        """Load weights and card.

        Raises:
            ModelError: files missing or broken, or weights that do not fit the card's config.
        """
        state, card = load_weights(path)
        network = Detector(config_of(card))
        try:
            network.load_state_dict({name: value.float() for name, value in state.items()})
        except RuntimeError as error:
            raise ModelError("wrong_weights", f"{Path(path).name}: {error}") from error
        return cls(network, decode, device)

    def detect(
        self,
        frames: Pixels,
        *,
        progress: Progress = no_progress,
        is_cancelled: IsCancelled = never_cancelled,
    ) -> list[Detections]:
        """Find the people in each frame, the surest first.

        Args:
            frames: uint8 [N, H, W, 3] RGB.
            progress: told about the stage ``"detect"``.
            is_cancelled: asked between batches.

        Returns:
            N detections; boxes in px of the frame, clipped to it.

        Raises:
            ModelError: frames of another shape or dtype.
            Cancelled: the caller asked to stop.
        """
        expect(frames, (None, None, None, 3), np.uint8, "frames")
        found: list[Detections] = []
        for begin in range(0, len(frames), _BATCH):
            if is_cancelled():
                raise Cancelled()
            found += self._detect_batch(frames[begin : begin + _BATCH])
            progress("detect", len(found) / len(frames))
        return found

    def _detect_batch(self, frames: Pixels) -> list[Detections]:
        size = (frames.shape[2], frames.shape[1])
        fitted = [to_input(frame, self._network.config.input_size) for frame in frames]
        batch = torch.from_numpy(np.stack([pixels for pixels, _ in fitted]))
        batch = batch.to(self._device, memory_format=torch.channels_last)
        with torch.inference_mode():
            heat, reach = self._network(batch)
        found = []
        for (boxes, scores), (_, fit) in zip(
            read_boxes(heat, reach, self.decode), fitted, strict=True
        ):
            placed = to_frame(boxes, fit, size)
            tall = placed[:, 3] - placed[:, 1] >= self.decode.min_height * size[1]
            found.append(Detections(placed[tall], scores[tall]))
        return found


def config_of(card: Card) -> DetectorConfig:
    """The network's configuration as a card holds it.

    Raises:
        ModelError: the card has none that fits.
    """
    try:
        given = card["config"].items()
        fields: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in given}
        return DetectorConfig(**fields)
    except (KeyError, TypeError, AttributeError) as error:
        raise ModelError("bad_card", f"The detector's card has no usable config: {error}") from None


def config_for_card(config: DetectorConfig) -> dict[str, object]:
    """The configuration as JSON can hold it."""
    return {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(config).items()}
