"""The words for the names that a decision is made of: facts, rules, outcomes, states, days. Pure."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import cache
from importlib import resources

from huren.graph.districts import districts
from huren.graph.model.dated import CHINA, zone_of
from huren.graph.model.text import Text
from huren.mappings.catalogue import catalogue

_SIDES = {
    "destination": Text("目的地", "at the destination: "),
    "issuer": Text("发证方", "on the issuing side: "),
}


@cache
def words() -> Mapping[str, Mapping[str, Text]]:
    """Every word by its kind and name, read once from ``words.toml``."""
    text = (resources.files("huren.mappings") / "words.toml").read_text(encoding="utf-8")
    return {
        kind: {name: Text(**said) for name, said in of.items()} for kind, of in tomllib.loads(text).items()
    }


def word(kind: str, name: str) -> Text:
    """What ``name`` means; the name itself where nobody has named it.

    >>> word("stage", "use").en, word("stage", "lease").en
    ('use', 'lease')
    """
    return words()[kind].get(name) or Text(name, name)


def fact(path: str) -> Text:
    """The meaning of a fact by its path, else of the nearest path above it.

    >>> fact("destination.gwp_set").en, fact("electricity.proof.lot").en
    ('at the destination: GWP set asked for', 'proof of the green-power claim')
    """
    side, _, rest = path.partition(".")
    if side in _SIDES and rest:
        return Text(
            *(a + b for a, b in zip(_pair(_SIDES[side]), _pair(_nearest("parameter", rest)), strict=True))
        )
    return _nearest("fact", path.removeprefix("certificate."))


def _pair(text: Text) -> tuple[str, str]:
    return text.zh, text.en


def _nearest(kind: str, path: str) -> Text:
    while path not in words()[kind] and "." in path:
        path = path.rpartition(".")[0]
    return word(kind, path)


@cache
def regions() -> Mapping[str, Text]:
    """The names of all regions that ship with huren, by code."""
    return {region.id: region.name for region in (*districts(), *catalogue().regions)}


def listed(texts: Iterable[Text], zh: str = "、", en: str = ", ") -> Text:
    """``texts`` in one line, each once, in order.

    >>> listed([Text("甲", "a"), Text("乙", "b"), Text("甲", "a")])
    Text(zh='甲、乙', en='a, b')
    """
    once = list(dict.fromkeys(texts))
    return Text(zh.join(t.zh or t.en for t in once), en.join(t.en or t.zh for t in once))


def named(name: Text, id: str) -> Text:
    """A name with its id behind it; the id alone where there is no name."""
    zh, en = name.zh or name.en, name.en or name.zh
    return Text(f"{zh}({id})", f"{en} ({id})") if zh else Text(id, id)


def moment(at: date | datetime) -> Text:
    """A day; of an instant its day in China, and the time unless that is midnight.

    >>> from datetime import UTC
    >>> moment(datetime(2026, 5, 31, 16, tzinfo=UTC)).en, moment(datetime(2026, 6, 1, tzinfo=UTC)).en
    ('2026-06-01', '2026-06-01 08:00 (Beijing time)')
    """
    if not isinstance(at, datetime):
        return Text(at.isoformat(), at.isoformat())
    here = at.astimezone(zone_of(CHINA))
    if (here.hour, here.minute, here.second, here.microsecond) == (0, 0, 0, 0):
        return moment(here.date())
    time = f"{here:%Y-%m-%d %H:%M}"
    return Text(f"{time}(北京时间)", f"{time} (Beijing time)")
