"""Global warming potentials: which gases there are, what a kilogram of each counts, and what is counted.

The factors are data, ``data/gwp.toml``, with their IPCC tables. Pure but for reading that file once.
"""

from __future__ import annotations

import tomllib
from importlib import resources
from types import MappingProxyType
from typing import Any

from huren.graph.model.supply import GwpSet, Origin

CO2E = "CO2e"
"""The name of an already characterised value: kg CO2e, under its own GWP set."""

_PLAIN = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789", " -_.")
_CO2E_NAMES = ("CO2e", "CO2eq", "CO2-eq", "CO2 equivalent", "二氧化碳当量")


def _plain(name: str) -> str:
    return name.strip().translate(_PLAIN).casefold()


def _factors(row: dict[str, Any], origin: Origin) -> dict[GwpSet, float]:
    return {gwp: float((row.get(origin.value) or row["any"])[gwp.value]) for gwp in GwpSet}


def _load() -> tuple[dict[str, str], dict[tuple[str, Origin], dict[GwpSet, float]]]:
    text = (resources.files("huren.graph") / "data" / "gwp.toml").read_text(encoding="utf-8")
    names = {_plain(name): CO2E for name in _CO2E_NAMES}
    table: dict[tuple[str, Origin], dict[GwpSet, float]] = {}
    for row in tomllib.loads(text)["gas"]:
        gas = row["name"]
        names |= {_plain(name): gas for name in (gas, *row.get("aliases", ()))}
        table |= {(gas, origin): _factors(row, origin) for origin in Origin}
    return names, table


_NAMES, _TABLE = _load()

GASES: tuple[str, ...] = tuple(dict.fromkeys(gas for gas, _ in _TABLE))
"""Canonical names of the gases that have a factor, in the order of the data file; CO2e is not one."""

FACTORS = MappingProxyType(_TABLE)
"""kg CO2e per kg, by (gas, origin) and GWP set."""


def canonical(gas: str) -> str | None:
    """The canonical name of ``gas`` or of CO2e, whatever case, hyphens or subscripts; None if unknown.

    >>> canonical("ch₄"), canonical("HFC134A"), canonical("r-22"), canonical("CO2-eq"), canonical("O2")
    ('CH4', 'HFC-134a', 'HCFC-22', 'CO2e', None)
    """
    return _NAMES.get(_plain(gas))


def factor(gas: str, origin: Origin, gwp: GwpSet) -> float | None:
    """kg CO2e per kg of ``gas`` under ``gwp``, counted or not; 1 for CO2e; None for an unknown gas.

    >>> [factor("CH4", Origin.UNSPECIFIED, gwp) for gwp in GwpSet]
    [25.0, 28.0, 27.9]
    """
    name = canonical(gas)
    if name is None:
        return None
    return 1.0 if name == CO2E else _TABLE[name, origin][gwp]


def counted(gas: str, origin: Origin) -> bool:
    """Whether a gas of that origin enters ``total``: all do but CO2 of biogenic origin, of either sign.

    Biogenic CH4 and N2O are counted (ISO 14067 6.4.9), and so is CO2e labelled biogenic: it is
    already characterised, and under a convention that gives biogenic CO2 a 0 it can only be CH4 or N2O.
    """
    return canonical(gas) != "CO2" or origin is not Origin.BIOGENIC
