"""The test of the test: each leak that is planted shows, in two small worlds, by one request.

The same requests before the real code show nothing; some of them once did.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from huren.errors import Forbidden, NotFound
from huren.graph import products as stored
from huren.graph import releases
from huren.graph.model.access import FieldClass
from huren.graph.model.supply import Declared, Emission, Input, Prefer, Product, Recipe, Supply
from huren.graph.model.text import Text
from huren.graph.rollup import roll_up
from huren.graph.system import System
from huren.graph.visible import EVERYTHING, Visible
from huren.resolvers import products, quality, registering
from huren.resolvers.context import Context
from huren.resolvers.sight import Sight
from tests.interference import questions, statements
from tests.interference.cast import Cast, Hidden, inventories
from tests.interference.conftest import Both
from tests.interference.questions import Asked, Org, Ref
from tests.interference.test_noninterference import NUMBERS, with_key

HEAVY = Recipe((Input("t/iron", 2.0),), (Emission("CO2", 70.0),), (), True)
LOOP = Recipe((Input("b/car", 2.0),), (), (), True)
PUT_INPUTS = stored.put_inputs
EVERY = Visible(everything=True)


def rolled(name: str) -> Asked:
    options = {"a": None, "u": None, "g": "AR6", "f": "MODELLED", "x": True}
    return Asked(questions.ROLL, {"p": Ref(name), **options})


LIST = Asked(questions.MANY, {"n": 10, "a": None, "f": {"owner": Org("s")}})
NAMED = Asked(questions.ONE, {"p": Ref("s/ghost")})
WORTH = Asked(questions.WORTH, {"p": Ref("b/car"), "f": "MODELLED", "d": None})
RESTING = Asked(questions.RESTING, {"p": Ref("s/steel"), "f": "MODELLED", "o": False})
MOVED = Asked(questions.MOVED, {"r": "0", "s": None, "o": None, "l": "0.01", "f": "MODELLED", "x": True})
NEEDED = Asked(
    statements.INPUTS,
    {
        "i": {
            "idempotencyKey": "*",
            "product": Ref("b/car"),
            "inputs": [{"supplier": Ref("s/steel"), "amount": "1"}],
        }
    },
)
CERTIFIED = Asked(
    statements.CERTIFY,
    {
        "i": {
            "idempotencyKey": "*",
            "certificate": {
                "number": "MARK",
                "holder": Org("b"),
                "scheme": "CN-CFP",
                "product": Ref("s/steel"),
            },
        }
    },
)


async def uncut(_: Sight, supply: Supply, roots: Iterable[str]) -> Supply:
    return supply


def live(_: Sight, supply: Supply, product: Product) -> Recipe:
    return Recipe(declared=Declared(roll_up(supply, product.key, allow_partial=True).total))


def unmasked(seen: Sight, product: Product) -> Product | None:
    return product if seen.sees(product, FieldClass.IDENTITY) else None


def whole_graph(*args: Any) -> Any:
    return PUT_INPUTS(*args[:3])


async def whole_chain(_: Sight, supply: Supply, keys: Sequence[str], prefer: Prefer) -> System:
    return System.of(supply, prefer, keys)


async def told_apart(ctx: Context, ref: str) -> Product:
    """Forbidden where it is there, not found where it is not."""
    seen = await ctx.sight()
    found = await stored.find(ctx.database, seen.pin, ref, EVERYTHING)
    try:
        return await stored.find(ctx.database, seen.pin, found.key, seen.visible())
    except NotFound:
        raise Forbidden("it is not yours", "无权查看", fix="", fix_zh="") from None


@dataclass(frozen=True, slots=True)
class Leak:
    """What is put in place of the real code, the left world, and the request to which it shows."""

    place: Any
    name: str
    instead: Callable[..., Any]
    left: Hidden
    asked: Asked


LEAKS = {
    "roll-ups on the live graph": Leak(Sight, "cut", uncut, Hidden({"s/steel": HEAVY}), rolled("s/steel")),
    "the live total for a release": Leak(
        Sight, "recipe", live, Hidden({"s/steel": HEAVY}), rolled("s/steel")
    ),
    "loops sought in the whole graph": Leak(
        registering.products, "put_inputs", whole_graph, Hidden({"s/steel": LOOP}), NEEDED
    ),
    "a count without the filter": Leak(Sight, "visible", lambda _: EVERY, Hidden(ghost=True), LIST),
    "quality not masked": Leak(
        Sight, "mask", unmasked, Hidden(facts={"s/alloy": {"site": "x"}}), rolled("s/alloy")
    ),
    "traceability not masked": Leak(
        Sight, "mask", unmasked, Hidden(facts={"s/alloy": {"traceability": "meter"}}), WORTH
    ),
    "dependants in the whole graph": Leak(quality, "_cut", whole_chain, Hidden({"s/steel": HEAVY}), RESTING),
    "moves of the live graph": Leak(Sight, "cut", uncut, Hidden({"s/steel": HEAVY}), MOVED),
    "forbidden, not absent": Leak(products, "find", told_apart, Hidden(ghost=True), NAMED),
}


async def differ(both: Both, cast: Cast, asked: Asked) -> bool:
    left, right = await both.twins.ask(cast.org("b"), asked.query, with_key(asked.resolved(cast), "k"))
    assert left.status == right.status == 200
    assert "LIMIT" not in left.body
    return left != right


def begun(both: Both, left: Hidden, right: Hidden) -> Cast:
    cast = Cast(next(NUMBERS))
    both.run(both.twins.level)
    both.run(both.twins.write, (cast.opening(left), cast.opening(right)))
    return cast


@pytest.mark.parametrize("name", LEAKS)
def test_a_planted_leak_shows_and_the_real_code_has_none(
    both: Both, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    leak = LEAKS[name]
    assert not both.run(differ, both, begun(both, leak.left, Hidden()), leak.asked)
    cast = begun(both, leak.left, Hidden())
    monkeypatch.setattr(leak.place, leak.name, leak.instead)
    assert both.run(differ, both, cast, leak.asked), name


def test_the_public_page_of_a_mark_does_not_name_what_its_owner_hides(both: Both) -> None:
    """B certifies what S released to it; then S takes that back, and renames its product."""
    cast = begun(both, Hidden(), Hidden())
    assert not both.run(differ, both, cast, numbered(CERTIFIED, cast))
    both.run(both.twins.write, [releases.withdraw(f"r1-{cast.number}")] * 2)
    renamed = cast.product("s/steel", {"name": Text(en="Wolfram")}), Recipe()
    both.run(both.twins.write, (inventories([renamed]), inventories([cast.item("s/steel", Recipe(), {})])))
    left, right = both.run(both.twins.send, "GET", f"/mark/MARK{cast.number}")
    assert (left.status, left) == (200, right)
    assert "Wolfram" not in left.body


def numbered(asked: Asked, cast: Cast) -> Asked:
    certificate = {**asked.variables["i"]["certificate"], "number": f"MARK{cast.number}"}
    return Asked(asked.query, {"i": {**asked.variables["i"], "certificate": certificate}})
