"""The reference data that ship with huren: schemes, rules, legal texts, agreements, bodies, classes, regions.

They are the dated files under ``data/``, read once and checked as a whole before anything uses them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

from huren.errors import BadInput
from huren.graph.districts import districts
from huren.graph.model.agreement import Agreement
from huren.graph.model.body import Body
from huren.graph.model.category import Category, CodeMap, Membership
from huren.graph.model.certificate import Certificate
from huren.graph.model.equivalence import Equivalence, ScaleMap
from huren.graph.model.facts import Facts
from huren.graph.model.region import Region
from huren.graph.model.scheme import CertificationRule, Instrument, Scheme
from huren.mappings.consistency import check, refusals
from huren.mappings.entries import Entry, entries, read_entries
from huren.mappings.records import encode

DEMONSTRATION = "demo_certificates.toml"
"""The file of certificates that belong to the demonstration package, not to the reference data."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The records by kind. ``regions``: all but the districts that GB/T 2260 lists."""

    agreements: tuple[Agreement, ...] = ()
    bodies: tuple[Body, ...] = ()
    categories: tuple[Category, ...] = ()
    code_maps: tuple[CodeMap, ...] = ()
    equivalences: tuple[Equivalence, ...] = ()
    instruments: tuple[Instrument, ...] = ()
    regions: tuple[Region, ...] = ()
    rules: tuple[CertificationRule, ...] = ()
    scale_maps: tuple[ScaleMap, ...] = ()
    schemes: tuple[Scheme, ...] = ()

    @property
    def memberships(self) -> tuple[Membership, ...]:
        """What every region lies in, districts included."""
        return memberships((*districts(), *self.regions))

    def facts(self, certificates: Iterable[Certificate] = ()) -> Facts:
        """The facts for a decision over this catalogue and ``certificates``, known from the start."""
        return Facts(
            certificates=tuple(certificates),
            schemes=self.schemes,
            rules=self.rules,
            instruments=self.instruments,
            agreements=self.agreements,
            bodies=self.bodies,
            categories=self.categories,
            code_maps=self.code_maps,
            memberships=self.memberships,
            equivalences=self.equivalences,
            scale_maps=self.scale_maps,
        )

    def statements(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """Kind, id and body (JSON kinds) of every record, as the graph keeps reference records."""
        kinds: dict[str, tuple[Any, ...]] = {
            "agreement": self.agreements,
            "body": self.bodies,
            "category": self.categories,
            "code_map": self.code_maps,
            "equivalence": self.equivalences,
            "instrument": self.instruments,
            "rule": self.rules,
            "scale_map": self.scale_maps,
            "scheme": self.schemes,
        }
        for kind, records in kinds.items():
            yield from ((kind, record.id, encode(record)) for record in records)
        for row in self.memberships:
            since = f"@{row.since}" if row.since else ""
            yield "membership", f"{row.region}@{row.within}{since}", encode(row)


@cache
def catalogue() -> Catalogue:
    """The shipped reference data. Cost: about 0.2 s the first time. Raises: BadInput (see ``read``)."""
    return read({file: text for file, text in _shipped() if file != DEMONSTRATION})


@cache
def demonstration() -> tuple[Certificate, ...]:
    """The demonstration's certificates, ``product`` being the product's code in its package."""
    found = _checked(dict(_shipped()))
    return tuple(entry.record for entry in found if entry.kind == "certificate")


def read(texts: Mapping[str, str]) -> Catalogue:
    """The catalogue of TOML ``texts`` by file name, which must hold together.

    Raises: BadInput naming file, line, key and reason: no TOML, an unknown kind or key, a wrong value, a
    parameter without certainty or source, an agreement without clause, a name of nothing, periods that
    overlap or run backwards, a succession that leads back to itself.
    """
    of: dict[str, list[Any]] = {}
    for entry in _checked(texts):
        of.setdefault(entry.kind, []).append(entry.record)
    return Catalogue(
        agreements=tuple(of.get("agreement", ())),
        bodies=tuple(of.get("body", ())),
        categories=tuple(of.get("category", ())),
        code_maps=tuple(of.get("code_map", ())),
        equivalences=tuple(of.get("equivalence", ())),
        instruments=tuple(of.get("instrument", ())),
        regions=tuple(of.get("region", ())),
        rules=tuple(of.get("rule", ())),
        scale_maps=tuple(of.get("scale_map", ())),
        schemes=tuple(of.get("scheme", ())),
    )


def memberships(regions: Iterable[Region]) -> tuple[Membership, ...]:
    """What each of ``regions`` lies in, a region that stands twice as it stands last.

    A region's ``until`` is the first day outside, a membership's the last day inside.
    """
    last = {region.id: region for region in regions}
    return tuple(
        Membership(region.id, around.within, around.since, _last_day(around.until))
        for region in last.values()
        for around in region.memberships
    )


def _last_day(until: date | None) -> date | None:
    return None if until is None else until - timedelta(days=1)


def problems(texts: Mapping[str, str]) -> tuple[BadInput, ...]:
    """Everything that is wrong with the shipped data once ``texts`` are laid over them, as a province would
    try a scheme of its own: a record of the same kind and id takes the place of the shipped one.

    Cost: as ``catalogue`` the first time. What cannot be read is told alone, before what does not fit.
    """
    shipped, unread = _shipped_entries()
    own, bad = read_entries(texts)
    if bad or unread:
        return (*unread, *bad)
    named = {(entry.kind, entry.id) for entry in own if entry.id}
    kept = [entry for entry in shipped if (entry.kind, entry.id) not in named]
    return tuple(refusals((*kept, *own), _districts()))


@cache
def _shipped_entries() -> tuple[tuple[Entry, ...], tuple[BadInput, ...]]:
    return read_entries(dict(_shipped()))


def _checked(texts: Mapping[str, str]) -> tuple[Entry, ...]:
    found = entries(texts)
    check(found, _districts())
    return found


def _districts() -> frozenset[str]:
    return frozenset(region.id for region in districts())


def _shipped() -> Iterator[tuple[str, str]]:
    """Every data file, by its path under ``data/``, sorted."""
    yield from sorted(_texts(resources.files("huren.mappings") / "data", ""))


def _texts(folder: Traversable, path: str) -> Iterator[tuple[str, str]]:
    for item in folder.iterdir():
        if item.is_dir():
            yield from _texts(item, f"{path}{item.name}/")
        elif item.name.endswith(".toml"):
            yield path + item.name, item.read_text(encoding="utf-8")
