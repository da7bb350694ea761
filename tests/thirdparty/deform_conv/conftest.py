"""What the tests of the deformable convolution share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from thirdparty.deform_conv import native, use_backend


@pytest.fixture
def kernel() -> None:
    """Skips where the machine cannot build the kernel."""
    if native.native_library() is None:
        pytest.skip("there is no C++ compiler that builds the kernel")


@pytest.fixture
def forgetful() -> Iterator[None]:
    """Lets a test spoil the search for the kernel; afterwards it is found again."""
    native.forget_library()
    yield
    native.forget_library()


@pytest.fixture
def plain() -> Iterator[None]:
    """Plain PyTorch computes during the test."""
    before = use_backend("reference")
    yield
    use_backend(before)
