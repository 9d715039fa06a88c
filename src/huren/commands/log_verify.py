"""`huren log verify`: the whole log recomputed; damage located, signatures and cosignatures checked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import typer

from huren.auth.log_keys import LogKeys
from huren.commands.console import language
from huren.errors import BadInput
from huren.graph.log.check import Copy, Damage, check
from huren.graph.log.export import Exported, read
from huren.graph.log.note import Note, Verifier
from huren.graph.model.text import Text
from huren.settings import Settings


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be checked, and against what. ``file`` None: the home's own database."""

    file: Path | None = None
    checkpoints: tuple[Path, ...] = ()
    against: Path | None = None
    log_key: str | None = None
    witness_keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """``damage`` by position; ``unsigned``: what is wrong with signatures; ``size`` and how it was signed."""

    size: int
    damage: tuple[Damage, ...]
    unsigned: tuple[Text, ...]
    signed: int
    cosigned: int


async def verify(settings: Settings, asked: Asked) -> int:
    """Print what was found; 0 where the log is whole, else 1. Raises: BadInput for unreadable files."""
    verdict = await examine(settings, asked)
    lang = language()
    for line in lines(verdict):
        typer.echo(line.say(lang))
    return 1 if verdict.damage or verdict.unsigned else 0


async def examine(settings: Settings, asked: Asked) -> Verdict:
    """The same as values."""
    keys = LogKeys(settings.home)
    log = Verifier.read(asked.log_key) if asked.log_key else keys.signer().verifier
    witnesses = tuple(Verifier.read(text) for text in asked.witness_keys)
    copy, remembered, notes = await _copy(settings, asked)
    notes = (*notes, *(Note.read(_text(path)) for path in asked.checkpoints))
    trusted = witnesses or (keys.witnesses() if asked.file is None else ())
    return judge(copy, remembered, notes, log, trusted, every_witness=bool(witnesses))


async def _copy(settings: Settings, asked: Asked) -> tuple[Copy, Sequence[bytes], tuple[Note, ...]]:
    before = exported(asked.against) if asked.against else None
    kept = tuple(before.copy.leaves[i] for i in range(len(before.copy.leaves))) if before else ()
    if asked.file is not None:
        found = exported(asked.file)
        return found.copy, kept, (*found.notes, *(before.notes if before else ()))
    from huren.commands.log_home import copy

    own, trail = await copy(settings)
    return own, kept or trail.leaves(), (*trail.notes(), *(before.notes if before else ()))


def judge(  # noqa: PLR0913  (a log, what others remember, and whose word counts)
    copy: Copy,
    remembered: Sequence[bytes],
    notes: Iterable[Note],
    log: Verifier,
    witnesses: Sequence[Verifier],
    *,
    every_witness: bool,
) -> Verdict:
    """What is wrong. Pure. Only checkpoints that ``log`` signed, or one of ``witnesses``, say anything."""
    told = tuple(dict.fromkeys(notes))
    good = [note for note in told if log.signed(note)]
    unsigned = [_unsigned(note) for note in told if not log.signed(note)]
    cosigned = [note for note in good if any(one.signed(note) for one in witnesses)]
    if every_witness:
        unsigned += [_silent(one) for one in witnesses if not any(one.signed(note) for note in good)]
    damage = check(copy, remembered, [note.checkpoint for note in good])
    return Verdict(copy.end, damage, tuple(unsigned), len(good), len(cosigned))


def lines(verdict: Verdict) -> Iterator[Text]:
    """The verdict, a line a finding; at most the first hundred of each."""
    for one in verdict.damage[:100]:
        where = f"{one.first}" if one.first == one.last else f"{one.first}-{one.last}"
        yield Text(f"条目 {where}:{one.what.zh}", f"entry {where}: {one.what.en}")
    yield from verdict.unsigned[:100]
    size, signed, cosigned = verdict.size, verdict.signed, verdict.cosigned
    if not verdict.damage and not verdict.unsigned:
        yield Text(
            f"日志完整:{size} 条,{signed} 个检查点,其中 {cosigned} 个经见证方联署",
            f"the log is whole: {size} entries, {signed} checkpoints, {cosigned} of them cosigned",
        )
        return
    found = sum(one.last - one.first + 1 for one in verdict.damage)
    yield Text(
        f"日志受损:{size} 条中 {found} 条,签名问题 {len(verdict.unsigned)} 处",
        f"the log is damaged: {found} of {size} entries, {len(verdict.unsigned)} signatures",
    )


def exported(path: Path) -> Exported:
    """The log in a file. Raises: BadInput."""
    return read(_text(path).splitlines(), str(path))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise BadInput(
            f"`{path}` cannot be read as text",
            f"无法读取 `{path}`",
            fix="Name a file that exists and that you may read.",
            fix_zh="请指定存在且可读的文件。",
        ) from error


def _unsigned(note: Note) -> Text:
    size = note.checkpoint.size
    return Text(
        f"{size} 条的检查点没有该日志的有效签名", f"the checkpoint of {size} is not signed by the log"
    )


def _silent(witness: Verifier) -> Text:
    return Text(f"见证方 {witness.name} 没有联署", f"the witness {witness.name} has cosigned none of it")
