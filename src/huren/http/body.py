"""The body of a request: counted while it is read, strictly UTF-8, and one JSON object."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson
from starlette.requests import ClientDisconnect, Request

from huren.errors import BadRequest, BodyTooLarge, UnsupportedMediaType

MOST_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Parameters:
    """The members of a GraphQL request."""

    query: str
    operation: str | None
    variables: dict[str, Any] | None


async def parameters(request: Request) -> Parameters:
    """What ``request`` asks. Raises: UnsupportedMediaType, BodyTooLarge, BadRequest."""
    _check_type(request)
    body = _parse(await _read(request))
    query = body.get("query")
    if not isinstance(query, str) or not query.strip():
        raise _bad("`query` must be a text", "`query` 须为文本")
    operation, variables, extensions = (body.get(n) for n in ("operationName", "variables", "extensions"))
    if not isinstance(operation, str | None):
        raise _bad("`operationName` must be a text", "`operationName` 须为文本")
    if not isinstance(variables, dict | None):
        raise _bad("`variables` must be an object", "`variables` 须为对象")
    if not isinstance(extensions, dict | None):
        raise _bad("`extensions` must be an object", "`extensions` 须为对象")
    return Parameters(query, operation or None, variables)


def _check_type(request: Request) -> None:
    types = request.headers.getlist("content-type")
    media, *options = (part.strip().lower() for part in (types[0] if types else "").split(";"))
    charsets = [o.partition("=")[2].strip('"') for o in options if o.startswith("charset")]
    encoded = request.headers.get("content-encoding", "identity").strip().lower() not in ("", "identity")
    if len(types) != 1 or media != "application/json" or charsets not in ([], ["utf-8"], ["utf8"]) or encoded:
        raise UnsupportedMediaType(
            "the body must be JSON in UTF-8, not compressed",
            "请求体须为未压缩的 UTF-8 JSON",
            fix="Send `Content-Type: application/json` and no Content-Encoding.",
            fix_zh="请使用 `Content-Type: application/json`,且不要设置 Content-Encoding。",
        )


async def _read(request: Request) -> bytes:
    """The bytes of the body. What a client announces is not believed: what comes is counted."""
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > MOST_BYTES:
                raise BodyTooLarge(
                    f"the body is larger than {MOST_BYTES:,} bytes",
                    f"请求体超过 {MOST_BYTES:,} 字节",
                    fix="Send less in one request; large supply packages go through `huren import`.",
                    fix_zh="请减小单次请求;大型数据包请用 `huren import`。",
                )
    except ClientDisconnect:
        raise _bad("the body ended early", "请求体不完整") from None
    return bytes(body)


def _parse(body: bytes) -> dict[str, Any]:
    """A JSON object. orjson is strict: no NaN, no number beyond a double, no lone surrogate, 1,024 levels."""
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise _bad(
            f"the body is not JSON: {error.msg} at character {error.pos}", "请求体不是有效的 JSON"
        ) from None
    if not isinstance(value, dict):
        raise _bad("the body must be a JSON object", "请求体须为 JSON 对象")
    return value


def _bad(en: str, zh: str) -> BadRequest:
    return BadRequest(
        en,
        zh,
        fix='Send {"query": "…", "variables": {…}, "operationName": "…"}; only `query` is required.',
        fix_zh='请发送 {"query": "…", "variables": {…}, "operationName": "…"},仅 `query` 必填。',
    )
