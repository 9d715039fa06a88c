"""Penalties for violations and false marks (S0-21, S1-13), keyed by the social credit code."""

from __future__ import annotations

from dataclasses import dataclass

from huren.graph.model.certificate import CertificateState
from huren.graph.model.dated import Instant, When


@dataclass(frozen=True, slots=True)
class Sanction:
    """A decision against the firm with USCC ``uscc``.

    ``effect`` from ``valid_from`` is what became of the ``certificates`` it names: events of these say so.
    From ``published`` to ``published_until`` it stands in the public credit record, and other marks of the
    firm are to be checked (R27).
    """

    id: str
    uscc: str
    decision_number: str = ""
    authority: str = ""
    reason: str = ""
    certificates: tuple[str, ...] = ()
    effect: CertificateState | None = None
    valid_from: When | None = None
    published: When | None = None
    published_until: When | None = None
    link: str = ""
    source: str = ""
    illustrative: bool = False
    recorded_at: Instant | None = None
