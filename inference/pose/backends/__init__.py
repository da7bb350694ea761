"""One switch for who computes a pose network: plain PyTorch, or a compiler where there is one.

``"eager"`` needs nothing and is the reference. ``"compile"`` (torch.compile, needs a C++
compiler), ``"openvino"`` and ``"onnxruntime"`` (packages of that name) fuse the layers of the
backbone and of the head's convolutions; the deformable convolutions stay with PyTorch. What they
prepare is kept on disk and found again at the next start.
"""

from inference.pose.backends.choice import BACKENDS, choose
from inference.pose.backends.parts import Parts, make_parts

__all__ = ["BACKENDS", "Parts", "choose", "make_parts"]
