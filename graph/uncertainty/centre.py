"""A chain with every uncertain number at its mean: where totals are centred and elasticities are taken.

A log-normal number of median q has the mean q exp(sigma^2 / 2). A total without loops is linear in each
of its numbers, so that its value at their means is its exact mean, and (effect)^2 (exp(sigma^2) - 1) is
exactly what one number alone adds to its variance; in a loop both hold to first order.
Source: Heijungs & Suh (2002) for the derivatives; Ciroth et al., Int J LCA 9 (2004); JCGM 100:2008 5.1.2.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from huren.errors import BadInput
from huren.graph.factors import FloatArray
from huren.graph.network.network import Network
from huren.graph.uncertainty.parameters import Parameters

_NOTHING = 1e-17


@dataclass(frozen=True, slots=True, eq=False)
class Centre:
    """``sigma``: as stated or assumed, 0 for none, ``(rows,)``; ``value``: the mean of each row.

    ``network``: the coefficients up to the gate at their means; ``x``: kg CO2e counted in one declared
    unit of each product, cradle to gate, ``(products,)``.
    """

    parameters: Parameters
    sigma: FloatArray
    value: FloatArray
    network: Network
    x: FloatArray

    @classmethod
    def of(cls, parameters: Parameters, assume: float | None = None) -> Centre:
        """Solve it at the means, ``assume`` being the gsd of rows that state none.

        Cost: one solve of what is upstream. Raises: BadInput where a loop consumes all it makes there, or
        a mean is beyond float64.
        """
        sigma = np.nan_to_num(parameters.sigma, nan=0.0 if assume is None else float(np.log(assume)))
        with np.errstate(all="ignore"):
            value = parameters.value * np.exp(sigma**2 / 2)
            if not np.isfinite(value).all():
                raise too_wide()
            network = sound(parameters, value)
            x = network.solve(parameters.gate_emissions(value))
        return cls(parameters, sigma, value, network, x)

    @property
    def relative(self) -> FloatArray:
        """Variance of each row over the square of its mean, ``(rows,)``."""
        return np.asarray(np.expm1(self.sigma**2))

    def derivatives(self, root: int) -> FloatArray:
        """Change of the total of one unit of ``root`` per unit of each row, ``(rows,)``. One solve."""
        rows = self.parameters
        late = rows.late & (rows.consumer == root)
        demand = np.zeros(len(self.x))
        demand[root] = 1.0
        after = late & rows.inputs
        np.add.at(demand, rows.supplier[after], self.value[after])
        units, seeds = np.empty(len(self.x)), np.flatnonzero(demand)
        walk = np.ascontiguousarray(self.network.order.products[::-1])
        units[walk] = self.network.scales(walk, seeds, demand[seeds])
        called = np.where(rows.late, late, units[rows.consumer])
        return np.asarray(called * np.where(rows.inputs, self.x[rows.supplier], 1.0))

    def effects(self, root: int) -> FloatArray:
        """kg CO2e that hang on each row, ``(rows,)``: derivative times mean; emissions sum to the total."""
        return self.derivatives(root) * self.value


def needs(parameters: Parameters, value: FloatArray) -> csr_array[np.float64]:
    """N[consumer, supplier] up to the gate at some values of the rows; rows of one pair add up.

    Those that cancel here, but elsewhere need not, keep their place by an amount too small to matter.
    """
    gate, count = parameters.gate, len(parameters.products)
    pairs = parameters.consumer[gate], parameters.supplier[gate]
    found = csr_array((value[gate], pairs), shape=(count, count))
    if not found.data.all():
        sizes = csr_array((np.abs(value[gate]), pairs), shape=(count, count))
        found.data[found.data == 0] = _NOTHING * sizes.data[found.data == 0]
    return found


def sound(parameters: Parameters, value: FloatArray) -> Network:
    """The network at some values of the rows. Raises: BadInput where a loop consumes all it makes."""
    network = Network.of_matrix(needs(parameters, value))
    for members in network.consuming():
        raise consuming([parameters.key(int(i)) for i in members])
    return network


def consuming(keys: list[str]) -> BadInput:
    """The error for a loop that is sound at its stated amounts, but not at what they may be."""
    names = ", ".join(f"`{key}`" for key in keys[:20])
    return BadInput(
        f"within their spread, these products consume all that they make of one another: {names}",
        f"在离散范围内,下列产品相互消耗,耗尽自身产出: {names}",
        fix="State a smaller gsd for the inputs of that loop, or assume a smaller one.",
        fix_zh="请为该循环的投入给出更小的 gsd,或假定更小的值。",
    )


def too_wide() -> BadInput:
    """The error for a spread that leaves no finite mean."""
    return BadInput(
        "a stated spread is so wide that its mean is beyond what a double can hold",
        "给出的离散程度过大,其均值超出双精度浮点数的范围",
        fix="Look for a gsd of absurd size among the inputs and emissions.",
        fix_zh="请检查投入与排放中是否有数值异常的 gsd。",
    )
