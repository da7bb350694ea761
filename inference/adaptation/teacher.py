"""Who labels the clips: a network of ours, a MoveNet, or files made by any tool."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from inference.adaptation.hashing import hash_of
from inference.adaptation.keypoint_files import KeypointFiles
from inference.adaptation.labels import Labeller
from inference.adaptation.movenet import MoveNetTeacher
from inference.adaptation.network_teacher import NetworkTeacher
from inference.config import PipelineConfig
from inference.errors import BadInput

KINDS = ("own", "weights", "keypoints", "movenet")


@dataclass(frozen=True)
class Teacher:
    """Which teacher; nothing is loaded before it is asked.

    Attributes:
        kind: one of ``KINDS``.
        path: its file or folder.
    """

    kind: str
    path: Path

    @classmethod
    def own(cls) -> Teacher:
        """The pose network that comes with the library, with all its strengths."""
        return cls("own", PipelineConfig().pose)

    @classmethod
    def from_weights(cls, path: Path) -> Teacher:
        """Any pose network in our form, such as an imported published one."""
        return cls("weights", Path(path))

    @classmethod
    def from_keypoints(cls, path: Path) -> Teacher:
        """A folder with one ``.npz`` of keypoints for each clip, by the clip's name."""
        return cls("keypoints", Path(path))

    @classmethod
    def from_movenet(cls, path: Path) -> Teacher:
        """A single-pose MoveNet, ``.onnx`` or ``.tflite``."""
        return cls("movenet", Path(path))

    @classmethod
    def named(cls, text: str) -> Teacher:
        """The teacher of a command line: ``own``, ``keypoints:FOLDER`` or a file.

        Raises:
            BadInput: the file's ending is none that is known.
        """
        if text == "own":
            return cls.own()
        if text.startswith("keypoints:"):
            return cls.from_keypoints(Path(text.removeprefix("keypoints:")))
        ending = Path(text).suffix.lower()
        if ending == ".safetensors":
            return cls.from_weights(Path(text))
        if ending in (".onnx", ".tflite"):
            return cls.from_movenet(Path(text))
        raise BadInput(
            "bad_teacher",
            "Expected own, keypoints:FOLDER, weights (.safetensors) or a MoveNet (.onnx, "
            f".tflite) as teacher, got {text!r}.",
        )

    def load(self, device: str = "auto", mirror_tolerance: float = 0.25) -> Labeller:
        """Make it ready to work.

        Args:
            device: as torch names it.
            mirror_tolerance: see ``CleanConfig``.

        Raises:
            BadInput: its files are missing or of another form.
            ModelError: its weights are broken.
        """
        if self.kind == "keypoints":
            return KeypointFiles(self.path)
        if self.kind == "movenet":
            return MoveNetTeacher(self.path, device, mirror_tolerance)
        if self.kind in ("own", "weights"):
            return NetworkTeacher(self.path, device, mirror_tolerance)
        raise BadInput("bad_teacher", f"Expected a teacher of {KINDS}, got {self.kind!r}.")

    def as_dict(self) -> dict[str, str]:
        """What a card tells of it: kind, name, and a file's sha256."""
        told = {"kind": self.kind, "name": self.path.name}
        return told | ({"sha256": hash_of(self.path)} if self.path.is_file() else {})
