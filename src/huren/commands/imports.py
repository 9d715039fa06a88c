"""`huren import`: a supply package from a folder or a zip file into the graph."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from huren.app import open_exchange
from huren.commands.console import language, tell
from huren.errors import BadInput, Place
from huren.graph.model.text import Text
from huren.resolvers.imports import Report, import_package
from huren.settings import Settings

CLIENT = "huren-cli"
DESCRIPTOR = "datapackage.json"
_LARGEST = 1 << 30
"""Bytes of one file once unpacked: more than ten million rows, and a bound on what a zip may blow up to."""


class Folder(Mapping[str, bytes]):
    """The files below a folder, read when asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __getitem__(self, name: str) -> bytes:
        path = self._folder / name
        if not path.is_file():
            raise KeyError(name)
        with _readable(path), path.open("rb") as file:
            return _bounded(file, path.name)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and (self._folder / name).is_file()

    def __iter__(self) -> Iterator[str]:
        return (path.name for path in self._folder.iterdir() if path.is_file())

    def __len__(self) -> int:
        return sum(1 for _ in self)


class Archive(Mapping[str, bytes]):
    """The files of a zip, unpacked when asked for; those beside its datapackage.json, wherever that is."""

    def __init__(self, path: Path) -> None:
        with _readable(path):
            self._zip = zipfile.ZipFile(path)
        tops = [PurePosixPath(name).parent for name in self._zip.namelist() if name.endswith(DESCRIPTOR)]
        top = min(tops, key=lambda folder: len(folder.parts), default=PurePosixPath())
        self._names = {
            str(PurePosixPath(name).relative_to(top)): name
            for name in self._zip.namelist()
            if PurePosixPath(name).is_relative_to(top) and not name.endswith("/")
        }

    def __getitem__(self, name: str) -> bytes:
        with _readable(Path(name)), self._zip.open(self._names[name]) as file:
            return _bounded(file, name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def package_files(path: Path) -> Mapping[str, bytes]:
    """The files of the package at ``path``: a folder, its datapackage.json, or a zip.

    Raises: BadInput where there is none, here or later where one of its files cannot be read.
    """
    if path.is_dir():
        return Folder(path)
    if path.is_file() and path.suffix.lower() == ".zip":
        return Archive(path)
    if path.is_file() and path.name == DESCRIPTOR:
        return Folder(path.parent)
    raise BadInput(
        f"`{path}` is no supply package",
        f"“{path}”不是供应数据包",
        fix=f"Give a folder that holds {DESCRIPTOR}, that file itself, or a .zip of the folder.",
        fix_zh=f"请给出含 {DESCRIPTOR} 的文件夹、该文件本身,或该文件夹的 .zip。",
    )


async def import_path(settings: Settings, path: Path, org: str | None) -> None:
    """Import the package at ``path``; progress on stderr, one line of what was done on stdout.

    Raises: BadPackage, with everything that is wrong; BadInput; Unavailable.
    """
    files = package_files(path)
    async with open_exchange(settings, tell) as exchange:
        with _bar() as bar:
            task = bar.add_task(Text(zh="写入", en="writing").say(language()), total=None)

            def told(done: int, of: int) -> None:
                bar.update(task, completed=done, total=of)

            report = await import_package(exchange, files, org or exchange.administrator, CLIENT, told)
    Console().print(_said(report).say(language()), highlight=False, soft_wrap=True)


def _bar() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=Console(stderr=True), transient=True)


def _said(report: Report) -> Text:
    done = report.done
    zh = (
        f"已导入 {done.products} 个产品、{done.inputs} 项投入、{done.unlinked} 项未链接投入、"
        f"{done.certificates} 张证书;未变 {done.unchanged} 个产品;版本 {done.revision}"
    )
    en = (
        f"imported {done.products} products, {done.inputs} inputs, {done.unlinked} unlinked, "
        f"{done.certificates} certificates; {done.unchanged} products unchanged; revision {done.revision}"
    )
    if report.ignored:
        zh += f";未读取:{'、'.join(report.ignored)}"
        en += f"; not read: {', '.join(report.ignored)}"
    return Text(zh, en)


def _bounded(file: IO[bytes], name: str) -> bytes:
    data = file.read(_LARGEST + 1)
    if len(data) > _LARGEST:
        raise BadInput(
            f"`{name}` holds more than {_LARGEST >> 30} GiB",
            f"“{name}”超过 {_LARGEST >> 30} GiB",
            fix="Split the package into several.",
            fix_zh="请将数据包拆分为多个。",
            place=Place(file=name),
        )
    return data


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """Whatever the system or the zip format has against a file, by its name."""
    try:
        yield
    except (OSError, zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, zlib.error) as e:
        raise BadInput(
            f"`{path}` cannot be read: {e}",
            f"无法读取“{path}”:{e}",
            fix="Check the file and its permissions; a zip must be whole and without a password.",
            fix_zh="请检查文件及其权限;zip 须完整且无密码。",
            place=Place(file=path.name),
        ) from e
