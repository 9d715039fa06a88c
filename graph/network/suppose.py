"""What if some products needed something else: exact for the product asked, without solving anew.

N' = N + U V^T, with one column of U and V for each supposition; so (I - N')^-1 follows from a few answers of
(I - N)^-1 and a system of as many equations (Sherman, Morrison 1950; Woodbury 1950).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from huren.graph.factors import FloatArray, SingularError
from huren.graph.loops import GAP
from huren.graph.network.network import Network
from huren.graph.network.rows import ProductArray, positions


@dataclass(frozen=True, slots=True, eq=False)
class Sparse:
    """A vector over all products, 0 but at some."""

    products: ProductArray
    values: FloatArray

    @classmethod
    def of(cls, values: dict[int, float]) -> Sparse:
        """From a dictionary."""
        return cls(positions(list(values)), np.array(list(values.values()), dtype=np.float64))

    def dot(self, other: FloatArray) -> float:
        """With a vector over all products."""
        return float(self.values @ other[self.products])


@dataclass(frozen=True, slots=True, eq=False)
class Term:
    """``consumers`` x ``suppliers`` is added to N."""

    consumers: Sparse
    suppliers: Sparse


def changed(consumer: int, supplier: int, difference: float) -> Term:
    """One product needs ``difference`` more of another."""
    return Term(Sparse.of({consumer: 1.0}), Sparse.of({supplier: difference}))


def replaced(network: Network, supplier: int, by: int) -> Term:
    """Whoever needs ``supplier`` needs as much of ``by`` instead."""
    part = slice(network.served.starts[supplier], network.served.ends[supplier])
    column = Sparse(network.served.others[part].copy(), network.served.amounts[part].copy())
    return Term(column, Sparse.of({by: 1.0, supplier: -1.0} if by != supplier else {}))


def suppose(network: Network, x: FloatArray, seeds: Sparse, terms: Sequence[Term]) -> float:
    """What the seeds are worth if all ``terms`` were added to N at once.

    Terms are of the network as it is: a column changed and replaced at once needs the changed column. Loops
    that the terms close or widen should be known to be solvable; where all is not, that is mostly seen.
    Cost: one :meth:`Network.scales` of the seeds and of each term's suppliers.
    Raises: SingularError.
    """
    asked = _calls(network, seeds)
    calls = [_calls(network, term.suppliers) for term in terms]
    within = np.array([[term.consumers.dot(call) for term in terms] for call in calls])
    matrix = np.eye(len(terms)) - within.reshape(len(terms), len(terms))
    left = np.linalg.det(matrix)
    if not (abs(left) if network.credits else left) > GAP:
        raise SingularError
    before = np.array([term.suppliers.dot(x) for term in terms])
    after = np.linalg.solve(matrix, before)
    reach = np.array([term.consumers.dot(asked) for term in terms])
    return seeds.dot(x) + float(reach @ after)


def _calls(network: Network, seeds: Sparse) -> FloatArray:
    """(I - N^T)^-1 of a sparse vector, ``(products,)``."""
    found = np.zeros(network.size)
    products, scales = network.scales(seeds.products, seeds.values)
    found[products] = scales
    return found
