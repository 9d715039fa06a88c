"""Statistics over others' releases: fixed cells, at least three contributors, none dominant. Pure.

What is told of a cell are means over groups of contributors that have nobody in common, never one
contributor's number, as microaggregation does (Domingo-Ferrer and Mateo-Sanz, 2002): so no two answers
subtract to fewer than three contributors.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from enum import StrEnum
from functools import cache
from importlib import resources
from itertools import pairwise
from statistics import fmean

from huren.errors import BadInput
from huren.graph.model.text import Text
from huren.mappings.releasing import rounded

GROUPS = 3
_QUARTER = re.compile(r"(20\d\d)-Q([1-4])")
_CHINA = timezone(timedelta(hours=8))
_CLASSES = (3, 6, 11, 21, 51)


class Suppressed(StrEnum):
    """Why nothing is told of a cell."""

    TOO_FEW = "too_few"
    DOMINATED = "dominated"

    @property
    def says(self) -> Text:
        """The reason in a sentence."""
        if self is Suppressed.TOO_FEW:
            return Text("贡献机构不足,或没有数据", "too few organisations contribute, or none")
        return Text("个别机构占比过大", "one organisation makes up too much of it")


@dataclass(frozen=True, slots=True)
class Partition:
    """Cells of product class x province x quarter. ``classes``: the unit of each class.

    A cell is told from ``contributors`` on, where none has more than ``share`` of a group, and the second
    largest cannot guess the largest to within ``p`` of it.
    """

    id: str
    name: Text
    contributors: int
    share: float
    p: float
    digits: int
    classes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Quarter:
    """A calendar quarter of China: from ``start`` until before ``end``."""

    name: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Figures:
    """What is told of a cell: means over disjoint groups of contributors, sorted by their numbers.

    ``middle``: the group around the median; of few contributors, all of them. ``contributors``: how many,
    as a class such as "3-5". All None where ``suppressed``.
    """

    contributors: str | None = None
    low: str | None = None
    middle: str | None = None
    high: str | None = None
    suppressed: Suppressed | None = None


@cache
def partitions() -> Mapping[str, Partition]:
    """Those that are published, by id. Raises: BadInput, KeyError for a file that does not hold."""
    text = (resources.files("huren.mappings") / "statistics.toml").read_text(encoding="utf-8")
    return read(text)


def problems() -> tuple[BadInput, ...]:
    """What is wrong with the partitions, if anything."""
    try:
        partitions()
    except BadInput as bad:
        return (bad,)
    return ()


def read(text: str) -> Mapping[str, Partition]:
    """The partitions in TOML ``text``. Raises: BadInput where cells overlap, or protect too little."""
    found: dict[str, Partition] = {}
    for row in tomllib.loads(text)["partition"]:
        made = Partition(**{**row, "name": Text(**row["name"])})
        twice = [name for other in found.values() for name in made.classes if name in other.classes]
        if made.id in found or twice:
            raise _unsound(made.id, f"its cells overlap others {twice}", f"与其他分区重叠 {twice}")
        if made.contributors < GROUPS or not 0 < made.share <= 1 / 2 or made.p <= 0:
            raise _unsound(made.id, "its rules protect too little", "保护规则过弱")
        found[made.id] = made
    return found


def quarter_of(text: str, now: datetime) -> Quarter:
    """The closed quarter that ``text`` names, such as 2026-Q3. Raises: BadInput; for one not over, too."""
    found = _QUARTER.fullmatch(text)
    if not found:
        raise _bad(f"`{text[:20]}` is no quarter", f"“{text[:20]}”不是季度")
    year, number = int(found[1]), int(found[2])
    start = datetime(year, 3 * number - 2, 1, tzinfo=_CHINA)
    end = datetime(year + number // 4, 3 * number % 12 + 1, 1, tzinfo=_CHINA)
    if end > now:
        raise _bad(f"the quarter {text} is not over", f"季度 {text} 尚未结束")
    return Quarter(text, start, end)


def figures(values: Mapping[str, Sequence[float]], by: Partition) -> Figures:
    """What is told of a cell; ``values`` are the released numbers of each contributor, in one unit.

    >>> figures({"a": [1.0], "b": [2.0]}, partitions()["class-province-quarter"]).suppressed
    <Suppressed.TOO_FEW: 'too_few'>
    """
    means = sorted(fmean(numbers) for numbers in values.values() if numbers)
    if len(means) < by.contributors:
        return Figures(suppressed=Suppressed.TOO_FEW)
    for parts in (groups(means, by), [means]):
        if all(balanced(part, by) for part in parts):
            told = [rounded(fmean(part), by.digits) for part in parts]
            low, middle, high = told if len(told) == GROUPS else (None, told[0], None)
            return Figures(_class_of(len(means)), low, middle, high)
    return Figures(suppressed=Suppressed.DOMINATED)


def groups(means: Sequence[float], by: Partition) -> list[Sequence[float]]:
    """``means``, sorted, as three groups of enough contributors each, or as one."""
    size = len(means) // GROUPS
    if size < by.contributors:
        return [means]
    return [means[:size], means[size : len(means) - size], means[len(means) - size :]]


def balanced(part: Iterable[float], by: Partition) -> bool:
    """Whether no contributor of a group dominates it (dominance rule with n = 1, and p% rule)."""
    sizes = sorted(map(abs, part), reverse=True)
    total, largest, second = sum(sizes), sizes[0], sizes[1]
    return largest <= by.share * total and total - largest - second >= by.p * largest


def _class_of(number: int) -> str:
    for least, following in pairwise(_CLASSES):
        if number < following:
            return f"{least}-{following - 1}"
    return f"{_CLASSES[-1]}+"


def _unsound(id: str, en: str, zh: str) -> BadInput:
    return BadInput(
        f"statistics.toml: partition `{id}`: {en}",
        f"statistics.toml:分区“{id}”:{zh}",
        fix="Correct the file.",
        fix_zh="请改正该文件。",
    )


def _bad(en: str, zh: str) -> BadInput:
    return BadInput(
        en,
        zh,
        fix="Name a quarter that is over, such as 2026-Q1.",
        fix_zh="请填写已结束的季度,例如 2026-Q1。",
    )
