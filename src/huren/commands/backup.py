"""`huren backup` and `huren restore`: the managed home's database in one file, and back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import typer

from huren import __version__
from huren.auth.keys import KEY_FILE as TOKEN_KEY
from huren.auth.log_keys import FOLDER as LOG
from huren.auth.seal_keys import KEY_FILE as SEAL_KEYS
from huren.auth.token_keys import KEY_FILE as TOKEN_KEYS
from huren.commands.console import language, tell
from huren.commands.restored import compared, facts
from huren.errors import BadInput, Conflict
from huren.graph import archive, backup
from huren.graph.archive import Manifest
from huren.graph.home import Home
from huren.graph.local import LocalOptions
from huren.graph.log.trail import Trail
from huren.graph.model.text import Text
from huren.graph.revision import utc_now
from huren.settings import Settings

KEYS = "keys"
"""The folder of a home's own files in a backup."""


async def make(settings: Settings, file: Path, keys: bool) -> None:
    """Write a backup of the home to ``file``, once it has been loaded and looked at.

    Raises: BadInput, Conflict, LocalDatabaseError, Unavailable; then there is no such file.
    """
    options, home = _managed(settings, "dump"), Home(settings.home)
    with _disk(file):
        _check_new(file, home)
        async with backup.held(home), backup.scratch(home) as folder:
            last = Trail(home.root / LOG).last()
            files = {backup.DUMP: await backup.dump(options, home, folder, tell)}
            trial = await backup.tried(options, home, folder, last, tell)
            note = str(last) if last else None
            said = Manifest(utc_now().isoformat(), __version__, trial.facts, note, keys)
            archive.write(file, said, files | (_key_files(home) if keys else {}))
    _say(_made(file), facts(trial.facts), *compared(trial, last), _WITH if keys else _WITHOUT)


async def restore(settings: Settings, file: Path, force: bool) -> None:
    """Put what ``file`` holds in the place of the home's database: all of it, or nothing is changed.

    Raises: BadInput for a damaged file; Conflict for a home that is in use, or holds data without ``force``;
    LocalDatabaseError; Unavailable.
    """
    options, home = _managed(settings, "load"), Home(settings.home)
    home.create()
    if backup.holds_data(home) and not force:
        raise _occupied(home)
    with _disk(file):
        async with backup.held(home), backup.scratch(home) as folder:
            last = Trail(home.root / LOG).last()
            said = archive.unpack(file, folder)
            trial = await backup.tried(options, home, folder, last, tell)
            if replace(trial.facts, neo4j=said.facts.neo4j) != said.facts:
                raise archive.damaged(file, backup.DUMP)
            ours = bool(_key_files(home))
            backup.place(home, folder / KEYS if said.keys and not ours else None)
    _say(_put(home, said), facts(trial.facts), *compared(trial, last), *_about_keys(said, ours))


def _say(*lines: Text) -> None:
    for line in lines:
        typer.echo(line.say(language()))


def _check_new(file: Path, home: Home) -> None:
    if not backup.holds_data(home):
        raise _empty(home)
    if file.exists():
        raise _exists(file)
    file.absolute().parent.stat()


def _managed(settings: Settings, verb: str) -> LocalOptions:
    """The options of the managed server. Raises: BadInput where a server of one's own is named."""
    server = settings.server
    if isinstance(server, LocalOptions):
        return server
    raise BadInput(
        f"the database is the server that NEO4J_URI names, `{server.uri}`, which huren does not manage",
        f"数据库是 NEO4J_URI 指定的服务器“{server.uri}”,不由 huren 管理",
        fix=f"Stop that server and run `neo4j-admin database {verb} neo4j` where it is; or unset NEO4J_URI. "
        f"The keys are in HUREN_HOME, `{settings.home}`.",
        fix_zh=f"请停止该服务器并在其所在处运行 `neo4j-admin database {verb} neo4j`,或取消设置 NEO4J_URI。"
        f"密钥位于 HUREN_HOME“{settings.home}”。",
    )


def _key_files(home: Home) -> dict[str, Path]:
    """The files of ``home`` that are no database: keys, and what it remembers of logs."""
    alone = [home.root / name for name in (TOKEN_KEY, TOKEN_KEYS, SEAL_KEYS)]
    log = [path for path in sorted((home.root / LOG).rglob("*")) if path.name != "lock"]
    found = [path for path in (*alone, *log) if path.is_file()]
    return {KEYS + "/" + path.relative_to(home.root).as_posix(): path for path in found}


_WITH = Text(
    "其中含该目录的私钥:请像保管密钥一样保管此文件",
    "it holds the private keys of the home: keep it as one keeps keys",
)
_WITHOUT = Text(
    "密钥与检查点不在其中(需要时使用 `--keys`):请另行保管",
    "keys and checkpoints are not in it (`--keys` adds them): keep them elsewhere",
)


def _made(file: Path) -> Text:
    return Text(f"已备份到 {file}", f"backed up to {file}")


def _put(home: Home, said: Manifest) -> Text:
    return Text(f"已恢复到 {home.root},备份于 {said.made}", f"restored to {home.root}, as of {said.made}")


def _about_keys(said: Manifest, ours: bool) -> Iterator[Text]:
    if ours:
        yield Text("沿用此处的密钥", "the keys are those that were here")
    elif said.keys:
        yield Text("密钥取自备份", "the keys are those of the backup")
    else:
        yield Text(
            "备份不含密钥,此处也没有:将生成新密钥;旧令牌和游标失效,日志以新名称签名",
            "the backup has no keys and there are none here: new ones will be made; "
            "old tokens and cursors end, and the log is signed under a new name",
        )


def _empty(home: Home) -> BadInput:
    return BadInput(
        f"there is no database in `{home.root}`",
        f"“{home.root}”中没有数据库",
        fix="Set HUREN_HOME to the home that is to be backed up.",
        fix_zh="请将 HUREN_HOME 设为要备份的目录。",
    )


def _exists(file: Path) -> Conflict:
    return Conflict(
        f"`{file}` is there already",
        f"“{file}”已存在",
        fix="Name a new file for each backup.",
        fix_zh="请为每次备份指定新文件。",
    )


def _occupied(home: Home) -> Conflict:
    return Conflict(
        f"`{home.root}` holds a database already",
        f"“{home.root}”中已有数据库",
        fix="Back it up, then restore with `--force`, which replaces it; or set HUREN_HOME to a new folder.",
        fix_zh="请先备份,再用 `--force` 恢复(将替换现有数据库),或将 HUREN_HOME 设为新目录。",
    )


@contextmanager
def _disk(file: Path) -> Iterator[None]:
    """Whatever the system has against the file."""
    try:
        yield
    except OSError as error:
        raise BadInput(
            f"`{error.filename or file}`: {error.strerror}",
            f"“{error.filename or file}”:{error.strerror}",
            fix="Name a file in a folder that you may use, on a disk with room.",
            fix_zh="请指定有权使用且空间充足的位置。",
        ) from error
