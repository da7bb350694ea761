"""Loads the person detector and runs it over the frames of a clip, each with its neighbours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from inference.detect.config import DecodeConfig, DetectorConfig
from inference.detect.decode import read_boxes
from inference.detect.network import Detector
from inference.detect.prepare import (
    Fit,
    Moment,
    fit_into,
    lifted,
    luma_of,
    shrink,
    to_frame,
    to_input,
)
from inference.errors import Cancelled, ModelError
from inference.types import (
    Detections,
    Floats,
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
        return cls(load_network(path), decode, device)

    def detect(
        self,
        frames: Pixels,
        *,
        at: Sequence[int] | None = None,
        progress: Progress = no_progress,
        is_cancelled: IsCancelled = never_cancelled,
    ) -> list[Detections]:
        """Find the people in each wanted frame, the surest first.

        A network of 6 planes looks at each wanted frame ``t`` together with the frames
        ``t - distance`` and ``t + distance`` (``DetectorConfig.distance``); beyond an end of
        ``frames`` the end's frame stands in. A caller that reads a long clip in chunks therefore
        gives ``distance`` frames more on both sides and names in ``at`` the frames in between:
        the answer is then the same as for the whole clip.

        Args:
            frames: uint8 [N, H, W, 3] RGB, neighbours in time.
            at: indices of the wanted frames, 0..N-1; all if not given.
            progress: told about the stage ``"detect"``.
            is_cancelled: asked between batches.

        Returns:
            One detection for each wanted frame, in the order of ``at``; boxes in px of the frame,
            clipped to it.

        Raises:
            ModelError: frames of another shape or dtype, or an index outside of them.
            Cancelled: the caller asked to stop.
        """
        expect(frames, (None, None, None, 3), np.uint8, "frames")
        wanted = range(len(frames)) if at is None else [int(index) for index in at]
        if any(not 0 <= index < len(frames) for index in wanted):
            raise ModelError(
                "bad_index", f"Expected indices of {len(frames)} frames, got {list(wanted)}."
            )
        reader = _Reader(frames, self.config)
        found: list[Detections] = []
        for begin in range(0, len(wanted), _BATCH):
            if is_cancelled():
                raise Cancelled()
            found += self._detect_batch(reader, wanted[begin : begin + _BATCH])
            progress("detect", len(found) / len(wanted))
        return found

    @property
    def config(self) -> DetectorConfig:
        """Shape of the network and its input."""
        return self._network.config

    @property
    def reach(self) -> int:
        """So many frames before and after a wanted one are looked at."""
        return self.config.distance if self.config.planes > 3 else 0

    def _maps(self, batch: Tensor) -> tuple[Tensor, Tensor]:
        """Heat and distances, averaged with those of the mirrored frames where that is wanted."""
        heat, reach = self._network(batch)
        if not self.decode.mirrored:
            return heat, reach
        heat_back, reach_back = (maps.flip(3) for maps in self._network(batch.flip(3)))
        left_right_changed = reach_back[:, [2, 1, 0, 3]]
        return (heat + heat_back) / 2, (reach + left_right_changed) / 2

    def _detect_batch(self, reader: _Reader, wanted: Sequence[int]) -> list[Detections]:
        batch = torch.from_numpy(np.stack([reader.input(index) for index in wanted]))
        batch = batch.to(self._device, memory_format=torch.channels_last)
        with torch.inference_mode():
            heat, reach = self._maps(batch)
        return [
            self._placed(to_frame(boxes, reader.fit, reader.size), scores, reader.size[1])
            for boxes, scores in read_boxes(heat, reach, self.decode)
        ]

    def _placed(self, boxes: Floats, scores: Floats, height: int) -> Detections:
        """Boxes in the frame: small ones less sure, tiny ones and those now unsure dropped."""
        share = (boxes[:, 3] - boxes[:, 1]) / height
        if self.decode.small > 0:
            scores = scores * np.minimum(1.0, share / self.decode.small).astype(np.float32)
        keep = (share >= self.decode.min_height) & (scores >= self.decode.min_score)
        order = np.argsort(-scores[keep], kind="stable")
        return Detections(boxes[keep][order], scores[keep][order])


class _Reader:
    """Makes the network's inputs from frames; each frame is shrunk once where it can be."""

    def __init__(self, frames: Pixels, config: DetectorConfig) -> None:
        self.size = (frames.shape[2], frames.shape[1])
        self.fit: Fit = fit_into(self.size, config.input_size)
        self._frames, self._config = frames, config
        self._colours: dict[int, Pixels] = {}

    def input(self, index: int) -> Floats:
        """float32 [planes, h, w] of one frame."""
        colour, away = self._colour(index), self._config.distance
        if self._config.planes == 3:
            moment = Moment(colour, colour, colour)
        else:
            before, after = self._colour(index - away), self._colour(index + away)
            moment = Moment(colour, luma_of(before), luma_of(after))
        return to_input(moment, self.fit, self._config.input_size, self._config.planes)

    def _colour(self, index: int) -> Pixels:
        index = min(max(index, 0), len(self._frames) - 1)
        if index not in self._colours:
            while len(self._colours) > 2 * self._config.distance + 1:
                self._colours.pop(next(iter(self._colours)))
            frame = lifted(self._frames[index], self._config.lift)
            self._colours[index] = shrink(frame, self.fit.inner)
        return self._colours[index]


def load_network(path: str | Path) -> Detector:
    """The network of a weights file with its card.

    Raises:
        ModelError: files missing or broken, or weights that do not fit the card's config.
    """
    state, card = load_weights(path)
    network = Detector(config_of(card))
    try:
        network.load_state_dict({name: value.float() for name, value in state.items()})
    except RuntimeError as error:
        raise ModelError("wrong_weights", f"{Path(path).name}: {error}") from error
    return network


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
