"""Which media type an answer has, and which status (GraphQL over HTTP; graphql-http's audits, 1.23)."""

from __future__ import annotations

from collections.abc import Sequence, Set

from huren.errors import NotAcceptable

GRAPHQL = "application/graphql-response+json"
JSON = "application/json"


def negotiate(accepts: Sequence[str]) -> str:
    """The media type for ``accepts``, the values of all Accept headers; plain JSON unless GraphQL's is named.

    The larger q wins, then the more specific range, then the order of the header. Raises: NotAcceptable.

    >>> negotiate([]), negotiate(["application/json;q=0.9, application/graphql-response+json"])
    ('application/json', 'application/graphql-response+json')
    """
    ranges = [_range(part) for header in accepts for part in header.split(",") if part.strip()]
    if not ranges:
        return JSON
    rated = [(_quality(ranges, media), media) for media in (JSON, GRAPHQL)]
    quality, best = max(rated, key=lambda pair: pair[0])
    if quality[0] <= 0:
        raise NotAcceptable(
            "the answer can only be JSON",
            "只能以 JSON 作答",
            fix=f"Accept `{GRAPHQL}` or `{JSON}`.",
            fix_zh=f"请在 Accept 中使用 `{GRAPHQL}` 或 `{JSON}`。",
        )
    return best


def _range(part: str) -> tuple[str, float]:
    media, *parameters = (piece.strip().lower() for piece in part.split(";"))
    quality = next((value[2:] for value in parameters if value.startswith("q=")), "1")
    try:
        return media, min(max(float(quality), 0.0), 1.0)
    except ValueError:
        return media, 0.0


def _quality(ranges: list[tuple[str, float]], media: str) -> tuple[float, int, int]:
    """q of the most specific range that covers ``media``, how specific it is, and how early it stands."""
    names = ["*/*", media.split("/", maxsplit=1)[0] + "/*", media]
    found = [(names.index(name), -at, q) for at, (name, q) in enumerate(ranges) if name in names]
    specific, at, quality = max(found, default=(-1, 0, 0.0))
    return quality, specific, at


_BY_CODE = {"SERVICE_UNAVAILABLE": 503, "RATE_LIMITED": 429, "METHOD_NOT_ALLOWED": 405}


def status(media: str, executed: bool, codes: Set[str]) -> int:
    """The status of an answer whose errors have ``codes``.

    503 where nothing but the database failed, 429 and 405 where nothing was tried, 400 for a request error.
    Under plain JSON a well-formed request is 200, whatever its document says: old clients expect that.
    """
    if not executed and len(codes) == 1 and (found := _BY_CODE.get(next(iter(codes)))):
        return found
    return 400 if media == GRAPHQL and not executed else 200
