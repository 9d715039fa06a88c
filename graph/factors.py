"""Ways to solve (I - N) x = rhs for one loop: dense LU, sparse LU, and beyond that a Krylov method.

A large loop's sparse LU may fill in until it takes minutes; BiCGSTAB takes its place there, held to the
same componentwise backward error, and LU takes over wherever it misses that.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import lapack
from scipy.sparse import csc_array, csr_array, eye_array
from scipy.sparse.linalg import bicgstab, splu

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

_DENSE = 500
_SPARSE = 2000
_FILLED = 0.1
_BACKWARD = 1e-14


class SingularError(ArithmeticError):
    """(I - N) has no inverse."""


class Factor(Protocol):
    """Something that solves for any right-hand side, ``(n,)`` or ``(n, columns)``."""

    def solve(self, rhs: FloatArray, *, transposed: bool) -> FloatArray:
        """x with (I - N) x = rhs, or (I - N)^T x = rhs."""


def factorise(needs: csr_array[Any]) -> Factor:
    """The fitting way for N: dense up to 500 members, or where a tenth of it is filled.

    Raises: SingularError.
    """
    n = needs.shape[0]
    if n <= _DENSE or needs.nnz > _FILLED * n * n:
        return _Dense(np.eye(n) - needs.toarray())
    return _Sparse(needs) if n <= _SPARSE else _Krylov(needs)


def backward_error(needs: csr_array[Any], supplied: FloatArray, x: FloatArray, rhs: FloatArray) -> float:
    """The largest componentwise backward error of x = N supplied + rhs (Oettli, Prager 1964)."""
    with np.errstate(all="ignore"):
        off = np.abs(rhs + needs @ supplied - x)
        scale = np.abs(rhs) + abs(needs) @ np.abs(supplied) + np.abs(x)
    return float(np.divide(off, scale, out=np.zeros_like(off), where=scale > 0).max(initial=0.0))


class _Dense:
    """LU with partial pivoting (LAPACK getrf)."""

    def __init__(self, matrix: FloatArray) -> None:
        self.lu, self.pivots, info = lapack.dgetrf(matrix)
        if info > 0:
            raise SingularError

    def solve(self, rhs: FloatArray, *, transposed: bool) -> FloatArray:
        x = lapack.dgetrs(self.lu, self.pivots, rhs, trans=int(transposed))[0]
        return np.asarray(x, dtype=np.float64)


class _Sparse:
    """Sparse LU (SuperLU)."""

    def __init__(self, needs: csr_array[Any]) -> None:
        try:
            self.lu = splu(csc_array(eye_array(needs.shape[0], format="csc") - needs))
        except RuntimeError as singular:
            raise SingularError from singular

    def solve(self, rhs: FloatArray, *, transposed: bool) -> FloatArray:
        direction = "T" if transposed else "N"
        x = self.lu.solve(rhs, direction)  # type: ignore[call-overload]  # the stubs lack its second argument
        return np.asarray(x, dtype=np.float64)


class _Krylov:
    """BiCGSTAB (van der Vorst 1992), refined until componentwise as good as LU, else LU."""

    def __init__(self, needs: csr_array[Any]) -> None:
        self._needs, self._transposed = needs, csr_array(needs.T)
        self._identity = eye_array(needs.shape[0], format="csr")

    @cached_property
    def _exact(self) -> _Sparse:
        return _Sparse(self._needs)

    def solve(self, rhs: FloatArray, *, transposed: bool) -> FloatArray:
        needs = self._transposed if transposed else self._needs
        columns = rhs.reshape(len(rhs), -1)
        x = np.column_stack([self._column(needs, column) for column in columns.T]).reshape(rhs.shape)
        if backward_error(needs, x, x, rhs) <= _BACKWARD:
            return x
        return self._exact.solve(rhs, transposed=transposed)

    def _column(self, needs: csr_array[Any], rhs: FloatArray) -> FloatArray:
        matrix = csr_array(self._identity - needs)
        x = np.zeros_like(rhs)
        for _ in range(6):
            if backward_error(needs, x, x, rhs) <= _BACKWARD:
                break
            rest = rhs + needs @ x - x
            size = np.abs(rest).max()
            step, _ = bicgstab(matrix, rest / size, rtol=1e-10, atol=0.0, maxiter=500)
            x = rhs + needs @ (x + size * step)
        return np.asarray(x)
