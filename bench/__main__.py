"""Run the benches named, or all of them: ``python -m bench [name …]``"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Coroutine
from typing import Any

from bench import decisions, growth, imports, pages, rollups, snapshots, uncertainty
from bench.measure import Claim, keep, show

BENCHES: dict[str, Callable[[], Coroutine[Any, Any, list[Claim]]]] = {
    "decisions": decisions.run,
    "growth": growth.run,
    "imports": imports.run,
    "pages": pages.run,
    "rollups": rollups.run,
    "snapshots": snapshots.run,
    "uncertainty": uncertainty.run,
}


def main(names: list[str]) -> int:
    """Measure, show and keep; 2 for a name that is no bench."""
    if unknown := set(names) - BENCHES.keys():
        print(f"no bench {', '.join(sorted(unknown))}; there are {', '.join(BENCHES)}", file=sys.stderr)
        return 2
    claims = [claim for name in names or BENCHES for claim in asyncio.run(BENCHES[name]())]
    show(claims)
    print(keep(claims))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
