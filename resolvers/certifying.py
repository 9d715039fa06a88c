"""Certificates: putting them on record, and what becomes of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from huren.auth.scopes import CERTIFICATE_WRITE
from huren.auth.visibility import may_change, may_register
from huren.errors import Forbidden
from huren.graph import certificates, certifying
from huren.graph.model.certificate import CertificateState
from huren.graph.model.dated import StatusEvent
from huren.graph.model.organisation import check_uscc
from huren.graph.model.text import Text
from huren.graph.writing import Answer, Effect
from huren.mappings.package import is_uscc
from huren.mappings.records import decode
from huren.mappings.registration import check_certificate
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


async def register(ctx: Context, key: str, facts: Mapping[str, Any]) -> Answer:
    """Put a certificate on record; ``facts`` as :func:`huren.mappings.records.decode` reads them.

    Raises: Forbidden, BadInput, NotFound for what it names, Conflict for a number on record.
    """
    ctx.caller.require(CERTIFICATE_WRITE)

    async def prepare() -> Effect:
        certificate = check_certificate(decode("certificate", facts))
        if is_uscc(certificate.holder):
            check_uscc(certificate.holder)
        if not may_register(ctx.caller, certificate.holder, certificate.body):
            raise _not_yours(certificate.number, _REGISTERS)
        if certificate.product:
            ctx.wrote()
            certificate = replace(certificate, product=(await find(ctx, certificate.product)).key)
        return certifying.register(certificate)

    return await write(ctx, "registerCertificate", key, facts, prepare)


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


def _not_yours(number: str, may: Text) -> Forbidden:
    return Forbidden(
        f"{may.en} the certificate `{number}`",
        f"{may.zh}证书“{number}”",
        fix="Ask with a token of one of them.",
        fix_zh="请使用上述机构之一的令牌。",
    )
