"""`huren check`: what ships holds together, and every fault is told by file, line, key, reason and fix."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, cast

import pytest
from typer.testing import CliRunner, Result

from huren.app import prepare
from huren.cli import app
from huren.errors import BadInput, Place
from huren.graph.database import Database
from huren.graph.model.text import Text
from huren.mappings import catalogue, criteria, purposes, soundness
from huren.mappings.rule import Clause, Rule
from huren.mappings.rules import ALL, SPECIFIED
from huren.mappings.rules.gwp_set import GWP_SET

_DATA = tomllib.loads(Path(__file__).with_name("bad_data.toml").read_text(encoding="utf-8"))
PIECES: dict[str, str] = _DATA["pieces"]


def check(*paths: str) -> Result:
    return CliRunner().invoke(app, ["check", *paths], env={"LC_ALL": "C"})


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_what_ships_holds_together() -> None:
    done = check()
    assert done.exit_code == 0
    assert done.stdout.startswith("all hold together: 30 schemes")
    assert len(done.stdout.splitlines()) == 1


@pytest.mark.parametrize("case", _DATA["case"], ids=lambda case: case["says"])
def test_every_fault_is_told(case: dict[str, Any], here: Path) -> None:
    pieces = "".join(PIECES[name] for name in case.get("pieces", ()))
    (here / "bad.toml").write_text(pieces + case["text"], encoding="utf-8")
    done = check("bad.toml")
    assert done.exit_code == 1
    line, said, fix = next(lines for lines in told(done) if case["reason"] in lines[0])
    assert re.match(rf"bad\.toml(:\d+)?(:[\w.]*{re.escape(case['key'])}[\w.\[\]]*)?: ", line), line
    assert re.search(r"[一-鿿]", said)
    assert fix.startswith("  → ")


def told(done: Result) -> Iterator[tuple[str, str, str]]:
    """Problems as printed: what and where, in Chinese, what to do. A parser's message may run over lines."""
    lines = re.split(r"\n(?=\S)", done.stdout.strip("\n"))
    for problem in lines:
        first, *middle, last = problem.split("\n")
        yield "\n".join((first, *middle[:-1])), middle[-1], last


def test_a_province_tries_its_own_scheme(here: Path) -> None:
    """Laid over the shipped data: it may name them, and take the place of one of them."""
    folder = here / "own"
    folder.mkdir()
    own = PIECES["scheme"] + 'issued_in = ["CN-SX"]\n'
    (folder / "scheme.toml").write_text(own + PIECES["scheme"].replace('"A"', '"SH-CARBON"'), "utf-8")
    (folder / "rule.toml").write_text(PIECES["rule"] + 'body = "DEMO-CB-SH"\n', "utf-8")
    done = check("own")
    assert (done.exit_code, done.stdout.count("\n")) == (0, 1)
    assert "2 files laid over" in done.stdout


def test_the_page_says_what_happens(here: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "own-schemes.md").read_text("utf-8")
    own = page.split("```toml\n")[1].split("```")[0]
    good, bad = (block.split("```")[0] for block in page.split("$ huren check own.toml\n")[1:])
    (here / "own.toml").write_text(own, "utf-8")
    done = check("own.toml")
    # How many there are of each changes with every version.
    assert re.sub(r"\d+", "N", done.stdout) == re.sub(r"\d+", "N", good)
    (here / "own.toml").write_text(own.replace('accepted_in = ["CN-SX"]', 'accepted_in = ["CN-XX"]'), "utf-8")
    assert check("own.toml").stdout == bad


def test_every_problem_is_told_at_once(here: Path) -> None:
    (here / "a.toml").write_text(PIECES["scheme"] + 'accepted_in = ["XX"]\nuses = "NONE"\n', "utf-8")
    (here / "b.toml").write_text(PIECES["rule"].replace('"A"', '"B"'), "utf-8")
    places = [line.split(": ")[0] for line, _, _ in told(check("a.toml", "b.toml"))]
    assert places == ["a.toml:1:uses", "a.toml:1:accepted_in", "b.toml:1:scheme"]


def test_a_path_that_is_not_there_is_refused() -> None:
    done = check("nowhere.toml")
    assert isinstance(done.exception, BadInput)
    assert "nowhere.toml" in done.exception.en


def broken(**changes: Any) -> Rule:
    return replace(GWP_SET, **changes)


@pytest.mark.parametrize(
    ("rules", "key", "reason"),
    [
        ((broken(clause=Clause(" ", "6.5.2")),), "clause", "no clause"),
        ((broken(says=Text("只有中文", "")),), "says", "both languages"),
        ((broken(fix=Text("", "only English")),), "fix", "both languages"),
        ((broken(outcomes=frozenset()),), "outcomes", "can find nothing"),
        ((broken(reads=("certificate.gwp",)),), "reads", "`certificate.gwp`"),
        ((broken(reads=("profile.gwp_sets", "target.scheme.colour")),), "reads", "`target.scheme.colour`"),
        ((broken(id="R13"),), "id", "R13"),
        ((broken(ends=date(2017, 1, 1)),), "ends", "before it begins"),
        ((GWP_SET, GWP_SET), "in_force", "together"),
        ((broken(ends=date(2026, 1, 1)), broken(edition="2", in_force=date(2026, 1, 1))), "in_force", "2"),
    ],
)
def test_a_rule_that_is_not_whole_is_refused(rules: tuple[Rule, ...], key: str, reason: str) -> None:
    [problem] = criteria.problems(rules, SPECIFIED)
    assert reason in problem.en
    assert problem.zh != problem.en
    assert problem.place is not None
    assert (problem.place.file, problem.place.column) == ("rules/gwp_set.py", key)


def test_editions_of_a_rule_may_follow_one_another() -> None:
    first = broken(ends=date(2025, 12, 31))
    assert not list(criteria.problems((first, broken(edition="2", in_force=date(2026, 1, 1))), SPECIFIED))


PURPOSES = purposes.shipped()
LABEL = '[[table]]\npurpose = "LABEL"\nsince = 2018-08-01\notherwise = "hard"\n'


@pytest.mark.parametrize(
    ("text", "key", "reason"),
    [
        (PURPOSES + LABEL, "since", "from this day"),
        (PURPOSES + LABEL.replace("2018", "2019") + 'hrad = ["R5"]\n', "hrad", "no key"),
        (PURPOSES.replace('otherwise = "soft"', 'otherwise = "firm"'), "otherwise", "not one of"),
        (PURPOSES.replace('soft = ["R5"]', 'soft = ["R7"]', 1), "soft", "`R7`"),
        (PURPOSES.replace('soft = ["R5"]', 'soft = ["R1"]', 1), "otherwise", "named 2 times"),
        (PURPOSES.replace('"EXPORT_FILING"', '"EXPORT"'), "purpose", "`EXPORT`"),
        (PURPOSES.replace("since = 2018-08-01", 'since = "soon"', 1), "since", "not a day"),
        (PURPOSES.replace(LABEL, ""), "purpose", "LABEL"),
        (PURPOSES.replace('soft = ["R5"]', "soft = 5", 1), "soft", "no list"),
        (PURPOSES.replace('purpose = "LABEL"', 'purpose = ["LABEL"]'), "purpose", "is no purpose"),
        (PURPOSES + '[[tabel]]\npurpose = "LABEL"\n', "tabel", "only [[table]]"),
        ("table = 3", "table", "only [[table]]"),
        ("", "", "only [[table]]"),
        ("[[table", "", "no TOML"),
    ],
)
def test_a_table_of_purposes_with_a_fault_is_refused(text: str, key: str, reason: str) -> None:
    found = list(purposes.problems(text))
    assert any(reason in p.en and key in str(p.place) for p in found), [(str(p.place), p.en) for p in found]
    assert all(
        p.place and p.place.file == "purposes.toml" and re.search("[\u4e00-\u9fff]", p.zh) for p in found
    )


def test_a_fault_in_a_table_of_purposes_is_placed_and_names_the_one_before() -> None:
    first = PURPOSES[: PURPOSES.index(LABEL)].count("\n") + 1
    [problem] = purposes.problems(PURPOSES + LABEL, "mine.toml")
    assert problem.place == Place("mine.toml", PURPOSES.count("\n") + 1, "since")
    assert f"line {first} has" in problem.en
    assert f"第 {first} 行" in problem.zh
    assert {p.place and p.place.file for p in purposes.problems("[[table", "mine.toml")} == {"mine.toml"}
    assert {str(p.place) for p in purposes.problems("table = 3", "mine.toml")} == {"mine.toml:table"}


def test_a_later_table_of_a_purpose_may_follow() -> None:
    assert not list(purposes.problems(PURPOSES + LABEL.replace("2018", "2030")))


def test_start_up_refuses_what_check_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same doors stand before serving: data, rules of recognition, purposes."""
    assert soundness.sound() is catalogue.catalogue()
    monkeypatch.setattr(soundness, "ALL", (*ALL, broken(clause=Clause(""))))
    with pytest.raises(BadInput, match="no clause"):
        soundness.sound()
    monkeypatch.setattr(soundness, "ALL", ALL)
    monkeypatch.setattr(purposes, "shipped", lambda: PURPOSES + LABEL)
    with pytest.raises(BadInput, match="from this day"):
        soundness.sound()


async def test_a_database_is_not_touched_with_unsound_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(soundness, "ALL", (*ALL, broken(clause=Clause(""))))
    with pytest.raises(BadInput, match="no clause"):
        await prepare(cast(Database, None))


@pytest.mark.parametrize("case", _DATA["case"], ids=lambda case: case["says"])
def test_start_up_refuses_bad_files(case: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    text = "".join(PIECES[name] for name in case.get("pieces", ())) + case["text"]
    monkeypatch.setattr(catalogue, "_shipped", lambda: iter([("bad.toml", text)]))
    catalogue.catalogue.cache_clear()
    try:
        with pytest.raises(BadInput) as refused:
            soundness.sound()
    finally:
        catalogue.catalogue.cache_clear()
    assert case["reason"] in refused.value.en
