"""Certificates: putting them on record, and what becomes of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from huren.auth.scopes import CERTIFICATE_WRITE
from huren.auth.visibility import may_change, may_fulfil, may_register
from huren.errors import BadInput, Forbidden, Place
from huren.graph import amending, certificates, certifying
from huren.graph.model.certificate import Certificate, CertificateState, Fulfilment
from huren.graph.model.dated import StatusEvent
from huren.graph.model.organisation import check_uscc
from huren.graph.model.text import Text
from huren.graph.writing import Answer, Effect
from huren.mappings.package import is_uscc
from huren.mappings.records import decode
from huren.mappings.registration import check_certificate
from huren.mappings.rules import SPECIFIED
from huren.mappings.statement import in_client_terms
from huren.resolvers.context import Context
from huren.resolvers.products import find
from huren.resolvers.writing import write

_REGISTERS = Text(
    "仅持证人、发证机构或管理机构可登记",
    "only the holder, the issuing body and the administrator may register",
)
_CHANGES = Text(
    "仅发证机构或管理机构可变更", "only the issuing body and the administrator may change the status of"
)

_FULFILS = Text(
    "仅发证机构(非持证人)或管理机构可登记条件的落实情况",
    "only the administrator and the issuing body, where it is not the holder, may state fulfilments of",
)
_RENAMES = Text("仅管理机构可更改发证机构", "only the administrator may change the issuing body of")
_PARTS = {"fulfilments": "fulfilment", "changes": "change", "marks": "mark"}
"""The facts that can be added one by one, and the field in which a client states one."""
_WRITES = {"fulfilments": "recordFulfilment", "changes": "recordChange", "marks": "recordMarkUse"}


async def register(ctx: Context, key: str, facts: Mapping[str, Any]) -> Answer:
    """Put a certificate on record; ``facts`` as :func:`huren.mappings.records.decode` reads them.

    Raises: Forbidden, BadInput, NotFound for what it names, Conflict for a number on record.
    """
    ctx.caller.require(CERTIFICATE_WRITE)

    async def prepare() -> Effect:
        certificate = _read(facts)
        if not may_register(ctx.caller, certificate.holder, certificate.body):
            raise _not_yours(certificate.number, _REGISTERS)
        if certificate.fulfilments and not may_fulfil(ctx.caller, certificate.holder, certificate.body):
            raise _not_yours(certificate.number, _FULFILS)
        return certifying.register(await _with_product(ctx, certificate))

    return await write(ctx, "registerCertificate", key, facts, prepare)


async def amend(ctx: Context, key: str, facts: Mapping[str, Any]) -> Answer:
    """Restate all facts of a certificate on record; what was added to them one by one stays.

    Raises: Forbidden, BadInput, NotFound, Conflict for another holder or scheme.
    """
    ctx.caller.require(CERTIFICATE_WRITE)

    async def prepare() -> Effect:
        certificate = _read(facts)
        ctx.wrote()
        present = await certificates.get(ctx.database, await ctx.pin(), certificate.number)
        _check_amendment(ctx, present, certificate)
        return amending.amend(await _with_product(ctx, certificate))

    return await write(ctx, "amendCertificate", key, facts, prepare)


async def add(ctx: Context, key: str, number: str, field: str, facts: Mapping[str, Any]) -> Answer:
    """Add one fact to ``field`` (of _PARTS) of a certificate, recorded now.

    Raises: Forbidden, BadInput, NotFound.
    """
    ctx.caller.require(CERTIFICATE_WRITE)

    async def prepare() -> Effect:
        ctx.wrote()
        present = await certificates.get(ctx.database, await ctx.pin(), number)
        if field == "fulfilments" and not may_fulfil(ctx.caller, present.holder, present.body):
            raise _not_yours(number, _FULFILS)
        if not may_register(ctx.caller, present.holder, present.body):
            raise _not_yours(number, _REGISTERS)
        whole = {"number": number, "holder": present.holder, "scheme": present.scheme, field: [facts]}
        try:
            (part,) = getattr(_read(whole), field)
        except BadInput as bad:
            raise _renamed(bad, f"certificate.{field}[0]", _PARTS[field]) from None
        if field == "fulfilments":
            await _check_names(ctx, part)
        return amending.add(number, part)

    asked = {"number": number, field: facts}
    return await write(ctx, _WRITES[field], key, asked, prepare)


async def record_status(ctx: Context, key: str, number: str, change: StatusEvent[CertificateState]) -> Answer:
    """Put a change of a certificate's state on record.

    Raises: Forbidden, NotFound, Conflict for a change that cannot be.
    """
    ctx.caller.require(CERTIFICATE_WRITE)

    async def prepare() -> Effect:
        ctx.wrote()
        certificate = await certificates.get(ctx.database, await ctx.pin(), number)
        if not may_change(ctx.caller, certificate.body):
            raise _not_yours(number, _CHANGES)
        return certifying.record_status(number, change)

    return await write(ctx, "recordCertificateStatus", key, {"number": number, "change": change}, prepare)


def _read(facts: Mapping[str, Any]) -> Certificate:
    """The certificate that a client stated, its facts checked. Raises: BadInput, naming the field."""
    try:
        certificate = check_certificate(decode("certificate", facts))
    except BadInput as bad:
        raise in_client_terms(bad, "certificate") from None
    if is_uscc(certificate.holder):
        check_uscc(certificate.holder)
    return certificate


async def _with_product(ctx: Context, certificate: Certificate) -> Certificate:
    """The certificate with its product by key."""
    if not certificate.product:
        return certificate
    ctx.wrote()
    return replace(certificate, product=(await find(ctx, certificate.product)).key)


def _check_amendment(ctx: Context, present: Certificate, amended: Certificate) -> None:
    """An amendment gives nobody a right, and no holder a condition that it met by its own word."""
    if not may_register(ctx.caller, present.holder, present.body):
        raise _not_yours(present.number, _REGISTERS)
    names_first = present.body is None and amended.body != present.holder
    if amended.body != present.body and not (names_first or ctx.caller.administrator):
        raise _not_yours(present.number, _RENAMES)
    told = {replace(one, recorded_at=None) for one in present.fulfilments}
    if not told.issuperset(amended.fulfilments) and not may_fulfil(ctx.caller, present.holder, present.body):
        raise _not_yours(present.number, _FULFILS)


async def _check_names(ctx: Context, part: Fulfilment) -> None:
    known = await ctx.exchange.knowledge.at(await ctx.pin())
    if part.rule not in SPECIFIED:
        raise _unknown("rule", part.rule, "criteria")
    if part.destination is not None and part.destination not in known.schemes:
        raise _unknown("destination", part.destination, "schemes")


def _unknown(field: str, name: str, listed: str) -> BadInput:
    return BadInput(
        f"`fulfilment.{field}`: there is no `{name}`",
        f"`fulfilment.{field}`:没有“{name}”",
        fix=f"Take an id that `{listed}` lists.",
        fix_zh=f"请使用 `{listed}` 列出的标识。",
        place=Place(column=f"fulfilment.{field}"),
    )


def _renamed(bad: BadInput, was: str, field: str) -> BadInput:
    en, zh, fix, fix_zh = (text.replace(was, field) for text in (bad.en, bad.zh, bad.fix, bad.fix_zh))
    return BadInput(en, zh, fix=fix, fix_zh=fix_zh, place=Place(column=field))


def _not_yours(number: str, may: Text) -> Forbidden:
    return Forbidden(
        f"{may.en} the certificate `{number}`",
        f"{may.zh}证书“{number}”",
        fix="Ask with a token of one of them.",
        fix_zh="请使用上述机构之一的令牌。",
    )
