"""docs/rules.md, docs/schemes.md and docs/roles.md are what the rules and the data say now."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from huren.mappings.catalogue import catalogue
from huren.mappings.rules import ALL

ROOT = Path(__file__).parents[1]


@pytest.fixture
def pages(monkeypatch: pytest.MonkeyPatch) -> Mapping[str, Callable[[], str]]:
    """The pages by name, as the tool makes them."""
    monkeypatch.syspath_prepend(ROOT / "tools")
    return vars(importlib.import_module("make_docs"))


@pytest.mark.parametrize("name", ["rules", "schemes", "roles"])
def test_the_page_is_what_the_data_say(name: str, pages: Mapping[str, Callable[[], str]]) -> None:
    page = (ROOT / "docs" / f"{name}.md").read_text("utf-8")
    assert page == pages[f"{name}_page"](), "run `make docs` and look at the difference"


def test_every_rule_scheme_and_agreement_has_its_place(pages: Mapping[str, Callable[[], str]]) -> None:
    rules, schemes = pages["rules_page"](), pages["schemes_page"]()
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


@pytest.mark.parametrize("name", ["rules", "schemes", "roles"])
def test_tables_are_whole(name: str, pages: Mapping[str, Callable[[], str]]) -> None:
    """Every row of a table has as many cells as its head."""
    width = 0
    for line in pages[f"{name}_page"]().splitlines():
        cells = line.count("|") if line.startswith("|") else 0
        assert not cells or not width or cells == width, line
        width = cells
