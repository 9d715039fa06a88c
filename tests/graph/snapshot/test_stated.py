"""Rows taken from columns are those taken from objects, to the last bit."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from huren.errors import HurenError
from huren.graph.model.supply import GwpSet, Prefer, Supply
from huren.graph.root import Root
from huren.graph.snapshot.equations import Positions
from huren.graph.system import System
from huren.graph.uncertainty.parameters import Parameters
from tests.graph.snapshot.stated import Pairs, columns, stated, supply
from tests.graph.spreads import supplies

pytestmark = pytest.mark.slow

COLUMNS = [field.name for field in fields(Parameters) if field.name not in {"system", "gwp", "roots"}]


def same(one: Supply, prefer: Prefer, gwp: GwpSet) -> None:
    """Both ways, of every product as the root."""
    try:
        objects = System.of(one, prefer)
    except HurenError:
        assume(False)
    kept = System.of(columns(one).supply(), prefer)
    assert isinstance(kept.index, Positions)
    assert not isinstance(objects.index, Positions)
    for key in one.products:
        found, wanted = (Parameters.of(s, [Root.of(s, s.at(key))], gwp) for s in (kept, objects))
        assert found.roots == wanted.roots
        for name in (
            field.name for field in fields(Parameters) if field.name not in {"system", "gwp", "roots"}
        ):
            ours, theirs = getattr(found, name), getattr(wanted, name)
            assert np.array_equal(ours, theirs, equal_nan=ours.dtype.kind == "f"), name
        assert [found.row(at) for at in range(len(found.value))] == [
            wanted.row(at) for at in range(len(wanted.value))
        ]


@given(stated, st.sampled_from(Prefer), st.sampled_from(GwpSet))
def test_of_products_of_every_kind(pairs: Pairs, prefer: Prefer, gwp: GwpSet) -> None:
    for _ in range(len(pairs)):  # without those that need what is not there
        pairs = {key: pair for key, pair in pairs.items() if all(r.supplier in pairs for r in pair[1].inputs)}
    assume(pairs)
    with np.errstate(all="ignore"):
        same(supply(pairs), prefer, gwp)


@given(supplies(), st.sampled_from(GwpSet))
def test_of_chains_with_loops_late_stages_and_spreads(one: Supply, gwp: GwpSet) -> None:
    same(one, Prefer.MODELLED, gwp)
