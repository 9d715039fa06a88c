"""Certificates: putting them on record, and what becomes of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from huren.auth.scopes import CERTIFICATE_WRITE
from huren.graph import certifying
from huren.graph.model.certificate import CertificateState
from huren.graph.model.dated import StatusEvent
from huren.graph.writing import Answer, Effect
from huren.mappings.records import decode
from huren.mappings.registration import check_certificate
from huren.resolvers.context import Context
from huren.resolvers.products import find
from huren.resolvers.writing import write


async def register(ctx: Context, key: str, facts: Mapping[str, Any]) -> Answer:
    """Put a certificate on record; ``facts`` as :func:`huren.mappings.records.decode` reads them.

    Raises: Forbidden, BadInput, NotFound for what it names, Conflict for a number on record.
    """
    ctx.caller.require(CERTIFICATE_WRITE)

    async def prepare() -> Effect:
        certificate = check_certificate(decode("certificate", facts))
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
        return certifying.record_status(number, change)

    return await write(ctx, "recordCertificateStatus", key, {"number": number, "change": change}, prepare)
