"""Bilingual text."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Lang(StrEnum):
    """Language of a text (ISO 639-1)."""

    ZH = "zh"
    EN = "en"


@dataclass(frozen=True, slots=True)
class Text:
    """A text in Chinese and English; either may be empty, and then the other stands in."""

    zh: str = ""
    en: str = ""

    def say(self, lang: Lang) -> str:
        """The text in ``lang``, else in the other language.

        >>> Text(en="steel").say(Lang.ZH)
        'steel'
        """
        first, second = (self.zh, self.en) if lang is Lang.ZH else (self.en, self.zh)
        return first or second
