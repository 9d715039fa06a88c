"""What whoever runs an exchange decides about its endpoint."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Choices of ``/graphql``.

    ``client``, ``organisation``: units of cost that each may use a second, averaged over ten; 0 is no limit.
    ``workers``: processes that share these limits, each holding its part. ``documents``: a folder or JSON
    file of trusted documents. ``introspection``: whether the schema may be asked about.
    """

    client: int = 400_000
    organisation: int = 800_000
    workers: int = 1
    documents: Path | None = None
    introspection: bool = True
