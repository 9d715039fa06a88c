"""The body of a request: counted while it is read, strictly UTF-8, and one JSON object, no name twice."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from dataclasses import dataclass
from typing import Any

import orjson
from starlette.requests import ClientDisconnect, Request

from huren.errors import BadRequest, BodyTooLarge, BodyTooSlow, UnsupportedMediaType
from huren.schema.limits import LIMITS, too_much
from huren.schema.trusted import ID, document_id

MOST_BYTES = 1024 * 1024
HEARD = 16 * MOST_BYTES
"""Bytes of a body too large that are read and dropped: many clients send all before they read the answer."""
SECONDS = 10.0
"""For a whole body to come."""


@dataclass(frozen=True, slots=True)
class Parameters:
    """The members of a GraphQL request; one of ``query`` and ``document`` at least, and then they agree."""

    query: str | None
    document: str | None
    operation: str | None
    variables: dict[str, Any] | None


async def parameters(request: Request) -> Parameters:
    """What ``request`` asks. Raises: UnsupportedMediaType, BodyTooLarge, BodyTooSlow, BadRequest."""
    _check_type(request)
    return _parameters(_parse(await read(request)))


def from_address(request: Request) -> Parameters | None:
    """What a GET asks by its address: a ``documentId``, else nothing. Raises: BadRequest."""
    given = request.query_params
    if "documentId" not in given or "query" in given:
        return None
    if len(given.multi_items()) != len(given):
        raise _bad("a parameter is given twice", "参数重复")
    body: dict[str, Any] = dict(given)
    for name in ("variables", "extensions"):
        if name in given:
            body[name] = _parse(given[name].encode("utf-8", "surrogatepass"))
    return _parameters(body)


def _parameters(body: dict[str, Any]) -> Parameters:
    query, document = body.get("query"), body.get("documentId")
    if not isinstance(query, str | None) or (not (query or "").strip() and document is None):
        raise _bad("`query` must be a text", "`query` 须为文本")
    if not isinstance(document, str | None) or (document is not None and not ID.fullmatch(document)):
        raise _bad(
            "`documentId` must be `sha256:` and 64 hex digits", "`documentId` 须为 `sha256:` 加 64 位十六进制"
        )
    if query is not None and document is not None and document_id(query) != document:
        raise _bad("`documentId` is not the hash of `query`", "`documentId` 不是 `query` 的哈希")
    operation, variables, extensions = (body.get(n) for n in ("operationName", "variables", "extensions"))
    if not isinstance(operation, str | None):
        raise _bad("`operationName` must be a text", "`operationName` 须为文本")
    if not isinstance(variables, dict | None):
        raise _bad("`variables` must be an object", "`variables` 须为对象")
    if not isinstance(extensions, dict | None):
        raise _bad("`extensions` must be an object", "`extensions` 须为对象")
    if extensions and "persistedQuery" in extensions:
        raise _bad("PersistedQueryNotSupported: no client adds documents", "不支持由客户端登记的持久化查询")
    return Parameters(query, document, operation or None, variables)


def _check_type(request: Request) -> None:
    types = request.headers.getlist("content-type")
    media, *options = (part.strip().lower() for part in (types[0] if types else "").split(";"))
    charsets = [o.partition("=")[2].strip('"') for o in options if o.startswith("charset")]
    encodings = request.headers.getlist("content-encoding")
    encoded = any(name.strip().lower() not in ("", "identity") for name in encodings)
    if len(types) != 1 or media != "application/json" or charsets not in ([], ["utf-8"], ["utf8"]) or encoded:
        raise UnsupportedMediaType(
            "the body must be JSON in UTF-8, not compressed",
            "请求体须为未压缩的 UTF-8 JSON",
            fix="Send `Content-Type: application/json` and no Content-Encoding.",
            fix_zh="请使用 `Content-Type: application/json`,且不要设置 Content-Encoding。",
        )


async def read(request: Request, most: int = MOST_BYTES) -> bytes:
    """The bytes of the body. What a client announces is not believed: what comes is counted.

    Raises: BodyTooLarge, BodyTooSlow, BadRequest where it ends early.
    """
    body, size = bytearray(), 0
    try:
        async with asyncio.timeout(SECONDS):
            async for chunk in request.stream():
                size += len(chunk)
                if size <= most:
                    body += chunk
                elif size > HEARD:
                    break
    except ClientDisconnect:
        raise _bad("the body ended early", "请求体不完整") from None
    except TimeoutError:
        raise BodyTooSlow(
            f"the body did not come within {SECONDS:g} seconds",
            f"请求体未能在 {SECONDS:g} 秒内到达",
            fix="Send the body at once.",
            fix_zh="请一次性发送请求体。",
        ) from None
    if size > most:
        raise _too_large(most)
    return bytes(body)


def _too_large(most: int) -> BodyTooLarge:
    return BodyTooLarge(
        f"the body is larger than {most:,} bytes",
        f"请求体超过 {most:,} 字节",
        fix="Send less in one request; large supply packages go through `huren import`.",
        fix_zh="请减小单次请求;大型数据包请用 `huren import`。",
    )


def _parse(body: bytes) -> dict[str, Any]:
    """A JSON object. orjson is strict: no NaN, no number beyond a double, no lone surrogate, 1,024 levels.

    But of two members with one name it takes the last, where others take the first (RFC 8259 section 4).
    Cost: 100 ms at worst; what opens more objects and lists than variables may hold is not read.
    """
    if body.count(b"{") + body.count(b"[") > LIMITS.values:
        raise too_much("values", LIMITS.values)
    try:
        value = orjson.loads(body)
        json.loads(body, object_pairs_hook=_members, parse_int=_nothing, parse_float=_nothing)
    except RecursionError:
        raise _bad("the body is nested too deeply", "请求体嵌套过深") from None
    except orjson.JSONDecodeError as error:
        raise _bad(
            f"the body is not JSON: {error.msg} at character {error.pos}", "请求体不是有效的 JSON"
        ) from None
    if not isinstance(value, dict):
        raise _bad("the body must be a JSON object", "请求体须为 JSON 对象")
    return value


def _members(pairs: list[tuple[str, None]]) -> None:
    if len(dict(pairs)) < len(pairs):
        [(name, _)] = Counter(name for name, _ in pairs).most_common(1)
        raise _bad(f"the member `{name[:80]}` is there twice", f"成员 `{name[:80]}` 重复")


def _nothing(_: str) -> None: ...


def _bad(en: str, zh: str) -> BadRequest:
    return BadRequest(
        en,
        zh,
        fix='Send {"query": "…", "variables": {…}, "operationName": "…"}; only `query` is required.',
        fix_zh='请发送 {"query": "…", "variables": {…}, "operationName": "…"},仅 `query` 必填。',
    )
