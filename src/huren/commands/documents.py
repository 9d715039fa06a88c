"""`huren documents check`: the ids of trusted documents, once each is valid against the schema."""

from __future__ import annotations

from pathlib import Path

import typer

from huren.schema.build import build_schema
from huren.schema.execution import Runner


def check(path: Path) -> None:
    """Print id, place and operations of every document under ``path``, by tabs. Needs no database.

    Raises: BadInput naming the file that is wrong.
    """
    for document in Runner(build_schema()).trust(path).values():
        operations = ", ".join(name or "-" for name in document.prepared.operations)
        typer.echo(f"{document.id}\t{document.place.file}\t{operations}")
