"""What is proven of an answer is of its own chain, whatever else there is in the graph."""

from __future__ import annotations

from huren.graph.model.supply import GwpSet, Supply
from huren.graph.rollup import roll_up_within
from huren.graph.system import System
from huren.resolvers.footprints import accuracy


async def test_somebody_elses_credits_do_not_make_an_answer_unproven() -> None:
    rows = [("a/car", "a/steel", 3.0), ("b/egg", "b/hen", 3.0), ("b/hen", "b/egg", -1.0)]
    system = System.of(Supply.of(dict.fromkeys(("a/car", "a/steel", "b/egg", "b/hen"), 1.0), rows))
    assert not system.certificate(GwpSet.AR6).certified
    assert (await accuracy(roll_up_within(system, "a/car"))).certified
    assert not (await accuracy(roll_up_within(system, "b/egg"))).certified
