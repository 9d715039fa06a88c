"""Names of gases as lists of covered gases write them: one by one, or by family (HFCs, PFCs)."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from huren.graph import gwp

_PERFLUORINATED = frozenset({"CF4", "C2F6", "C3F8", "c-C4F8", "C4F10", "C5F12", "C6F14"})
_FAMILIES = {
    name: family
    for family, names in {
        "HFCs": ("HFC", "HFCs", "hydrofluorocarbons", "氢氟碳化物"),
        "PFCs": ("PFC", "PFCs", "perfluorocarbons", "全氟碳化物"),
        "HCFCs": ("HCFC", "HCFCs", "hydrochlorofluorocarbons", "氢氯氟烃"),
    }.items()
    for name in map(str.casefold, names)
}


@lru_cache(maxsize=1024)
def named(gas: str) -> str:
    """One name for one gas or family; a name that is not known stays as it is.

    >>> named("ch₄"), named("hfc"), named("unobtainium")
    ('CH4', 'HFCs', 'unobtainium')
    """
    return _FAMILIES.get(gas.strip().casefold()) or gwp.canonical(gas) or gas.strip()


@lru_cache(maxsize=1024)
def family(gas: str) -> str | None:
    """The family that ``gas`` belongs to, None for one that stands alone.

    >>> family("R-134a"), family("CF4"), family("CO2")
    ('HFCs', 'PFCs', None)
    """
    name = named(gas)
    if name in _PERFLUORINATED:
        return "PFCs"
    prefix = name.partition("-")[0]
    return _FAMILIES.get(prefix.casefold()) if prefix in ("HFC", "HCFC") else None


def is_family(gas: str) -> bool:
    """Whether ``gas`` names a family of gases, such as HFCs."""
    return named(gas) in _FAMILIES.values()


@lru_cache(maxsize=1024)
def _names(covered: frozenset[str]) -> frozenset[str]:
    return frozenset(map(named, covered))


def covers(covered: Iterable[str], gas: str) -> bool:
    """Whether ``gas``, or its family, is among ``covered``.

    >>> covers(["CO2", "HFCs"], "HFC-23"), covers(["HFC-23"], "HFCs")
    (True, False)
    """
    names = _names(frozenset(covered))
    return named(gas) in names or family(gas) in names
