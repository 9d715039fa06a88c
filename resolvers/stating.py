"""Reference records: stating schemes, rules, agreements, bodies and all else that decisions rest on."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from typing import Any

from huren.auth.principal import Principal
from huren.auth.scopes import EXCHANGE_ADMINISTER, REFERENCE_READ, REFERENCE_WRITE
from huren.errors import BadInput, Forbidden, Place
from huren.graph import certificates, certifying, reference, regions
from huren.graph.model.body import Body
from huren.graph.model.certificate import Certificate, CertificateState
from huren.graph.model.dated import StatusEvent
from huren.graph.model.sanction import Sanction
from huren.graph.writing import Answer, Effect
from huren.mappings.entries import Entry
from huren.mappings.records import encode
from huren.mappings.statement import camel, check, id_of, read, regions_of
from huren.resolvers.context import Context
from huren.resolvers.writing import both, write


async def put(ctx: Context, kind: str, key: str, stated: Mapping[str, Any]) -> Answer:
    """State a reference record of ``kind``; under an id on record it is a later statement. Answers its id.

    Raises: Forbidden, BadInput naming the field, the reason and the fix; then nothing is written.
    """
    ctx.caller.require(REFERENCE_WRITE)

    async def prepare() -> Effect:
        entry = await _checked(ctx, kind, stated)
        _not_oneself(ctx.caller, entry.record)
        return _stating(entry)

    return await write(ctx, camel(f"put_{kind}"), key, stated, prepare)


async def record_sanction(ctx: Context, key: str, stated: Mapping[str, Any]) -> Answer:
    """State a sanction, and its effect as an event of each certificate it names, all or nothing.

    Stated again it adds no event a second time. Raises: Forbidden, BadInput, NotFound for a certificate,
    Conflict for a change that cannot be.
    """
    ctx.caller.require(REFERENCE_WRITE)

    async def prepare() -> Effect:
        entry = await _checked(ctx, "sanction", stated)
        sanction: Sanction = entry.record
        if sanction.effect is not None and sanction.valid_from is None:
            raise _no_day()
        found = await certificates.get_many(ctx.database, pin := await ctx.pin(), sanction.certificates)
        for number in sanction.certificates:
            if number not in found:
                raise certificates.no_certificate(number, pin.known_at)
        changes = [_change(sanction, found[number]) for number in dict.fromkeys(sanction.certificates)]
        # The statement comes last, since its answer is the write's.
        return reduce(lambda last, change: both(change, last), filter(None, changes), _stating(entry))

    return await write(ctx, "recordSanction", key, stated, prepare)


async def on_record(ctx: Context, kind: str, name: str) -> Any:
    """The reference record that the caller has just written."""
    records = await ctx.exchange.knowledge.records(await ctx.pin(), kind)
    return next(record for record in records if id_of(record) == name)


async def every(ctx: Context, kind: str, known_at: Any = None) -> list[Any]:
    """The reference records of ``kind``, by id. Raises: Forbidden."""
    ctx.caller.require(REFERENCE_READ)
    return sorted(await ctx.exchange.knowledge.records(await ctx.pin(known_at), kind), key=id_of)


async def _checked(ctx: Context, kind: str, stated: Mapping[str, Any]) -> Entry:
    """The record, held against what is on record when the write has its turn."""
    entry = read(kind, stated)
    ctx.wrote()
    known = await ctx.exchange.knowledge.records(await ctx.pin())
    places = await regions.get_many(ctx.database, regions_of(entry))
    check(entry, known, frozenset(places))
    return entry


def _stating(entry: Entry) -> Effect:
    record = reference.Record(entry.kind, entry.id, encode(entry.record))
    state = reference.state([record])

    async def effect(tx: Any, stamp: Any) -> dict[str, Any]:
        return {**await state(tx, stamp), "id": entry.id}

    return effect


def _change(sanction: Sanction, certificate: Certificate) -> Effect | None:
    """The sanction's effect on one certificate; None where there is none, or it is on record already."""
    if sanction.effect is None or sanction.valid_from is None:
        return None
    source = sanction.decision_number or sanction.id
    event: StatusEvent[CertificateState] = StatusEvent(
        sanction.effect, sanction.valid_from, sanction.reason, source
    )
    told = {(e.state, e.valid_from, e.source) for e in certificate.events}
    if (event.state, event.valid_from, event.source) in told:
        return None
    return certifying.record_status(certificate.number, event)


def _not_oneself(caller: Principal, record: Any) -> None:
    if isinstance(record, Body) and caller.org in (record.id, record.uscc) and not caller.administrator:
        raise Forbidden(
            f"a body cannot state its own approvals: the token lacks the scope `{EXCHANGE_ADMINISTER}`",
            f"认证机构不得登记自身的批准资格:令牌缺少权限 `{EXCHANGE_ADMINISTER}`",
            fix="Let the authority that approves the body state it.",
            fix_zh="请由批准该机构的主管部门登记。",
        )


def _no_day() -> BadInput:
    return BadInput(
        "`sanction.validFrom` is missing: `sanction.effect` must begin some day",
        "缺少 `sanction.validFrom`:处罚效果须有生效日期",
        fix="State `validFrom`.",
        fix_zh="请填写 validFrom。",
        place=Place(column="sanction.validFrom"),
    )
