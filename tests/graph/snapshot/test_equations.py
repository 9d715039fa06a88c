"""Equations compiled from columns are those compiled from objects, bit by bit; so are their refusals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from huren.errors import HurenError
from huren.graph.answer import PARTS, RollUp
from huren.graph.equations import Equations
from huren.graph.model.supply import Emission, Input, Prefer, Recipe, Supply, Unlinked
from huren.graph.rollup import roll_up_within
from huren.graph.snapshot.equations import equations_of
from huren.graph.snapshot.snapshot import Snapshot
from huren.graph.system import System
from huren.mappings.package import Importer, link, read
from tests.graph.snapshot.stated import Pairs, changed, columns, stated, supply

pytestmark = pytest.mark.slow

PACKAGES = Path(__file__).parents[3] / "src" / "huren" / "packages"
prefers = st.sampled_from(Prefer)


def outcome(work: Callable[[], Equations]) -> Equations | str:
    try:
        return work()
    except HurenError as error:
        return f"{type(error).__name__}: {error}"


def parts(found: Equations) -> dict[str, Any]:
    """All that there is to compare, by name."""
    needs = found.needs.copy()
    needs.sum_duplicates()
    told = {
        f"{name}.{one.name}": getattr(getattr(found, name), one.name)
        for name in ("marks", "regions", "gaps")
        for one in fields(getattr(found, name))
    }
    keys = list(found.keys)
    return told | {
        "keys": keys,
        "index": [found.index[key] for key in keys],
        "flows": found.flows,
        "own": found.own,
        "stated": found.stated,
        "needs": needs.toarray(),
        "late": found.late.toarray(),
        **{f"emitted.{one.name}": getattr(found.emitted, one.name) for one in fields(found.emitted)},
    }


def same(one: Any, other: Any) -> bool:
    if isinstance(one, np.ndarray):
        return np.array_equal(one, other, equal_nan=one.dtype.kind == "f")
    return list(one) == list(other)


def hold_equal(one: Equations | str, other: Equations | str) -> None:
    if isinstance(one, str) or isinstance(other, str):
        assert one == other
        return
    left, right = parts(one), parts(other)
    assert [name for name in left if not same(left[name], right[name])] == []


@given(stated, prefers)
def test_columns_and_objects_make_the_same_equations(pairs: Pairs, prefer: Prefer) -> None:
    plain = supply(pairs)
    hold_equal(
        outcome(lambda: equations_of(columns(plain), prefer)), outcome(lambda: Equations.of(plain, prefer))
    )


@given(st.lists(stated, min_size=1, max_size=5), prefers)
def test_so_do_those_that_followed_changes(changes: list[Pairs], prefer: Prefer) -> None:
    snapshot, every = Snapshot(), {}
    for pairs in changes:
        snapshot, every = changed(snapshot, pairs), every | pairs
    hold_equal(
        outcome(lambda: equations_of(snapshot, prefer)), outcome(lambda: Equations.of(supply(every), prefer))
    )


@pytest.mark.parametrize("block", [1, 7, 1_000])
def test_blocks_of_any_size_make_the_same_equations(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = shipped()
    monkeypatch.setattr("huren.graph.snapshot.equations._BLOCK", block)
    hold_equal(equations_of(columns(plain), Prefer.MODELLED), Equations.of(plain, Prefer.MODELLED))


BAD = {
    "gas": Recipe((), (Emission("CO2", 1.0), Emission("O2", 1.0))),
    "kg": Recipe((), (Emission("CO2", float("inf")),)),
    "amount": Recipe((Input("a/1", 1.0), Input("a/1", float("nan")))),
    "supplier": Recipe((Input("a/1", 1.0), Input("b/nobody", 2.0))),
    "unlinked": Recipe((), (), (Unlinked("oil", 1.0, "kg"), Unlinked("air", float("-inf"), "kg"))),
}


@pytest.mark.parametrize("recipe", BAD.values(), ids=BAD)
def test_what_cannot_be_is_refused_in_the_same_words(recipe: Recipe) -> None:
    good = Supply.of({"a/1": 1.0, "a/2": 2.0})
    bad = replace(good, recipes={**good.recipes, "a/2": recipe})
    said = outcome(lambda: equations_of(columns(bad), Prefer.MODELLED))
    assert isinstance(said, str)
    assert said == outcome(lambda: Equations.of(bad, Prefer.MODELLED))


def shipped() -> Supply:
    """The demonstration chain and USLCI, as one graph."""
    products, recipes = {}, {}
    for name in ("demo", "uslci"):
        folder = PACKAGES / name
        files = {str(f.relative_to(folder)): f.read_bytes() for f in folder.rglob("*") if f.is_file()}
        package, wrong = link(read(files, Importer("huren", administrator=True)), {})
        assert not wrong
        products |= package.products
        recipes |= package.recipes
    return Supply(products, recipes)


def test_the_shipped_graphs_are_the_same_in_columns() -> None:
    plain = shipped()
    kept = columns(plain)
    assert kept.supply() == plain
    for prefer in Prefer:
        hold_equal(equations_of(kept, prefer), Equations.of(plain, prefer))


def test_answers_are_the_same_from_columns() -> None:
    plain = shipped()
    one, other = System.of(plain), System.of(columns(plain).supply())
    for key in list(plain.products)[::29]:
        answers = [roll_up_within(system, key, allow_partial=True) for system in (one, other)]
        first, second = ([told(answer, part) for part in sorted(PARTS)] for answer in answers)
        assert first == second
        assert answers[0].paths(5) == answers[1].paths(5)


def told(answer: RollUp, part: str) -> object:
    """A part of an answer, as rows where it has any."""
    found = getattr(answer, part)
    return list(found) if isinstance(found, Sequence) else found
