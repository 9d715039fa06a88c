"""The audit log in use: checkpoints, proofs, who read my data, cosignatures."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from uuid import uuid4

from huren.auth.scopes import AUDIT_READ
from huren.errors import BadInput, DamagedLog, Forbidden, Place
from huren.graph.log import copying, read
from huren.graph.log.note import Checkpoint, Note, Signature
from huren.graph.log.read import Stored
from huren.graph.log.trail import Trail
from huren.graph.log.tree import Frontier, consistent
from huren.graph.model.audit import Entry
from huren.resolvers.context import Context, Exchange


@dataclass(frozen=True, slots=True)
class Inclusion:
    """An entry, its leaf's ``path`` under the root of ``note``, and what is committed to."""

    stored: Stored
    path: tuple[bytes, ...]
    note: Note


async def checkpoint(exchange: Exchange) -> Note:
    """The log as it is now, signed; kept outside the database with the leaves it speaks of.

    Signed only where it goes on from the last one signed here. Cost: two queries and one fsync'd line; one
    query where nothing was added since. Raises: DamagedLog, saying where; Unavailable.
    """
    trail = Trail(exchange.keys.log.folder)
    while True:
        last = await asyncio.to_thread(trail.last)
        top = await read.head(exchange.database)
        if last is not None and last.checkpoint == _stated(exchange, top):
            return last
        start = last.checkpoint.size if last else 0
        await _check_goes_on(exchange, last, top)
        leaves = await read.leaves(exchange.database, start, top.size)
        if note := await asyncio.to_thread(_sign, exchange, trail, last, top, leaves):
            return note


def _stated(exchange: Exchange, top: Frontier) -> Checkpoint:
    return Checkpoint(exchange.keys.log.signer().name, top.size, top.root)


async def _check_goes_on(exchange: Exchange, last: Note | None, top: Frontier) -> None:
    if last is None:
        return
    was = last.checkpoint
    if top.size < was.size:
        raise rolled_back(top.size, was.size)
    path = await read.consistency_path(exchange.database, was.size, top.size)
    if not consistent(was.size, top.size, path, was.root, top.root):
        raise forked(was.size)


def _sign(exchange: Exchange, trail: Trail, last: Note | None, top: Frontier, leaves: bytes) -> Note | None:
    """Sign and keep; None where another process was quicker."""
    signer = exchange.keys.log.signer()
    stated = Checkpoint(signer.name, top.size, top.root)
    note = Note(stated.text, (signer.sign(stated.text),))
    with trail.locked():
        if trail.last() != last:
            return None
        trail.add(note, last.checkpoint.size if last else 0, leaves)
    return note


async def latest(exchange: Exchange, age: float = 1.0) -> Note:
    """The newest checkpoint, at most ``age`` seconds behind, with the cosignatures that came for it.

    Raises: DamagedLog; Unavailable.
    """
    trail, now = Trail(exchange.keys.log.folder), time.monotonic()
    shown = _SHOWN.get(exchange.keys.log.folder.as_posix())
    if shown is None or now - shown[0] > age:
        shown = now, await checkpoint(exchange)
        _SHOWN[exchange.keys.log.folder.as_posix()] = shown
    cosigned = await asyncio.to_thread(trail.cosigned)
    return cosigned if cosigned and cosigned.text == shown[1].text else shown[1]


_SHOWN: dict[str, tuple[float, Note]] = {}
"""When the checkpoint of a home was last made by this process, so that no crowd of readers makes it sign."""


async def entries(ctx: Context, owner: str | None, before: int, first: int) -> tuple[Stored, ...]:
    """The ``first`` newest entries below position ``before`` about data of ``owner``; default: one's own.

    The administrator and auditors see everybody's, and with ``owner`` "*" all. Raises: Forbidden, BadInput.
    """
    caller = ctx.caller
    owner = caller.org if owner is None else owner
    if not owner.strip():
        raise _nobody()
    if owner != caller.org and not _auditor(ctx):
        raise _not_yours()
    return await read.page(ctx.database, None if owner == "*" else owner, before, first)


async def inclusion(ctx: Context, id: str) -> Inclusion:
    """The entry ``id``, if it is about one's own data, and the proof of its place.

    Cost: three queries, and a checkpoint where the last is older. Raises: NotFound, DamagedLog, Unavailable.
    """
    stored = await read.entry(ctx.database, id)
    if stored.owner != ctx.caller.org and not _auditor(ctx):
        raise read.absent(id)
    note = await latest(ctx.exchange)
    if note.checkpoint.size <= stored.position:
        note = await checkpoint(ctx.exchange)
    path = await read.inclusion_path(ctx.database, stored.position, note.checkpoint.size)
    return Inclusion(stored, path, note)


async def consistency(ctx: Context, old: int, new: int) -> tuple[bytes, ...]:
    """The proof that the first ``old`` entries are unchanged among ``new``. One or two queries.

    Raises: BadInput for sizes that the log does not have.
    """
    if new > (await read.head(ctx.database)).size:
        raise read.no_size(new)
    return await read.consistency_path(ctx.database, old, new)


async def cosign(exchange: Exchange, line: str) -> Note:
    """Take a witness's cosignature on the newest checkpoint; answer it with all that it has.

    Raises: BadInput where it is of nobody trusted here, or not on a checkpoint that this home signed.
    """
    signature = Signature.read(line)
    return await asyncio.to_thread(_cosign, exchange, signature)


def _cosign(exchange: Exchange, signature: Signature) -> Note:
    keys = exchange.keys.log
    trail = Trail(keys.folder)
    with trail.locked():
        notes = trail.notes()
        for note in (*reversed(notes[-_BACK:]),):
            if any(witness.holds(note.text, signature) for witness in keys.witnesses()):
                held = [one for one in notes if one.text == note.text]
                whole = held[-1].plus([signature])
                if whole != held[-1]:
                    trail.add_cosigned(whole)
                return whole
    raise BadInput(
        f"the cosignature of `{signature.name}` is of no trusted witness, or of none of the last checkpoints",
        f"“{signature.name}”的联署并非来自受信任的见证方,或不是对近期检查点的联署",
        fix="Take the newest checkpoint; the administrator runs `huren log trust` with the witness's key.",
        fix_zh="请使用最新的检查点;管理员须用 `huren log trust` 信任该见证方的公钥。",
    )


_BACK = 64
"""Checkpoints for which a cosignature may come late."""


async def erase(exchange: Exchange, id: str, ground: str) -> None:
    """Remove what the entry ``id`` says, for good; that it was removed, and on which ground, is logged.

    Raises: NotFound, BadInput, Unavailable.
    """
    one = await read.entry(exchange.database, id)
    by = Entry(
        id=uuid4().hex,
        action="erase",
        at=exchange.clock(),
        org=exchange.administrator,
        client="huren-cli",
        owner=one.owner,
        subject=f"position:{one.position}",
        ground=ground,
    )
    await copying.erase(exchange.database, one, by)


def rolled_back(now: int, was: int) -> DamagedLog:
    """Entries that were signed for are gone."""
    return DamagedLog(
        f"the log ends before entry {now}, but {was} entries were signed for: {now} to {was - 1} are gone",
        f"日志止于第 {now} 条之前,但已签名 {was} 条:第 {now} 至 {was - 1} 条不复存在",
        fix="Run `huren log verify`, and restore the newest backup.",
        fix_zh="请运行 `huren log verify` 并恢复最新的备份。",
    )


def forked(size: int) -> DamagedLog:
    """The beginning that was signed for is another now."""
    return DamagedLog(
        f"the first {size} entries are not those that were signed for",
        f"前 {size} 条与已签名的内容不同",
        fix="Run `huren log verify`, which says where.",
        fix_zh="请运行 `huren log verify` 查明位置。",
    )


def _auditor(ctx: Context) -> bool:
    return ctx.caller.administrator or ctx.caller.may(AUDIT_READ)


def _nobody() -> BadInput:
    return BadInput(
        "`owner` names nobody",
        "`owner` 为空",
        fix="Leave `owner` out for your own organisation's entries, or name an organisation.",
        fix_zh="省略 `owner` 即查询本组织的条目,否则请填写组织。",
        place=Place(column="owner"),
    )


def _not_yours() -> Forbidden:
    return Forbidden(
        f"entries about others' data need the scope `{AUDIT_READ}`",
        f"查看他人数据的日志需要权限 `{AUDIT_READ}`",
        fix=f"Leave `owner` out, or ask with a token that holds `{AUDIT_READ}`.",
        fix_zh=f"请省略 `owner`,或使用含 `{AUDIT_READ}` 权限的令牌。",
    )
