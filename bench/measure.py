"""What a bench hands back, and how it is shown and kept."""

from __future__ import annotations

import json
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True, slots=True)
class Claim:
    """A figure of ours beside its peer's, both from one run. ``aim``: the ratio ours / peer to be reached."""

    name: str
    ours: float
    peer: float
    unit: str
    aim: float
    note: str = ""

    @property
    def ratio(self) -> float:
        """Ours over the peer's."""
        return self.ours / self.peer


def show(claims: Sequence[Claim]) -> None:
    """A table of the claims."""
    table = Table("claim", "ours", "peer", "unit", "ratio", "aim", "note")
    for claim in claims:
        reached = "green" if claim.ratio >= claim.aim else "red"
        ratio = f"[{reached}]{claim.ratio:.2f}[/{reached}]"
        figures = (_figure(claim.ours), _figure(claim.peer), claim.unit, ratio, f"{claim.aim:.2f}")
        table.add_row(claim.name, *figures, claim.note)
    Console().print(table)


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def keep(claims: Sequence[Claim]) -> Path:
    """Write the claims of this run to a file of their own."""
    RESULTS.mkdir(exist_ok=True)
    now = datetime.now(UTC)
    path = RESULTS / f"{now:%Y%m%dT%H%M%SZ}.json"
    run = {"at": now.isoformat(), "machine": platform.platform(), "claims": [asdict(c) for c in claims]}
    path.write_text(json.dumps(run, indent=1) + "\n", "utf-8")
    return path
