"""All that is wrong with a package, gathered while reading goes on, so that it is told at once."""

from __future__ import annotations

from dataclasses import dataclass, field

from huren.errors import BadInput, HurenError, Place


@dataclass(frozen=True, slots=True)
class Fault:
    """Why something is wrong and what to do, in both languages."""

    en: str
    zh: str
    fix: str
    fix_zh: str

    @classmethod
    def of(cls, error: HurenError) -> Fault:
        """What another part found wrong."""
        return cls(error.en, error.zh, error.fix, error.fix_zh)


@dataclass(slots=True)
class Problems:
    """The problems found so far, each with its place."""

    found: list[HurenError] = field(default_factory=list)

    def add(
        self, fault: Fault, *, file: str | None = None, line: int | None = None, column: str | None = None
    ) -> None:
        """Note one fault and where it stands."""
        place = Place(file, line, column)
        self.found.append(BadInput(fault.en, fault.zh, fix=fault.fix, fix_zh=fault.fix_zh, place=place))


def quoted(text: str, longest: int = 60) -> str:
    """``text`` as it may stand in a message: without control characters, and not too long."""
    shown = text if len(text) <= longest else text[: longest - 1] + "…"
    return "".join(c if c.isprintable() else "�" for c in shown)
