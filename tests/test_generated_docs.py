"""docs/rules.md and docs/schemes.md are what the rules and the data say now."""

from __future__ import annotations

import runpy
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from huren.mappings.catalogue import catalogue
from huren.mappings.rules import ALL

ROOT = Path(__file__).parents[1]
PAGES: Mapping[str, Callable[[], str]] = runpy.run_path(str(ROOT / "tools" / "make_docs.py"))


@pytest.mark.parametrize("name", ["rules", "schemes"])
def test_the_page_is_what_the_data_say(name: str) -> None:
    page = (ROOT / "docs" / f"{name}.md").read_text("utf-8")
    assert page == PAGES[f"{name}_page"](), "run `make docs` and look at the difference"


def test_every_rule_scheme_and_agreement_has_its_place() -> None:
    rules, schemes = PAGES["rules_page"](), PAGES["schemes_page"]()
    for rule in ALL:
        assert f"\n### {rule.id} {rule.code}\n" in rules
        assert rule.says.zh in rules
        assert str(rule.clause) in rules
    for scheme in catalogue().schemes:
        assert f"\n## {scheme.id}\n" in schemes
        assert scheme.name.zh in schemes
    for certification_rule in catalogue().rules:
        assert f"\n### {certification_rule.id}, edition {certification_rule.edition}\n" in schemes
    for agreement in catalogue().agreements:
        assert f"\n| {agreement.id} | {agreement.name.zh}" in schemes


@pytest.mark.parametrize("name", ["rules", "schemes"])
def test_tables_are_whole(name: str) -> None:
    """Every row of a table has as many cells as its head."""
    width = 0
    for line in PAGES[f"{name}_page"]().splitlines():
        cells = line.count("|") if line.startswith("|") else 0
        assert not cells or not width or cells == width, line
        width = cells
