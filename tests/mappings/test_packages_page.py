"""docs/packages.md: its example is a package, and it names every column and every unit there is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from huren.graph.model.supply import Supply
from huren.graph.rollup import roll_up
from huren.mappings import units
from huren.mappings.package import certificates, footprints, products, read_package, recipes

PAGE = (Path(__file__).parents[2] / "docs" / "packages.md").read_text("utf-8")


def example() -> dict[str, bytes]:
    """The files of the page: a name in backquotes, and the fenced block that follows."""
    blocks = re.findall(r"^`([\w.]+)`\n\n```\w+\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    return {name: text.encode() for name, text in blocks}


def test_the_example_is_what_the_page_says() -> None:
    found = read_package(example(), "maker")
    supply = Supply(dict(found.products), dict(found.recipes), 1)
    answer = roll_up(supply, "maker/car", allow_partial=True)
    kilograms = {row.gas: row.kg for row in answer.by_gas}
    assert kilograms == pytest.approx({"CO2": 350 + 900 * 2.1, "CH4": 900 * 0.003})
    assert answer.coverage.unlinked_count == 1


@pytest.mark.parametrize(
    ("title", "columns"),
    [
        ("products.csv", products.COLUMNS),
        ("inputs.csv", recipes.INPUT_COLUMNS),
        ("emissions.csv", recipes.EMISSION_COLUMNS),
        ("unlinked.csv", recipes.UNLINKED),
        ("footprints.csv", footprints.COLUMNS),
        ("certificates.csv", certificates.COLUMNS + certificates.EVENT_COLUMNS),
    ],
)
def test_every_column_is_on_the_page(title: str, columns: tuple[str, ...]) -> None:
    section = PAGE.split(f"## {title}\n")[1].split("\n## ")[0]
    named = set(re.findall(r"\w+(?:\.\w+)*", section))
    words = named | {word.split(".")[0] + "." for word in named if "." in word}
    assert [column for column in columns if column not in words] == []


def test_every_unit_on_the_page_is_known() -> None:
    section = PAGE.split("## Units\n")[1].split("\n## ")[0].split("· person")[0]
    spelt = [unit.strip() for unit in re.split(r"[,·()]", section.replace("short ton", "")) if unit.strip()]
    assert len(spelt) > 50
    assert all(units.dimension(unit) for unit in spelt if unit not in {"US"})
