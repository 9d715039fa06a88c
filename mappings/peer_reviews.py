"""Peer reviews (S3-22) by a body that is not independent of the one it reviews."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from huren.errors import BadInput
from huren.graph.model.body import Body
from huren.graph.model.text import Text
from huren.mappings.entries import Entry

PEER_REVIEW = "peer_review"


def partial_reviews(entries: Sequence[Entry]) -> Iterator[BadInput]:
    """Reviews by the body itself, by one that either names as tied to it, or by one with the same code."""
    bodies = {entry.id: entry.record for entry in entries if entry.kind == "body"}
    for entry in entries:
        if entry.kind != "body":
            continue
        for n, review in enumerate(entry.record.competence):
            why = _conflict(entry.record, review.by, bodies.get(review.by))
            if review.kind == PEER_REVIEW and why:
                yield entry.refused(
                    f"competence[{n}].by",
                    f"(`{review.by}`) {why.en}, and so may not review it",
                    f"(“{review.by}”){why.zh},不得评议",
                    "Name an independent body.",
                    "请填写无利益冲突的机构。",
                )


def _conflict(body: Body, by: str, reviewer: Body | None) -> Text | None:
    if by == body.id:
        return Text("是被评议机构自身", "is the body itself")
    if by in body.ties or (reviewer and body.id in reviewer.ties):
        return Text("与被评议机构有关联", "is tied to the body")
    if reviewer and body.uscc is not None and reviewer.uscc == body.uscc:
        return Text("与被评议机构的统一社会信用代码相同", "has the same social credit code as the body")
    return None
