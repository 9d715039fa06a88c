"""What S and T may hide, and how it changes: strategies for the worlds, and for what S does in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from hypothesis import strategies as st

from huren.graph import disputes, grants, releases
from huren.graph.model.access import EVERYONE, FieldClass
from huren.graph.model.dispute import Dispute
from huren.graph.model.supply import (
    NO_PROVENANCE,
    Declared,
    Emission,
    GwpSet,
    Input,
    Provenance,
    Recipe,
    Stage,
    Unlinked,
)
from huren.graph.model.text import Text
from huren.graph.writing import Effect
from tests.interference.cast import (
    HIDDEN_FACTS,
    HIDDEN_QUALITY,
    HIDDEN_RECIPES,
    Cast,
    Hidden,
    inventories,
    together,
)

Step = Callable[[Cast, int], Effect]
"""What somebody does in one world of an example, as its step of that number."""

# Loops are among them, through B's own car too, such as consume all they make, and gases without a factor.
SUPPLIERS = st.sampled_from(["t/iron", "t/pub", "s/hid", "s/steel", "s/slab", "s/alloy", "b/car", "b/part"])
STAGES = st.none() | st.sampled_from(Stage)
SPREADS = st.sampled_from([NO_PROVENANCE, Provenance("primary", "meter", 1.3), Provenance("secondary")])
INPUTS = st.builds(Input, SUPPLIERS, st.sampled_from([0.5, 1.0, 2.0, -0.5]), STAGES, SPREADS)
GASES = st.sampled_from(["CO2", "CH4", "CO2e", "phlogiston"])
EMISSIONS = st.builds(
    Emission, GASES, st.sampled_from([0.0, 1.0, 7.5, -2.0]), stage=STAGES, provenance=SPREADS
)
UNLINKED = st.builds(
    Unlinked, st.sampled_from(["water", "kaolin"]), st.sampled_from([1.0, 2.5]), st.just("kg")
)
DECLARED = st.builds(Declared, st.sampled_from([1.0, 42.0]), st.none() | st.sampled_from(GwpSet))
RECIPES = st.builds(
    Recipe,
    st.lists(INPUTS, max_size=3).map(tuple),
    st.lists(EMISSIONS, max_size=2).map(tuple),
    st.lists(UNLINKED, max_size=2).map(tuple),
    st.booleans(),
    st.none() | DECLARED,
)
QUALITY: dict[str, st.SearchStrategy[Any]] = {
    "site": st.sampled_from([None, "north", "south"]),
    "dqr_tech": st.sampled_from([None, 1.0, 4.5]),
    "traceability": st.sampled_from([None, "meter"]),
    "period_end": st.sampled_from([None, date(2025, 6, 30)]),
    "period_start": st.sampled_from([None, date(2025, 1, 1), date(2026, 1, 1)]),
}
NAMES: dict[str, st.SearchStrategy[Any]] = {
    "name": st.sampled_from([Text(en="secret alloy"), Text("秘方"), Text(en="car")]),
    "declared_unit": st.sampled_from(["kg", "t", "piece"]),
    "category": st.sampled_from([None, "steel", "cement"]),
    "region": st.sampled_from([None, "CN-HE", "CN-TJ"]),
    "unverified": st.booleans(),
}


def facts_of(name: str) -> st.SearchStrategy[Mapping[str, Any]]:
    """The facts of a product that are hidden."""
    if name in HIDDEN_FACTS:
        return st.fixed_dictionaries({**QUALITY, **NAMES})
    return st.fixed_dictionaries(QUALITY if name in HIDDEN_QUALITY else {})


HIDDEN = st.builds(
    Hidden,
    st.dictionaries(st.sampled_from(HIDDEN_RECIPES), RECIPES, max_size=5),
    st.fixed_dictionaries({}, optional={name: facts_of(name) for name in HIDDEN_QUALITY}),
    st.booleans(),
    st.lists(st.sampled_from(["1.00", "99.0"]), max_size=2).map(tuple),
)


@st.composite
def restating(draw: st.DrawFn) -> Step:
    """Another recipe and other facts of a product that is hidden, or at least its recipe is."""
    name = draw(st.sampled_from(HIDDEN_RECIPES))
    recipe, facts = draw(RECIPES), draw(facts_of(name))
    return lambda cast, at: inventories([cast.item(name, recipe, facts)])


@st.composite
def telling_others(draw: st.DrawFn) -> Step:
    """A release or a grant to somebody else."""
    name = draw(st.sampled_from(["s/steel", "s/slab", "s/alloy", "s/hid", "t/iron"]))
    kg = draw(st.sampled_from(["0.100", "55.0"]))
    if draw(st.booleans()):
        return lambda cast, at: releases.publish(cast.release(name, f"h{at}", kg, "c"))
    return lambda cast, at: grants.give(cast.grant(f"h{at}", "c", [name], *FieldClass))


@st.composite
def disputing(draw: st.DrawFn, *names: str) -> Step:
    """A dispute about what somebody released."""
    name = draw(st.sampled_from(names))
    return lambda cast, at: disputes.begin(
        Dispute(f"d{at}-{cast.number}", cast.key(name), cast.org("s"), "?", "")
    )


SECRET: st.SearchStrategy[Step] = (
    restating() | telling_others() | disputing("s/hid", "s/ghost") | st.just(lambda cast, at: together())
)
"""What S does without B learning of it; the last: nothing, but a write."""


@st.composite
def publishing(draw: st.DrawFn) -> Step:
    """A release that B sees."""
    name = draw(st.sampled_from(["s/steel", "s/slab", "t/pub"]))
    kg, audience = (
        draw(st.sampled_from(["11.0", "12.0"])),
        draw(st.sampled_from([("b",), (EVERYONE,), ("b", "k")])),
    )
    return lambda cast, at: releases.publish(cast.release(name, f"p{at}", kg, *audience))


@st.composite
def withdrawing(draw: st.DrawFn) -> Step:
    """The end of a release or grant that B saw."""
    id = draw(st.sampled_from(["r1", "r2", "r4", "g1", "g2"]))
    end = grants.withdraw if id[0] == "g" else releases.withdraw
    return lambda cast, at: end(f"{id}-{cast.number}")


@st.composite
def granting(draw: st.DrawFn) -> Step:
    """A grant that B learns of, of nothing that the worlds differ in."""
    name, fields = draw(st.sampled_from([("s/alloy", [FieldClass.IDENTITY]), ("s/open", list(FieldClass))]))
    return lambda cast, at: grants.give(cast.grant(f"p{at}", "b", [name], *fields))


OPEN: st.SearchStrategy[Step] = publishing() | withdrawing() | granting() | disputing("s/steel", "s/slab")
"""What S does before B's eyes, the same in both worlds."""
