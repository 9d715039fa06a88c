"""docs/traceability.md: every row of the legal texts once, and every name in it stands for something."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "traceability.md").read_text("utf-8")

NUMBERS = {
    "S0": range(1, 27),
    "S1": range(1, 26),
    "S2": (*range(1, 8), *range(9, 24)),
    "S3": (*range(1, 11), *range(12, 21), *range(22, 26), *range(27, 31)),
    "S4": (*range(1, 5), *range(6, 22)),
}
ROWS = [
    re.split(r"(?<!\\) \| ", line.strip("| ")) for line in PAGE.splitlines() if re.match(r"\| S\d-", line)
]
NAMES = {(row[0], name) for row in ROWS for name in re.findall(r"`([^`]+)`", " ".join(row[2:]))}
FILES = sorted((row, name) for row, name in NAMES if re.search(r"\.\w+(::|$)", name))
WORLDS = sorted({
    (row[0], name) for row in ROWS if len(row) > 3 for name in re.findall(r"`([\w-]+)`", row[3])
})  # fmt: skip


def test_every_row_stands_there_once_in_order() -> None:
    wanted = [f"{text}-{number}" for text, numbers in NUMBERS.items() for number in numbers]
    assert len(wanted) == 120
    assert [row[0] for row in ROWS] == wanted


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_every_row_is_served_and_shown_or_says_not_yet(row: list[str]) -> None:
    _, asked, served, *shown = row
    assert asked
    assert served
    assert any(shown) or "**not yet**" in served


@pytest.mark.parametrize(("row", "name"), FILES)
def test_what_is_named_is_there(row: str, name: str) -> None:
    path, _, test = name.partition("::")
    assert (ROOT / path).is_file(), (row, path)
    text = (ROOT / path).read_text("utf-8")
    assert not test or re.search(rf"^(async )?def {test}\b", text, re.MULTILINE), (row, name)


def test_fields_named_are_in_the_schema_or_the_model() -> None:
    models = "".join(path.read_text("utf-8") for path in (ROOT / "graph" / "model").glob("*.py"))
    known = set(re.findall(r"\w+", (ROOT / "schema" / "schema.graphql").read_text("utf-8") + models))
    named = {name for row in ROWS for name in re.findall(r"`(\w+)`", row[2])}
    assert named - known == set()


@pytest.mark.parametrize(("row", "name"), WORLDS)
def test_worlds_named_are_there(row: str, name: str) -> None:
    assert (ROOT / "tests" / "worlds" / f"{name}.toml").is_file(), (row, name)
