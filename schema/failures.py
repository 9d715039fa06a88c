"""How an error leaves: a stable code, two sentences and a fix; what is not ours only as "internal error"."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from typing import Any

from graphql import GraphQLError

from huren.errors import HurenError, Place
from huren.graph.model.text import Text

log = logging.getLogger("huren")

INTERNAL = "INTERNAL_SERVER_ERROR"
MOST_ERRORS = 20
MOST_CHARACTERS = 1_000
"""Of one message: GraphQL's repeat the value that is wrong, however long."""
_SUGGESTION = re.compile(r" ?Did you mean [^?]*\?")
_FIXES = {
    "GRAPHQL_PARSE_FAILED": Text("请按所指位置改正文档的语法。", "Correct the document where it points."),
    "GRAPHQL_VALIDATION_FAILED": Text(
        "请对照模式改正文档:huren schema export。",
        "Compare the document with the schema: huren schema export.",
    ),
    "BAD_USER_INPUT": Text("请改正所指的值。", "Correct the value that is named."),
    INTERNAL: Text(
        "请重试;若仍出现,请向运营者提供 requestId。",
        "Try again; if it stays, give the operator the requestId.",
    ),
}
SAYS = {
    "GRAPHQL_PARSE_FAILED": "文档语法有误",
    "GRAPHQL_VALIDATION_FAILED": "文档与模式不符",
    "BAD_USER_INPUT": "输入的值有误",
    INTERNAL: "内部错误",
}


def describe(error: HurenError, request_id: str) -> dict[str, Any]:
    """An error of ours as one entry of ``errors``."""
    extensions = {
        "code": error.code,
        "messageZh": shortened(error.zh),
        "fix": error.fix,
        "fixZh": error.fix_zh,
        "place": _place(error.place),
        "retryAfter": getattr(error, "retry_after", None),
        "requestId": request_id,
    }
    return {"message": shortened(error.en), "extensions": {k: v for k, v in extensions.items() if v}}


def describe_all(errors: Sequence[GraphQLError], code: str, request_id: str) -> list[dict[str, Any]]:
    """GraphQL's errors as entries of ``errors``, the first MOST_ERRORS; ``code`` for those that it raised.

    By path: fields fail in whatever order the database answers, and that order is nobody's business.
    """
    ordered = sorted(errors, key=_place_in_answer)
    return [_located(error, code, request_id) for error in ordered[:MOST_ERRORS]]


def without_suggestions(entry: dict[str, Any]) -> dict[str, Any]:
    """An entry of ``errors`` that names nothing of the schema which the document did not name."""
    return {**entry, "message": _SUGGESTION.sub("", entry["message"])}


def _place_in_answer(error: GraphQLError) -> list[str]:
    return [f"{part:09}" if isinstance(part, int) else part for part in error.path or ()]


def _located(error: GraphQLError, code: str, request_id: str) -> dict[str, Any]:
    cause = _cause(error)
    if isinstance(cause, HurenError):
        entry = describe(cause, request_id)
    elif cause is None:
        entry = _described(error.message, code, request_id)
    else:
        log.error("request %s failed", request_id, exc_info=cause)
        entry = _described("internal error", INTERNAL, request_id)
    where = {
        "locations": [{"line": at.line, "column": at.column} for at in error.locations or ()],
        "path": error.path,
    }
    return {
        "message": entry["message"],
        **{k: v for k, v in where.items() if v},
        "extensions": entry["extensions"],
    }


def internal(request_id: str) -> dict[str, Any]:
    """The entry for an error that is not ours; the log has it under the request id."""
    return _described("internal error", INTERNAL, request_id)


def _cause(error: GraphQLError) -> BaseException | None:
    """What raised ``error``; None where GraphQL did. It wraps its own errors several times."""
    cause: BaseException | None = error
    while isinstance(cause, GraphQLError):
        cause = cause.original_error
    return cause


def _described(message: str, code: str, request_id: str) -> dict[str, Any]:
    fix = _FIXES[code]
    extensions = {
        "code": code,
        "messageZh": SAYS[code],
        "fix": fix.en,
        "fixZh": fix.zh,
        "requestId": request_id,
    }
    return {"message": shortened(message), "extensions": extensions}


def shortened(message: str) -> str:
    """``message``, cut where it is longer than a person reads."""
    return message if len(message) <= MOST_CHARACTERS else f"{message[:MOST_CHARACTERS]}…"


def _place(place: Place | None) -> dict[str, Any] | None:
    if place is None:
        return None
    parts = {"file": place.file, "line": place.line, "column": place.column}
    return {name: part for name, part in parts.items() if part is not None}
