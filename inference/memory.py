"""Gives freed memory back to the system, so that a long clip needs no more of it than a short one.

Arrays of many sizes come and go while a clip is worked on, and the C library keeps the holes
between them for itself. On a clip of ten minutes those holes were a third of all memory.
"""

from __future__ import annotations

import ctypes
from functools import cache


def give_back() -> bool:
    """Return freed memory to the system, where the C library can (glibc).

    Takes about 10 ms.

    Returns:
        Whether it could be asked.
    """
    trim = _trim()
    if trim is None:
        return False
    trim(0)
    return True


@cache
def _trim() -> ctypes._NamedFuncPointer | None:
    try:
        return ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):
        return None
