"""Product categories, the classifications they map to, and the regions' and alliances' membership."""

from __future__ import annotations

from dataclasses import dataclass

from huren.graph.model.certificate import Code
from huren.graph.model.dated import CHINA, Instant, Parameter, When
from huren.graph.model.text import Text


@dataclass(frozen=True, slots=True)
class Category:
    """A product class, child of ``parent``. ``unit`` is the usual declared unit (R11, where B names none).

    ``codes`` say which classes of other classifications it is; ``pilot`` marks the published national list.
    """

    id: str
    name: Text
    parent: str | None = None
    unit: Parameter[str] | None = None
    codes: tuple[Code, ...] = ()
    pilot: bool = False
    listed: When | None = None
    factor_set_since: When | None = None
    source: str = ""
    recorded_at: Instant | None = None


@dataclass(frozen=True, slots=True)
class CodeMap:
    """Correspondence of one class to one class of another classification; several rows make 1:n or n:1."""

    id: str
    source_code: Code
    target_code: Code
    source: str = ""
    recorded_at: Instant | None = None


@dataclass(frozen=True, slots=True)
class Membership:
    """``region`` lies in ``within`` (province, country, alliance) in a period."""

    region: str
    within: str
    since: When | None = None
    until: When | None = None
    zone: str = CHINA
    recorded_at: Instant | None = None
