"""Which totals moved: the rule by itself, and the graph as it stood read again from the database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from huren.errors import BadInput
from huren.graph import products
from huren.graph.following import following
from huren.graph.model.supply import Emission, GwpSet, Input
from huren.graph.moved import Move, moved, totals
from huren.graph.past import last, past
from huren.graph.revision import utc_now
from huren.graph.snapshot.snapshot import Recipes
from huren.graph.supply import Snapshots
from huren.graph.system import System

if TYPE_CHECKING:
    from tests.graph.conftest import Corner

values = st.lists(st.tuples(*[st.none() | st.floats(-10, 10).map(lambda v: round(v, 2))] * 2), max_size=12)


@given(values, st.sampled_from([1e-9, 0.01, 0.5]))
def test_who_moved_is_who_the_rule_says(pairs: list[tuple[float | None, float | None]], least: float) -> None:
    """Told one by one; the largest share first."""
    before, after = (np.array([np.nan if p[k] is None else p[k] for p in pairs], np.float64) for k in (0, 1))
    wanted = {
        i
        for i, (old, new) in enumerate(pairs)
        if ((old is None) != (new is None))
        or (old is not None and new is not None and old != new and abs(new - old) >= least * abs(old))
    }
    found = moved(before, after, least).tolist()
    assert set(found) == wanted
    shares = [Move("", *pairs[i]).share for i in found]
    known = [abs(share) for share in shares if share is not None]
    assert known == sorted(known, reverse=True)
    assert all(share is not None for share in shares[len(shares) - len(known) :])


@pytest.mark.parametrize("share", [0.0, -1.0, float("nan"), float("inf"), 1e-12])
def test_a_share_that_says_nothing_is_refused(share: float) -> None:
    with pytest.raises(BadInput, match="atLeast"):
        moved(np.ones(1), np.ones(1), share)


async def test_the_graph_as_it_stood_is_read_again(corner: Corner) -> None:
    """At each revision what a reader of that time had; and solved from the present, what it had solved."""
    states = []
    for code, kg, needs in (("a", 1.0, ""), ("b", 2.0, "a"), ("c", 3.0, "b"), ("a", 4.0, ""), ("b", 5.0, "")):
        if corner.key(code) not in (await corner.snapshots.current()).products:
            await corner.do(products.register(corner.product(code)))
        await corner.do(products.put_inventory(corner.key(code), [Emission("CO2", kg)], []))
        if needs:
            rows = [Input(corner.key(needs), 0.5)]
            await corner.do(products.put_inputs(corner.snapshots, corner.key(code), rows))
        states.append((await Snapshots(corner.db).current(), await corner.pin(), utc_now()))
    system = await corner.snapshots.system()
    assert isinstance(system.supply.recipes, Recipes)
    for supply, pin, at in states:
        assert (await last(corner.db, pin.revision, utc_now())).revision == pin.revision
        assert (await last(corner.db, system.supply.revision, at)) == pin
        found = await past(corner.db, system.supply.recipes.snapshot, pin.revision)
        assert found.absent == system.supply.products.keys() - supply.products.keys()
        for key in supply.products:
            assert found.supply.products[key] == supply.products[key]
            assert found.supply.recipes[key] == supply.recipes[key]
        was, then = System.of(supply), following(system, found.supply)
        kg = totals(then, GwpSet.AR6, allow_partial=True)
        for key, value in zip(was.keys, totals(was, GwpSet.AR6, allow_partial=True).tolist(), strict=True):
            assert kg[then.at(key)] == pytest.approx(value, rel=1e-12)
    assert await corner.snapshots.current() == await Snapshots(corner.db).current()
    assert (await past(corner.db, system.supply.recipes.snapshot, 0)).absent == set(system.supply.products)
