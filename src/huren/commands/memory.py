"""How much memory a process holds, and how much the kernel lets this one have."""

from __future__ import annotations

import resource
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

MIB = 1 << 20
_RESIDENT, _DATA = 1, 5  # fields of /proc/PID/statm, in pages


def resident(pid: int) -> int:
    """Bytes of memory that a process holds; 0 once it is gone. From /proc, elsewhere from ``ps``."""
    if sys.platform == "linux":
        return _pages(str(pid), _RESIDENT)
    # POSIX does not say where ps lies, and whoever sets our PATH runs us anyway.
    command = ["ps", "-o", "rss=", "-p", str(pid)]
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    return int(said.stdout.strip() or 0) * 1024


def bound(more: int) -> None:
    """Let this process take at most ``more`` bytes beyond what it has; then allocations fail. Linux only."""
    if sys.platform == "linux":
        most = _pages("self", _DATA) + more
        with suppress(ValueError, OSError):  # where a lower limit stands already
            resource.setrlimit(resource.RLIMIT_DATA, (most, most))


def _pages(process: str, field: int) -> int:
    with suppress(OSError, IndexError):
        pages = Path(f"/proc/{process}/statm").read_text("ascii").split()[field]
        return int(pages) * resource.getpagesize()
    return 0
