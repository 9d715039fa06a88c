"""The count of mutants: what is excused must be listed and must survive."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture
def tool(monkeypatch: pytest.MonkeyPatch) -> Mapping[str, Any]:
    monkeypatch.syspath_prepend(ROOT / "tools")
    return vars(importlib.import_module("mutation"))


def row(becomes: str, function: str = "huren.a.f") -> dict[str, str]:
    return {"function": function, "was": "x", "becomes": becomes, "because": "no difference"}


def test_what_no_test_noticed_counts_unless_it_is_listed(tool: Mapping[str, Any]) -> None:
    def mutant(becomes: str, code: int | None) -> Any:
        return tool["Mutant"](f"huren.a.x_f__mutmut_{becomes}", "huren.a.f", "x", becomes, code)

    killed = [mutant(str(n), code) for n, code in enumerate((1, 3, -24, 36))]
    alive = [mutant("alive", 0), mutant("no test", 33), mutant("never run", None)]
    done = tool["tally"]([*killed, *alive], [])
    assert (done.total, len(done.alive), len(done.excused), done.stale) == (7, 3, 0, ())
    assert done.score == pytest.approx(4 / 7)
    done = tool["tally"]([*killed, *alive], [row("alive"), row("no test"), row("never run")])
    assert (len(done.alive), len(done.excused), done.score) == (0, 3, 1.0)


def test_a_listed_mutant_that_is_noticed_is_said(tool: Mapping[str, Any]) -> None:
    noticed = tool["Mutant"]("huren.a.x_f__mutmut_1", "huren.a.f", "x", "y", 1)
    assert tool["tally"]([noticed], [row("y")]).stale == ("huren.a.f: x",)
    assert tool["tally"]([noticed], [row("y", "huren.b.g")]).stale == (), "of a module that was not run"


def test_nothing_run_is_no_success(tool: Mapping[str, Any]) -> None:
    assert tool["tally"]([], []).score == 0.0


def test_the_set_that_decides_is_there(tool: Mapping[str, Any]) -> None:
    for path in tool["configured"]()["only_mutate"]:
        assert (ROOT / path).is_file()
    for name in tool["configured"]()["pytest_add_cli_args_test_selection"]:
        assert (ROOT / name.partition("::")[0]).is_file()
    stems = [Path(path).stem for path in tool["configured"]()["only_mutate"]]
    assert len(set(stems)) == len(stems), "they are named by their stems"


def test_every_equivalent_mutant_has_its_reason_and_its_line(tool: Mapping[str, Any]) -> None:
    for found in tool["listed"]():
        assert set(found) == {"function", "was", "becomes", "because"}
        module = next(
            path
            for path in tool["configured"]()["only_mutate"]
            if found["function"].startswith(path.removeprefix("src/").removesuffix(".py").replace("/", "."))
        )
        text = (ROOT / module).read_text("utf-8")
        assert all(line.strip() in text for line in found["was"].splitlines()), found["was"]
