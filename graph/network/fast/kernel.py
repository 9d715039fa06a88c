"""The one decorator of kernels: compiled by numba once, the machine code kept for the next start."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., object])


def kernel(function: F) -> F:
    """``function`` as machine code that holds no lock of the interpreter.

    Kept beside its file, else in the user's cache folder (or NUMBA_CACHE_DIR); compiled at each start where
    no folder can be written. A kernel calls only kernels of its own file: numba notices changes by file.
    """
    try:
        return cast(F, numba.njit(cache=True, nogil=True, error_model="numpy")(function))
    except RuntimeError:
        return cast(F, numba.njit(nogil=True, error_model="numpy")(function))
