"""Supply graphs drawn from a fixed seed, wired like real ones, of any size.

A background core, one loop of most of its products with one that nearly all need (electricity); around it a
foreground of industries of 5,000 that draw on the core and on one another, where 0.3 % of the inputs close
small loops. Prices spread over eleven decades, so that amounts are in all sorts of declared units; what each
product spends on inputs is 35 to 80 % of its own price, so that the whole is productive.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

SEED = 42
CORE = 20_000
_DECADES = 5.5
_INDUSTRY, _BACKWARD = 5_000, 0.003
_WIDE, _NEAR = 300, 30


@dataclass(frozen=True, slots=True)
class Graph:
    """Amount of ``supplier`` that a unit of ``consumer`` needs, ``(inputs,)`` in no order; kg each emits.

    ``industry`` of each product, -1 in the core.
    """

    size: int
    consumer: NDArray[np.int64]
    supplier: NDArray[np.int64]
    amount: NDArray[np.float64]
    own: NDArray[np.float64]
    industry: NDArray[np.int64]

    @property
    def matrix(self) -> csr_array[Any]:
        """N[consumer, supplier]."""
        return csr_array((self.amount, (self.consumer, self.supplier)), shape=(self.size, self.size))


def core(size: int = CORE, seed: int = SEED) -> Graph:
    """The background alone: one loop of 99 % of its products, 9.7 inputs each."""
    draw = np.random.default_rng(seed)
    return _priced(draw, size, size, *_background(draw, size))


def sectors(size: int = CORE, seed: int = SEED) -> Graph:
    """A background as LU likes it, and ecoinvent is: one loop of 97 %, whose factors hardly fill in.

    Six inputs in ten are of 300 widely used products, the others of near neighbours. The factors of 20,000
    products have 2.7 million entries (those of :func:`core`, more than SuperLU can hold).
    """
    draw = np.random.default_rng(seed)
    consumer = np.repeat(np.arange(size), draw.poisson(8.9, size))
    wide = (_WIDE * draw.random(len(consumer)) ** 3).astype(np.int64) * (size // _WIDE)
    near = consumer + draw.integers(-_NEAR, _NEAR + 1, len(consumer))
    supplier = np.where(draw.random(len(consumer)) < 0.6, wide, np.clip(near, 0, size - 1))
    hub = np.flatnonzero(draw.random(size) < 0.87)
    ends = np.append(consumer, hub), np.append(supplier, np.zeros(len(hub), dtype=np.int64))
    return _priced(draw, size, size, *ends)


def local(size: int, seed: int = SEED) -> Graph:
    """A core of a tenth, at most 20,000, and a foreground; 40 % of all products need one hub."""
    draw = np.random.default_rng(seed)
    background = min(size // 10, CORE)
    ends = zip(_background(draw, background), _foreground(draw, background, size), strict=True)
    return _priced(draw, size, background, *(np.concatenate(pair) for pair in ends))


_Ends = tuple[NDArray[np.int64], NDArray[np.int64]]


def _background(draw: np.random.Generator, size: int) -> _Ends:
    consumer = np.repeat(np.arange(size), draw.poisson(8.9, size))
    supplier = _popular(draw, size, len(consumer))
    hub = np.flatnonzero(draw.random(size) < 0.87)
    return np.append(consumer, hub), np.append(supplier, np.zeros(len(hub), dtype=np.int64))


def _foreground(draw: np.random.Generator, background: int, size: int) -> _Ends:
    consumer = np.repeat(np.arange(background, size), 1 + draw.poisson(7.2, size - background))
    first = background + (consumer - background) // _INDUSTRY * _INDUSTRY
    near = first + (draw.random(len(consumer)) * (consumer - first)).astype(np.int64)
    far = _popular(draw, background, len(consumer))
    supplier = np.where((draw.random(len(consumer)) < 0.7) & (near < consumer), near, far)
    one = draw.choice(consumer, int(_BACKWARD * len(consumer)))
    other = np.maximum(one - draw.integers(1, 30, len(one)), background)
    hub = background + np.flatnonzero(draw.random(size - background) < 0.2)
    return (
        np.concatenate((consumer, one, other, hub)),
        np.concatenate((supplier, other, one, np.zeros(len(hub), dtype=np.int64))),
    )


def _popular(draw: np.random.Generator, size: int, count: int) -> NDArray[np.int64]:
    """Products of the core, low numbers far more often."""
    return (size * draw.random(count) ** 4).astype(np.int64)


def _priced(
    draw: np.random.Generator,
    size: int,
    background: int,
    consumer: NDArray[np.int64],
    supplier: NDArray[np.int64],
) -> Graph:
    price = 10.0 ** draw.uniform(-_DECADES, _DECADES, size)
    weight = draw.lognormal(0.0, 2.5, len(consumer))
    spent = np.bincount(consumer, weight, size)
    share = weight * draw.uniform(0.35, 0.80, size)[consumer] / spent[consumer]
    amount = share * price[consumer] / price[supplier]
    own = price * draw.lognormal(-1.0, 1.0, size)
    name, turn = draw.permutation(size), draw.permutation(len(consumer))
    industry = np.maximum((np.arange(size) - background) // _INDUSTRY, -1)
    named = (own[np.argsort(name)], industry[np.argsort(name)])
    return Graph(size, name[consumer[turn]], name[supplier[turn]], amount[turn], *named)
