"""`huren export`: the whole supply graph with its footprints as Parquet files in a new folder."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any

from huren.app import open_exchange
from huren.auth.principal import Principal
from huren.auth.scopes import SCOPES
from huren.commands.console import language, tell
from huren.errors import BadInput
from huren.graph.model.supply import GwpSet, Prefer
from huren.graph.model.text import Text
from huren.graph.tables import Columns, Tables
from huren.resolvers.context import Context
from huren.resolvers.tabling import tables
from huren.settings import Settings

if TYPE_CHECKING:
    from pyarrow import Schema

CLIENT = "huren-cli"
TEXTS = frozenset({
    "product", "owner", "code", "name_zh", "name_en", "declared_unit", "category", "region",
    "consumer", "supplier", "stage", "data_kind", "source", "gas", "origin", "gwp_set",
})  # fmt: skip
FLAGS = frozenset({"partial", "refused"})


async def export(settings: Settings, folder: Path, gwp: GwpSet, prefer: Prefer) -> None:
    """Write ``products``, ``inputs`` and ``emissions`` as Parquet: all of them, or no folder.

    Raises: BadInput where the folder is there or cannot be, or pyarrow is not; what the use case raises.
    """
    _check_pyarrow()
    with _new(folder) as draft:
        async with open_exchange(settings, tell) as exchange:
            caller = Principal(exchange.administrator, CLIENT, frozenset(SCOPES))
            found = await tables(Context(exchange, caller, language(), "export"), gwp, prefer)
        await asyncio.to_thread(_write, found, draft)
    count = len(found.system.keys)
    en = f"{folder}: {count:,} products at revision {found.system.supply.revision}"
    tell(Text(f"{folder}:{count:,} 个产品,版本 {found.system.supply.revision}", en))


def _write(found: Tables, folder: Path) -> None:
    told = _told(found)
    for name, chunks in (
        ("products", found.products()),
        ("inputs", found.inputs()),
        ("emissions", found.emissions()),
    ):
        _write_one(folder / f"{name}.parquet", chunks, told)


def _told(found: Tables) -> dict[str, str]:
    """What goes with every file, as its metadata."""
    system = found.system
    proven = system.certificate(found.gwp)
    as_of = "" if system.supply.as_of is None else system.supply.as_of.isoformat()
    return {
        "huren.revision": str(system.supply.revision),
        "huren.as_of": as_of,
        "huren.gwp": found.gwp,
        "huren.prefer": system.prefer,
        "huren.certified": str(proven.certified).lower(),
        "huren.error": repr(proven.error),
        "huren.residual": repr(proven.residual),
    }


def _write_one(path: Path, chunks: Iterator[Columns], told: Mapping[str, str]) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    writer, rows, said = None, 0, time.monotonic()
    for columns in chunks:
        schema = _schema(columns).with_metadata(told)
        table = pa.table(dict(columns), schema=schema)
        writer = writer or parquet.ParquetWriter(path, schema)
        writer.write_table(table)
        rows += table.num_rows
        if time.monotonic() - said > 2:
            said = time.monotonic()
            tell(Text(f"{path.name}:{rows:,} 行", f"{path.name}: {rows:,} rows"))
    if writer:
        writer.close()


def _schema(columns: Columns) -> Schema:
    """Texts, flags, and numbers for all the rest."""
    import pyarrow as pa

    def kind(name: str) -> Any:
        if name in TEXTS:
            return pa.string()
        return pa.bool_() if name in FLAGS else pa.float64()

    return pa.schema([(name, kind(name)) for name in columns])


@contextmanager
def _new(folder: Path) -> Iterator[Path]:
    """A folder beside ``folder`` that becomes it at the end, or is gone. Raises: BadInput."""
    if folder.exists():
        raise BadInput(
            f"`{folder}` is there already",
            f"“{folder}”已存在",
            fix="Name a folder that is not there yet.",
            fix_zh="请指定尚不存在的文件夹。",
        )
    try:
        draft = Path(mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    except OSError as bad:
        raise BadInput(
            f"`{folder.parent}` cannot be written to: {bad.strerror}",
            f"无法写入“{folder.parent}”:{bad.strerror}",
            fix="Name a place where a folder can be made.",
            fix_zh="请指定可新建文件夹的位置。",
        ) from bad
    try:
        yield draft
        draft.rename(folder)
    finally:
        rmtree(draft, ignore_errors=True)


def _check_pyarrow() -> None:
    try:
        import pyarrow.parquet  # noqa: F401
    except ImportError as absent:
        raise BadInput(
            "Parquet files need pyarrow, which is not installed",
            "写入 Parquet 需要 pyarrow,但尚未安装",
            fix="Run `pip install 'huren[parquet]'`.",
            fix_zh="请运行 `pip install 'huren[parquet]'`。",
        ) from absent
