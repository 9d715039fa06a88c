"""A system that followed changes equals one compiled anew: in its arrays, its answers and its refusals."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from huren.errors import HurenError
from huren.graph import following as module
from huren.graph.answer import PARTS
from huren.graph.following import following
from huren.graph.model.rollup import Contributions
from huren.graph.model.supply import (
    Declared,
    Emission,
    GwpSet,
    Input,
    Origin,
    Prefer,
    Product,
    Recipe,
    Stage,
    Supply,
    Unlinked,
)
from huren.graph.model.text import Text
from huren.graph.network.plain import matrix_of
from huren.graph.rollup import roll_up_within
from huren.graph.snapshot.snapshot import Snapshot
from huren.graph.system import System
from huren.graph.totals import Totals, consumers, primary_shares
from tests.graph.snapshot.stated import Pairs, changed, columns

pytestmark = pytest.mark.slow

SIZE = 6
keys = st.sampled_from([f"o/{i}" for i in range(SIZE)])
stages = st.none() | st.sampled_from([Stage.PRODUCTION, Stage.USE])
amounts = st.sampled_from([-0.5, 0.0, 0.1, 0.25, 0.5, 1.0, 2.0])
inputs = st.lists(st.builds(Input, keys, amounts, stages), max_size=3).map(tuple)
gases = st.sampled_from(["CO2", "CH4"] * 9 + ["O2"])
kilograms = st.floats(-3, 3).map(lambda kg: round(kg, 2))
emissions = st.lists(st.builds(Emission, gases, kilograms, st.just(Origin.FOSSIL), stages), max_size=2)
totals = st.builds(Declared, kilograms, st.just(GwpSet.AR6), st.booleans())
unlinked = st.lists(
    st.builds(Unlinked, st.sampled_from("ab"), st.sampled_from([0.5, 1.0]), st.just("kg")), max_size=2
)
recipes = st.builds(
    Recipe, inputs, emissions.map(tuple), unlinked.map(tuple), st.booleans(), st.none() | st.none() | totals
)
facts = st.tuples(st.sampled_from(["CN-BJ", "CN-TJ", None]), st.booleans())
FLOWS = tuple(Emission(gas, 0.0, Origin.FOSSIL) for gas in ("CO2", "CH4"))
FLOOR = Recipe((), (*FLOWS, Emission("CO2e", 1.0, gwp_set=GwpSet.AR6)), unlinked_stated=True)


def stated(key: str, recipe: Recipe, facts: tuple[str | None, bool] = (None, False)) -> Pairs:
    owner, _, code = key.partition("/")
    region, unverified = facts
    return {key: (Product(owner, code, Text(), "kg", region=region, unverified=unverified), recipe)}


changes = st.lists(st.tuples(keys, recipes, facts), min_size=1, max_size=2).map(
    lambda rows: {k: v for row in rows for k, v in stated(*row).items()}
)


@pytest.fixture(params=["plain", "fast"], scope="module", autouse=True)
def engine(request: pytest.FixtureRequest) -> Iterator[None]:
    """All of it by numpy and scipy, and by the kernels of large graphs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("huren.graph.network.engine.LARGE", 0 if request.param == "fast" else 10**9)
        yield


def start(pairs: Pairs) -> Snapshot:
    """A product that states every flow there is, and the others, with nothing known or as given."""
    every = stated("o/floor", FLOOR)
    for i in range(SIZE):
        every |= stated(f"o/{i}", Recipe())
    every |= pairs
    return columns(Supply({k: p for k, (p, _) in every.items()}, {k: r for k, (_, r) in every.items()}))


def outcome(work: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    try:
        return work(*args, **kwargs)
    except HurenError as error:
        return f"{type(error).__name__}: {error}"


def near(one: Any, other: Any) -> bool:
    """Equal, numbers to rounding; shares and residuals are not looked at, for they may be of nothing."""
    if isinstance(one, float | np.ndarray):
        return bool(np.allclose(one, other, rtol=1e-9, atol=1e-9, equal_nan=True))
    if isinstance(one, Contributions):
        return near(*({part.product: part.value for part in each} for each in (one, other)))
    if is_dataclass(one):
        names = [f.name for f in fields(one) if f.compare and f.name not in {"share", "residual"}]
        return type(one) is type(other) and all(near(getattr(one, n), getattr(other, n)) for n in names)
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(near(value, other[key]) for key, value in one.items())
    if isinstance(one, tuple):
        pairs = zip(*(sorted(each, key=_name) for each in (one, other)), strict=False)
        return len(one) == len(other) and all(near(*pair) for pair in pairs)
    return bool(one == other)


def _name(part: Any) -> str:
    """All of a part that is no number: lists come by size, and equal sizes in any order."""
    return str(
        [v for f in fields(part) if not isinstance(v := getattr(part, f.name), float)]
        if is_dataclass(part)
        else part
    )


def told(system: System) -> dict[str, Any]:
    """Every answer and array of a system."""
    size = len(system.keys)
    found = {
        "keys": tuple(system.keys),
        "index": {key: system.index[key] for key in system.keys},
        "flows": str(system.flows),
        "needs": matrix_of(system.network.needs).toarray(),
        "credit loops": system.credits,
        "consuming": str([members.tolist() for members in system.network.consuming()]),
        "late": system.late.toarray(),
        "own": system.own,
        "x": system.x,
        "certified": [system.certificate(gwp).certified for gwp in GwpSet],
        "primary": primary_shares(system, GwpSet.AR6),
        "consumers": consumers(system, np.arange(size) == size // 2),
        "unlinked": str(tuple(system.gaps.rows)),
    }
    for part in (system.emitted, system.marks, system.gaps, Totals.of(system)):
        found |= {
            f"{type(part).__name__} {f.name}": value
            for f in fields(part)
            if isinstance(value := getattr(part, f.name), np.ndarray)
        }
    regions = system.regions
    found["regions"] = str([regions.names[code] for code in regions.of_product.tolist()])
    return found | {
        f"{key} {partial}": outcome(answers, system, key, partial)
        for key in system.keys
        for partial in (False, True)
    }


def answers(system: System, key: str, partial: bool) -> dict[str, Any]:
    """All that a roll-up tells."""
    answer = roll_up_within(system, key, allow_partial=partial)
    return {name: getattr(answer, name) for name in PARTS | {"total", "total_including_biogenic"}}


def hold_equal(one: System | str, other: System | str) -> None:
    if isinstance(one, str) or isinstance(other, str):
        assert one == other
        return
    left, right = told(one), told(other)
    assert [name for name in left if not near(left[name], right[name])] == []


@given(changes, st.lists(changes, min_size=1, max_size=5), st.sampled_from(Prefer))
def test_following_changes_gives_what_compiling_anew_gives(
    first: Pairs, later: list[Pairs], prefer: Prefer
) -> None:
    snapshot = start(first)
    system = outcome(System.of, snapshot.supply(), prefer)
    for pairs in later:
        snapshot = changed(snapshot, pairs)
        whole = outcome(System.of, snapshot.supply(), prefer)
        if isinstance(system, System):
            followed = outcome(following, system, snapshot.supply())
            hold_equal(followed, whole)
            system = followed
        else:
            system = whole


@given(changes, st.lists(changes, min_size=1, max_size=5))
def test_who_holds_an_earlier_system_sees_nothing_of_it(first: Pairs, later: list[Pairs]) -> None:
    """Not even where two follow from the same one."""
    snapshot = start(first)
    system = outcome(System.of, snapshot.supply())
    if isinstance(system, str):
        return
    before = told(system)
    twigs = [(system, snapshot), (system, snapshot)]
    for turn, pairs in enumerate(later):
        mine, shot = twigs[turn % 2]
        shot = changed(shot, pairs)
        new = outcome(following, mine, shot.supply())
        if isinstance(new, System):
            twigs[turn % 2] = new, shot
    after = told(system)
    assert [name for name in before if not near(before[name], after[name])] == []
    for new, shot in twigs:
        hold_equal(new, System.of(shot.supply()))


RESTATED = {
    "emissions": Recipe((Input("o/2", 0.5),), (Emission("CO2", 7.0, Origin.FOSSIL),)),
    "amount": Recipe((Input("o/2", 0.25),), (Emission("CO2", 1.0, Origin.FOSSIL),)),
    "supplier": Recipe((Input("o/3", 0.5), Input("o/4", 0.1)), (Emission("CO2", 1.0, Origin.FOSSIL),)),
    "a loop": Recipe((Input("o/0", 0.5),), (Emission("CO2", 1.0, Origin.FOSSIL),)),
    "withdrawn": Recipe(),
    "declared": Recipe(declared=Declared(3.0, GwpSet.AR6)),
    "after the gate": Recipe(
        (Input("o/2", 0.5, Stage.USE),), (Emission("CO2", 1.0, stage=Stage.USE, origin=Origin.FOSSIL),)
    ),
}


@pytest.mark.parametrize("recipe", RESTATED.values(), ids=RESTATED)
def test_only_what_changed_is_compiled(recipe: Recipe, monkeypatch: pytest.MonkeyPatch) -> None:
    needs = Recipe((Input("o/1", 0.5),), (Emission("CO2", 1.0, Origin.FOSSIL),))
    before = Recipe((Input("o/2", 0.75),), (Emission("CO2", 1.0, Origin.FOSSIL),))
    snapshot = start(stated("o/0", needs) | stated("o/1", before) | stated("o/2", FLOOR))
    system = System.of(snapshot.supply())
    after = changed(snapshot, stated("o/1", recipe))
    whole = System.of(after.supply())
    monkeypatch.setattr(module.System, "of", None)
    followed = following(system, after.supply())
    monkeypatch.undo()
    hold_equal(followed, whole)
    assert followed.x[followed.at("o/0")].tolist() != system.x[system.at("o/0")].tolist()


def test_what_came_or_was_packed_is_compiled_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """A product, a flow, a snapshot whose rows were packed: none is followed, and all come out right."""
    monkeypatch.setattr("huren.graph.snapshot.snapshot._FEW", 2)
    snapshot = start({})
    system = System.of(snapshot.supply())
    steps = [
        stated("o/new", FLOOR),
        stated("o/1", Recipe((), (Emission("SF6", 1.0),))),
        *[stated("o/2", Recipe((), (Emission("CO2", float(i), Origin.FOSSIL),))) for i in range(9)],
    ]
    lines = {snapshot.line}
    for pairs in steps:
        snapshot = changed(snapshot, pairs)
        lines.add(snapshot.line)
        system = following(system, snapshot.supply())
        hold_equal(system, System.of(snapshot.supply()))
    assert len(lines) > 1


def test_following_on_and_on_stays_exact() -> None:
    snapshot = start({k: v for i in range(SIZE) for k, v in stated(f"o/{i}", FLOOR).items()})
    system, chance, line = System.of(snapshot.supply()), np.random.default_rng(7), snapshot.line
    for _ in range(200):
        one, other = chance.integers(0, SIZE, 2).tolist()
        rows = tuple(Input(f"o/{(one + k) % SIZE}", round(chance.random() / 4, 3)) for k in range(other % 3))
        recipe = Recipe(rows, (Emission("CO2", chance.random(), Origin.FOSSIL),), unlinked_stated=True)
        snapshot = changed(snapshot, stated(f"o/{one}", recipe))
        system = following(system, snapshot.supply())
    whole = System.of(snapshot.supply())
    assert snapshot.line is line
    np.testing.assert_allclose(system.x, whole.x, rtol=1e-12)
    hold_equal(system, whole)
