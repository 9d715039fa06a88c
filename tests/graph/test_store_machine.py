"""The stores against a dictionary: whatever is written in whatever order, every read must agree."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any, TypeVar
from uuid import uuid4

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from huren.errors import Conflict, ConsumingLoop, NotFound
from huren.graph import certificates, certifying, products, reference
from huren.graph.connect import connect
from huren.graph.database import Address, Database
from huren.graph.model.certificate import Certificate
from huren.graph.model.certificate import CertificateState as State
from huren.graph.model.dated import StatusEvent
from huren.graph.model.supply import (
    GATE,
    Declared,
    Emission,
    GwpSet,
    Input,
    Origin,
    Product,
    Provenance,
    Recipe,
    Stage,
    Unlinked,
)
from huren.graph.model.text import Text
from huren.graph.products import ProductFilter
from huren.graph.revision import Pin, pin
from huren.graph.status import MAY_FOLLOW
from huren.graph.supply import Snapshots
from huren.graph.writing import Answer, Effect, Write, write_once
from tests.graph.test_organisations import USCC

T = TypeVar("T")

CODES = st.sampled_from(["a", "b", "c", "d"])
NUMBERS = st.sampled_from(["N1", "N2"])
# Such amounts cannot multiply to a loop that is just not, or just, consuming all it makes.
AMOUNTS = st.sampled_from([-0.3, 0.0, 0.31, 0.73, 1.7])
KILOGRAMS = st.floats(-1e6, 1e6)
STAGES = st.none() | st.sampled_from(list(Stage))
WORDS = st.none() | st.sampled_from(["primary", "电表 7", "'; MATCH (n) //"])
PROVENANCES = st.builds(Provenance, WORDS, WORDS, st.none() | st.floats(1.0, 9.0))
EMISSIONS = st.builds(
    Emission,
    st.sampled_from(["CO2", "CH4", "CO2e"]),
    KILOGRAMS,
    st.sampled_from(list(Origin)),
    STAGES,
    st.none() | st.sampled_from(list(GwpSet)),
    PROVENANCES,
)
UNLINKED = st.builds(Unlinked, st.sampled_from(["water", "螺丝"]), KILOGRAMS, st.sampled_from(["kg", "m3"]))
DECLARED = st.none() | st.builds(Declared, KILOGRAMS, st.none() | st.sampled_from(list(GwpSet)))
DAY = date(2026, 1, 1)


def order(row: Input) -> tuple[Any, ...]:
    """The order in which inputs are read: by supplier, stage, amount."""
    return (
        row.supplier,
        row.stage or "",
        row.amount,
        row.provenance.data_kind or "",
        row.provenance.source or "",
    )


def radius(recipes: dict[str, Recipe]) -> float:
    """The spectral radius of all that products need of one another up to the gate."""
    keys = sorted(recipes)
    needs = np.zeros((len(keys), len(keys)))
    for key, recipe in recipes.items():
        for row in recipe.inputs:
            if row.stage is None or row.stage in GATE:
                needs[keys.index(key), keys.index(row.supplier)] += row.amount
    return float(np.abs(np.linalg.eigvals(needs)).max(initial=0.0))


@dataclass
class Model:
    """What should be in the graph: recipes by product key, events by certificate number."""

    recipes: dict[str, Recipe] = field(default_factory=dict)
    events: dict[str, list[tuple[State, int]]] = field(default_factory=dict)


class StoreMachine(RuleBasedStateMachine):
    """Writes at random, good ones and bad ones, against the server and the model."""

    address: Address

    @initialize()
    def begin(self) -> None:
        self.runner = asyncio.Runner()
        self.db = self.run(Database.open(self.address))
        self.org = f"org-{uuid4().hex[:12]}"
        self.follower = Snapshots(self.db)
        self.model = Model()
        self.earlier: list[tuple[Pin, Model]] = []
        self.last: tuple[Write, Effect, Answer] | None = None
        scheme = reference.Record("scheme", "S", {"id": "S", "name": {"en": "S"}})
        self.run(reference.load(self.db, [scheme]))

    def teardown(self) -> None:
        if hasattr(self, "db"):
            whole = self.run(Snapshots(self.db).current())
            assert self.run(self.follower.current()) == whole
            self.run(self.db.close())
            self.runner.close()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    def do(self, effect: Effect, refused: type[Exception] | None = None) -> None:
        """Take ``effect``; it must be refused with the error named, and then change nothing."""
        write = Write(self.org, "tester", uuid4().hex, "test", {})
        before = self.run(pin(self.db))
        if refused:
            with pytest.raises(refused):
                self.run(write_once(self.db, write, effect))
            assert self.run(pin(self.db)) == before
        else:
            self.last = write, effect, self.run(write_once(self.db, write, effect))
            assert self.last[2].revision == before.revision + 1

    def key(self, code: str) -> str:
        return f"{self.org}/{code}"

    @rule(code=CODES)
    def register(self, code: str) -> None:
        key = self.key(code)
        product = Product(self.org, code, Text(en=code), "kg")
        self.do(products.register(product), Conflict if key in self.model.recipes else None)
        self.model.recipes.setdefault(key, Recipe())

    @rule(code=CODES, data=st.data())
    def put_inputs(self, code: str, data: st.DataObject) -> None:
        rows = st.builds(Input, CODES.map(self.key), AMOUNTS, STAGES, PROVENANCES)
        inputs = data.draw(st.lists(rows, max_size=3))
        self.do(*self._expected(self.key(code), inputs))

    def _expected(self, key: str, inputs: list[Input]) -> tuple[Effect, type[Exception] | None]:
        effect = products.put_inputs(self.follower, key, inputs)
        if not {key, *(row.supplier for row in inputs)} <= set(self.model.recipes):
            return effect, NotFound
        recipe = replace(self.model.recipes[key], inputs=tuple(sorted(inputs, key=order)))
        changed = self.model.recipes | {key: recipe}
        negative = any(row.amount < 0 for other in changed.values() for row in other.inputs)
        assume(not negative or radius(changed) < 0.99)
        if not negative and radius(changed) >= 1:
            return effect, ConsumingLoop
        self.model.recipes = changed
        return effect, None

    @rule(
        code=CODES,
        emissions=st.lists(EMISSIONS, max_size=3),
        unlinked=st.lists(UNLINKED, max_size=2),
        declared=DECLARED,
    )
    def put_inventory(
        self, code: str, emissions: list[Emission], unlinked: list[Unlinked], declared: Declared | None
    ) -> None:
        key = self.key(code)
        effect = products.put_inventory(key, emissions, unlinked, declared)
        self.do(effect, None if key in self.model.recipes else NotFound)
        if key in self.model.recipes:
            inputs = self.model.recipes[key].inputs
            self.model.recipes[key] = Recipe(inputs, tuple(emissions), tuple(unlinked), True, declared)

    @rule(number=NUMBERS, code=CODES)
    def certify(self, number: str, code: str) -> None:
        name = f"{self.org}-{number}"
        issued = Certificate(name, USCC, "S", product=self.key(code), issued=DAY)
        refused: type[Exception] | None = Conflict if name in self.model.events else None
        if self.key(code) not in self.model.recipes and not refused:
            refused = NotFound
        self.do(certifying.register(issued), refused)
        if not refused:
            self.model.events[name] = [(State.VALID, 0)]

    @rule(number=NUMBERS, state=st.sampled_from(list(State)), later=st.integers(0, 9))
    def change(self, number: str, state: State, later: int) -> None:
        name = f"{self.org}-{number}"
        told = self.model.events.get(name, [])
        day = later + max((day for _, day in told), default=0)
        effect = certifying.record_status(name, StatusEvent(state, DAY + timedelta(days=day)))
        if not told:
            self.do(effect, NotFound)
        elif state not in MAY_FOLLOW[told[-1][0]]:
            self.do(effect, Conflict)
        else:
            self.do(effect)
            told.append((state, day))

    @precondition(lambda self: self.last is not None)
    @rule()
    def repeat(self) -> None:
        assert self.last
        write, effect, first = self.last
        assert self.run(write_once(self.db, write, effect)) == replace(first, repeated=True)

    @rule()
    def remember(self) -> None:
        model = Model(dict(self.model.recipes), {n: list(told) for n, told in self.model.events.items()})
        self.earlier.append((self.run(pin(self.db)), model))

    @invariant()
    def agrees_now(self) -> None:
        supply = self.run(self.follower.current())
        mine = {key: recipe for key, recipe in supply.recipes.items() if key.startswith(f"{self.org}/")}
        assert mine == self.model.recipes
        self.agrees(self.run(pin(self.db)), self.model)

    @invariant()
    def agrees_then(self) -> None:
        for found, model in self.earlier[-2:]:
            self.agrees(found, model)

    def agrees(self, found: Pin, model: Model) -> None:
        """Every read at a pin must say what the model said then."""
        keys = [self.key(code) for code in "abcd"]
        assert self.run(products.recipes_of(self.db, found, keys)) == model.recipes
        where = ProductFilter(owner=self.org)
        page = self.run(products.page(self.db, found, where, 10))
        assert [product.key for product in page.products] == sorted(model.recipes)
        names = [f"{self.org}-N1", f"{self.org}-N2"]
        told = self.run(certificates.get_many(self.db, found, names))
        assert {n: [(e.state, e.valid_from) for e in one.events] for n, one in told.items()} == {
            n: [(state, DAY + timedelta(days=day)) for state, day in events]
            for n, events in model.events.items()
        }


def test_the_stores_agree_with_a_dictionary(address: Address) -> None:
    async def migrated() -> None:
        async with connect(address):
            pass

    asyncio.run(migrated())
    machine = type("StoreMachineHere", (StoreMachine,), {"address": address})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=20,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
