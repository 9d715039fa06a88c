"""Which of the two languages a request prefers."""

from __future__ import annotations

from starlette.requests import Request

from huren.graph.model.text import Lang


def preferred(request: Request) -> Lang:
    """The language of Accept-Language, by q, then by order; Chinese where it names neither."""
    return choose(request.headers.get("accept-language", ""))


def choose(header: str) -> Lang:
    """As :func:`preferred`, of the header's text.

    >>> choose("de, en;q=0.8, zh;q=0.7"), choose("*"), choose("en;q=0, zh-TW"), choose("")
    (<Lang.EN: 'en'>, <Lang.ZH: 'zh'>, <Lang.ZH: 'zh'>, <Lang.ZH: 'zh'>)
    """
    best, found = 0.0, Lang.ZH
    for part in header.split(","):
        tag, *options = (piece.strip().lower() for piece in part.split(";"))
        language = tag.split("-")[0]
        quality = _quality(options)
        if language in list(Lang) and quality > best:
            best, found = quality, Lang(language)
    return found


def _quality(options: list[str]) -> float:
    try:
        return next((float(o[2:]) for o in options if o.startswith("q=")), 1.0)
    except ValueError:
        return 0.0
