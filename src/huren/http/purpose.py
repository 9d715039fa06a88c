"""What the data of a request are for: the header `Huren-Purpose`, as grants name purposes."""

from __future__ import annotations

from starlette.requests import Request

from huren.errors import BadRequest
from huren.graph.model.terms import Purpose

HEADER = "huren-purpose"


def purpose(request: Request) -> str | None:
    """The purpose that ``request`` states; None where it states none. Raises: BadRequest for any other."""
    stated = request.headers.get(HEADER)
    if stated is None or stated in set(Purpose):
        return stated
    named = ", ".join(Purpose)
    raise BadRequest(
        "`Huren-Purpose` is not a purpose that there is",
        "`Huren-Purpose` 不是已有的用途",
        fix=f"Leave the header out, or name one of: {named}.",
        fix_zh=f"请省略该请求头,或填写以下之一:{named}。",
    )
