"""What leaves the country: recipient, sector and field class against the export table (S1-9, S3-25). Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from huren.auth.export_table import ExportTable, Outflow, Row, table
from huren.auth.grounds import Basis, Ground
from huren.graph.model.access import Effect, FieldClass
from huren.graph.model.export import Approval


@dataclass(frozen=True, slots=True)
class Flow:
    """``field`` of ``product`` on its way from ``origin`` to ``org`` in ``recipient``.

    Countries by ISO 3166-1, None: not on record; ``sector``: the product's class.
    """

    recipient: str | None
    origin: str | None
    sector: str | None
    field: FieldClass
    product: str = ""
    org: str = ""


def export(
    flow: Flow, approvals: Iterable[Approval], now: datetime, by: ExportTable | None = None
) -> tuple[Effect, Ground]:
    """What may become of ``flow`` under the table ``by`` (default: the one that ships).

    What names a product is no footprint data, and passes. What stays at home, or goes back to where it
    comes from, does not leave. Else the closest row decides; none, or a country or class that is not
    known, is a refusal.
    """
    rules = by or table()
    if flow.field is FieldClass.IDENTITY:
        return Effect.ALLOW, Ground(Basis.NAMED)
    if flow.recipient not in rules.countries or flow.origin not in rules.countries:
        return Effect.DENY, Ground(Basis.COUNTRY_UNKNOWN)
    if flow.recipient in (rules.home, flow.origin):
        return Effect.ALLOW, Ground(Basis.DOMESTIC)
    row = rules.row(flow.recipient, flow.sector, flow.field)
    if row is None:
        return Effect.DENY, Ground(Basis.EXPORT_NOT_LISTED, f"{flow.recipient} {flow.sector} {flow.field}")
    return _decided(row, flow, approvals, now)


def _decided(row: Row, flow: Flow, approvals: Iterable[Approval], now: datetime) -> tuple[Effect, Ground]:
    match row.effect:
        case Outflow.ALLOW:
            return Effect.ALLOW, _ground(Basis.EXPORT_ALLOWED, row)
        case Outflow.AGGREGATE:
            return Effect.AGGREGATE, _ground(Basis.EXPORT_AGGREGATE, row)
        case Outflow.APPROVE:
            for approval in approvals:
                if covers(approval, flow, now):
                    return Effect.ALLOW, Ground(Basis.APPROVED, approval.id, row.illustrative)
            return Effect.DENY, _ground(Basis.APPROVAL_NEEDED, row)
        case _:
            return Effect.DENY, _ground(Basis.EXPORT_DENIED, row)


def covers(approval: Approval, flow: Flow, now: datetime) -> bool:
    """Whether ``approval`` lets just this flow out at ``now``."""
    return (
        approval.product == flow.product
        and approval.country == flow.recipient
        and approval.recipient in (None, flow.org)
        and flow.field in approval.fields
        and (approval.until is None or now < approval.until)
    )


def _ground(basis: Basis, row: Row) -> Ground:
    return Ground(basis, row.id, row.illustrative)
