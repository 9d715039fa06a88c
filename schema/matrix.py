"""The recognition matrix in GraphQL."""

from __future__ import annotations

import strawberry

from huren.errors import LimitExceeded
from huren.graph.model.terms import Purpose
from huren.mappings.decision import Decision
from huren.mappings.matrix import Row
from huren.mappings.outcome import Outcome
from huren.resolvers.recognition import MatrixAnswer
from huren.schema.certificate import Certificate
from huren.schema.node import PageInfo, page_info
from huren.schema.paging import cursor
from huren.schema.scalars import InstantText

MOST_COLUMNS = 50


def check_columns(destinations: list[str] | None) -> list[str] | None:
    """``destinations`` again. Raises: LimitExceeded for more than MOST_COLUMNS."""
    if destinations is not None and len(destinations) > MOST_COLUMNS:
        raise LimitExceeded(
            f"a matrix has at most {MOST_COLUMNS} destinations, not {len(destinations)}",
            f"矩阵最多 {MOST_COLUMNS} 个目的地,而非 {len(destinations)} 个",
            fix="Ask for fewer destinations at a time.",
            fix_zh="请分批查询。",
        )
    return destinations


@strawberry.type(description="One certificate at one destination.")
class MatrixCell:
    """Ask `recognise` for all its reasons."""

    destination: str = strawberry.field(description="As in `destinations`.")
    standing: Outcome = strawberry.field(description="The one-line answer.")
    legal: Outcome = strawberry.field(description="The legal verdict.")
    technical: Outcome = strawberry.field(description="The technical verdict.")
    deciding: list[str] = strawberry.field(description="Ids of the rules that make the standing what it is.")
    illustrative: bool = strawberry.field(description="Whether it rests on illustrative records.")

    @classmethod
    def of(cls, decision: Decision) -> MatrixCell:
        """The door from the domain."""
        return cls(
            destination=decision.question.destination,
            standing=decision.standing,
            legal=decision.legal,
            technical=decision.technical,
            deciding=[finding.rule for finding in decision.deciding],
            illustrative=decision.illustrative,
        )


@strawberry.type(description="One certificate before every destination.")
class MatrixRow:
    """Cells in the order of `destinations`."""

    certificate: Certificate = strawberry.field(description="The certificate.")
    cells: list[MatrixCell] = strawberry.field(description="One for each destination.")

    @classmethod
    def of(cls, row: Row) -> MatrixRow:
        """The door from the domain."""
        cells = [MatrixCell.of(decision) for decision in row.decisions]
        return cls(certificate=Certificate.of(row.certificate), cells=cells)


@strawberry.type(description="A scheme or a region that is asked.")
class MatrixDestination:
    """A column of the matrix."""

    id: strawberry.ID = strawberry.field(description="Id of the scheme or code of the region.")


@strawberry.type(description="Certificates of a category against regions and schemes.")
class RecognitionMatrix:
    """One page of certificates, by number; all destinations."""

    category: str = strawberry.field(description="As asked.")
    purpose: Purpose = strawberry.field(description="As asked.")
    destinations: list[MatrixDestination] = strawberry.field(description="Regions and schemes, in order.")
    rows: list[MatrixRow] = strawberry.field(description="The certificates.")
    page_info: PageInfo = strawberry.field(description="Where the page of certificates lies.")
    illustrative: bool = strawberry.field(description="Whether any of it rests on illustrative records.")
    as_of: InstantText = strawberry.field(description="The day of the question.")
    known_at: InstantText = strawberry.field(description="What was known by then was read.")
    revision: str = strawberry.field(description="Revision of the graph that was read: a decimal counter.")

    @classmethod
    def of(cls, answer: MatrixAnswer, after: str | None, secret: bytes) -> RecognitionMatrix:
        """The door from the domain."""
        found = answer.matrix
        cursors = [
            cursor(secret, f"matrix {answer.category}", [row.certificate.number]) for row in found.rows
        ]
        return cls(
            category=answer.category,
            purpose=answer.purpose,
            destinations=[MatrixDestination(id=strawberry.ID(name)) for name in found.destinations],
            rows=[MatrixRow.of(row) for row in found.rows],
            page_info=page_info(cursors, answer.more, after),
            illustrative=found.illustrative,
            as_of=InstantText(answer.as_of),
            known_at=InstantText(answer.pin.known_at),
            revision=str(answer.pin.revision),
        )
