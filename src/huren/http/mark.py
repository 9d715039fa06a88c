"""/mark/NUMBER: what is behind a mark, for whoever scans it. No token, no script, both languages."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Mapping
from functools import cache
from hashlib import sha256
from html import escape
from importlib import resources
from string import Template

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from huren.errors import Unavailable
from huren.graph.model.text import Lang, Text
from huren.http.language import preferred
from huren.mappings.public_mark import PublicMark, RecognisedAt
from huren.resolvers.context import Exchange
from huren.resolvers.mark import Marks

FRESH = "public, max-age=60"
_GOOD, _CARE = frozenset({"valid"}), frozenset({"disputed", "renewal_pending", "unknown", "not_yet_valid"})
_HEADING = Text("产品碳足迹标识查询", "Product carbon footprint mark")
_FROZEN = Text("数值存在争议,暂停展示。", "The value is disputed; it is not shown until that is settled.")
_NO_VALUE = Text("证书未载明数值。", "The certificate states no value.")
_ILLUSTRATIVE = Text(
    "示例数据,仅供演示,不得作为依据。",
    "Illustrative data, made up for demonstration: nothing may be founded on it.",
)
_WHERE = Text("目前可用于向消费者展示的地区和制度", "Recognised today, for display to consumers, in")
_NOWHERE = Text("目前未见其他地区或制度承认。", "No region or scheme recognises it today.")
_EXAMPLE = Text("示例", "illustrative")
_AS_OF = Text("以 {} 的记录为准。", "By what was on record on {}.")
_ABSENT = (
    Text("未找到此编号", "There is no such number"),
    Text(
        "请核对标识或证书上的编号后重试;如编号无误,请向产品销售者或持证企业查询。",
        "Check the number on the mark or certificate. If it is right, ask the seller or the holder.",
    ),
)
_DOWN = (
    Text("暂时无法查询", "It cannot be looked up just now"),
    Text("请稍候片刻再试。", "Please try again in a moment."),
)
_WRONG_METHOD = (
    Text("此页面仅供查阅", "This page is for reading"),
    Text("请以 GET 方式访问。", "Ask for it with GET."),
)


class MarkPage:
    """The endpoint; every method comes here, so that every answer is ours."""

    def __init__(self, exchange: Exchange) -> None:
        self._marks = Marks(exchange)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As ASGI has it."""
        request = Request(scope, receive)
        response = await self.respond(request)
        await response(scope, receive, send)

    async def respond(self, request: Request) -> Response:
        """Answer one request."""
        if request.method not in ("GET", "HEAD"):
            return _page(request, _said(_WRONG_METHOD), 405, {"allow": "GET, HEAD"})
        number = str(request.path_params["number"]).strip()
        try:
            mark = await self._marks.of(number)
        except Unavailable:
            return _page(request, _said(_DOWN), 503, {"retry-after": "5"})
        if mark is None:
            return _page(request, _said(_ABSENT, number[:100]), 404)
        return _page(request, _mark(mark), 200, {"cache-control": FRESH}, f"{mark.number} · ")


@cache
def _file(name: str) -> str:
    return (resources.files("huren.http") / name).read_text(encoding="utf-8")


@cache
def _policy() -> str:
    """Nothing may be loaded or run; the one style sheet is let through by its digest."""
    digest = b64encode(sha256(_file("mark.css").encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    )


def _page(
    request: Request,
    sections: Mapping[Lang, str],
    status: int,
    headers: Mapping[str, str] | None = None,
    title: str = "",
) -> Response:
    """The page with the preferred language first. A fresh copy is answered by 304."""
    first = preferred(request)
    order = [first, *(lang for lang in Lang if lang is not first)]
    text = Template(_file("mark.html")).substitute(
        lang="zh-CN" if first is Lang.ZH else "en",
        title=escape(title + _HEADING.say(first)),
        style=_file("mark.css"),
        sections="\n".join(sections[lang] for lang in order),
    )
    body = text.encode()
    tag = f'"{sha256(body).hexdigest()[:32]}"'
    sent = {"content-security-policy": _policy(), "vary": "accept-language", **(headers or {})}
    if status == 200:
        sent["etag"] = tag
        if _matches(request.headers.get("if-none-match", ""), tag):
            return Response(status_code=304, headers=sent)
    sent["content-length"] = str(len(body))
    return Response(
        b"" if request.method == "HEAD" else body, status, sent, media_type="text/html; charset=utf-8"
    )


def _matches(header: str, tag: str) -> bool:
    return any(part.strip().removeprefix("W/") in (tag, "*") for part in header.split(","))


def _said(texts: tuple[Text, Text], name: str = "") -> dict[Lang, str]:
    """A page that says one thing and what to do."""
    says, todo = texts
    shown = f"<p>{escape(name)}</p>" if name else ""
    return {
        lang: _section(lang, f"<h1>{escape(says.say(lang))}</h1>{shown}<p>{escape(todo.say(lang))}</p>")
        for lang in Lang
    }


def _section(lang: Lang, inside: str) -> str:
    code = "zh-CN" if lang is Lang.ZH else "en"
    return f'<section lang="{code}"><p class="name">{escape(_HEADING.say(lang))}</p>{inside}</section>'


def _mark(mark: PublicMark) -> dict[Lang, str]:
    return {lang: _section(lang, "\n".join(_rows(mark, lang))) for lang in Lang}


def _rows(mark: PublicMark, lang: Lang) -> Iterator[str]:
    def say(text: Text) -> str:
        return escape(text.say(lang))

    tone = "good" if mark.state in _GOOD else "care" if mark.state in _CARE else "bad"
    yield f"<h1>{escape(mark.number)}</h1>"
    yield f'<p class="state {tone}">{say(mark.state_says)}</p>'
    if mark.illustrative:
        yield f'<p class="note care">{say(_ILLUSTRATIVE)}</p>'
    if mark.value is not None:
        yield f'<p class="value">{escape(mark.value)} <small>{escape(mark.unit)}</small></p>'
    else:
        yield f'<p class="note care">{say(_FROZEN if mark.frozen else _NO_VALUE)}</p>'
    yield "<dl>" + "".join(f"<dt>{say(name)}</dt><dd>{say(fact)}</dd>" for name, fact in mark.facts) + "</dl>"
    if not mark.frozen:
        places = "".join(_place(place, lang) for place in mark.recognised)
        yield f"<h2>{say(_WHERE)}</h2>"
        yield f"<ul>{places}</ul>" if places else f"<p>{say(_NOWHERE)}</p>"
    yield f"<footer>{say(_AS_OF).format(escape(mark.day))}</footer>"


def _place(place: RecognisedAt, lang: Lang) -> str:
    how = place.standing.say(lang) + (f" · {_EXAMPLE.say(lang)}" if place.illustrative else "")
    return f"<li>{escape(place.place.say(lang))} <span>{escape(how)}</span></li>"
