"""How a command speaks: progress and errors on stderr, in the language of the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from itertools import groupby

import typer

from huren.errors import BadPackage, HurenError
from huren.graph.model.text import Lang, Text


def language(environ: Mapping[str, str] | None = None) -> Lang:
    """The language of the locale variables, by their precedence in POSIX; English where they name neither.

    >>> language({"LANG": "zh_CN.UTF-8"}), language({"LC_ALL": "C", "LANG": "zh_CN.UTF-8"})
    (<Lang.ZH: 'zh'>, <Lang.EN: 'en'>)
    """
    given = os.environ if environ is None else environ
    locale = next((given[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if given.get(name)), "")
    return Lang.ZH if locale.lower().startswith("zh") else Lang.EN


def tell(text: Text) -> None:
    """One line of progress or advice."""
    typer.echo(text.say(language()), err=True)


def show(error: HurenError) -> None:
    """What went wrong and what to do; of a package, every problem with its place.

    Problems in a row with one fix are told that fix once, after the last of them.
    """
    problems = error.problems if isinstance(error, BadPackage) else ()
    for fix, alike in groupby((*problems, error), key=lambda one: Text(one.fix_zh, one.fix)):
        for one in alike:
            place = f"{one.place}: " if one.place else ""
            tell(Text(zh=f"{place}{one.zh}", en=f"{place}{one.en}"))
        if fix.en:
            tell(Text(zh=f"  → {fix.zh}", en=f"  → {fix.en}"))
