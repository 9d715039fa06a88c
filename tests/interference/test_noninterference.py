"""Two worlds that differ in what S hides from B are one world to B (reliability.md, row 10).

Out of scope, and said so in docs: how many writes there were (the revision is a public counter), how long an
answer takes (measured here, not asserted), and what follows from the released numbers themselves.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import count
from statistics import median
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from huren.auth.scopes import MEMBER_SCOPES
from huren.errors import HurenError
from tests.interference import questions, statements
from tests.interference.cast import Cast, Hidden
from tests.interference.conftest import Both
from tests.interference.hiding import HIDDEN, OPEN, SECRET, Step
from tests.interference.questions import MANY, Asked
from tests.interference.twins import difference
from tests.mappings.packages import package

NUMBERS = count(1)
SWEEP = 10
"""Examples after which both databases are swept, so that no list grows without end."""
TOLD = 100
"""Examples after which it says how far it is."""

SCOPES = st.sampled_from(
    [MEMBER_SCOPES, MEMBER_SCOPES, MEMBER_SCOPES - {"footprint:read"}, frozenset({"query:adhoc"})]
)
BODIES = st.sampled_from([
    b"", b"{", b"[]", b'{"query": 1}', b'{"query": "{"}',
    b'{"query": "{ product(id: \\"s/hid\\") { nothing } }"}',
    b'{"query": "{ node(id: \\"UHJvZHVjdDo=\\") { id } }", "variables": []}', b"\xff",
])  # fmt: skip
PATHS = st.sampled_from(
    ["/mark/C1-{n}", "/mark/C2-{n}", "/mark/s{n}", "/livez", "/readyz", "/.well-known/none"]
)


class Worlds(RuleBasedStateMachine):
    """B's requests, and what S does between them."""

    both: ClassVar[Both]
    requests: ClassVar[int] = 0
    steps: ClassVar[int] = 0

    @initialize(left=HIDDEN, right=HIDDEN, country=st.sampled_from(["CN", "CN", "CN", "DE", None]))
    def begin(self, left: Hidden, right: Hidden, country: str | None) -> None:
        """Two worlds that differ in what is hidden."""
        self.cast, self.at, self.cursor = Cast(next(NUMBERS), country), 0, None
        if self.cast.number % SWEEP == 0:
            self.both.run(self.both.twins.reset)
        if self.cast.number % TOLD == 0:
            print(f"\n{self.steps} steps, {self.requests} requests so far", flush=True)
        self.write(self.cast.opening(left), self.cast.opening(right))

    def write(self, *effects: Any) -> None:
        try:
            self.both.run(self.both.twins.write, effects)
        except HurenError:
            self.both.twins.later()  # a second withdrawal, refused in both: else revisions differ from now on

    def same(self, pair: tuple[Any, Any]) -> Any:
        """What was seen, which must be the same in both."""
        left, right = pair
        assert left == right, difference(left, right)
        return left

    def ask(self, asked: Asked, scopes: frozenset[str] = MEMBER_SCOPES) -> Any:
        self.at += 1
        type(self).requests += 1
        variables = with_key(asked.resolved(self.cast), f"m{self.at}")
        headers = {} if asked.purpose is None else {"huren-purpose": asked.purpose}
        self.both.twins.later()
        return self.same(
            self.both.run(
                self.both.twins.ask,
                self.cast.org(asked.as_),
                asked.query,
                variables,
                scopes=scopes,
                **headers,
            )
        )

    @invariant()
    def counted(self) -> None:
        type(self).steps += 1
        left, right = self.both.run(self.both.twins.logged)
        assert left == right, f"the logs have {left} and {right} entries"

    @rule(step=SECRET, other=SECRET)
    def hide(self, step: Step, other: Step) -> None:
        """S goes on: in each world it does something that B is not to learn."""
        self.at += 1
        self.write(step(self.cast, self.at), other(self.cast, self.at))

    @rule(step=OPEN)
    def open(self, step: Step) -> None:
        """S does the same in both, and B may see it."""
        self.at += 1
        self.write(step(self.cast, self.at), step(self.cast, self.at))

    @rule(asked=questions.PRODUCTS)
    def product(self, asked: Asked) -> None:
        self.ask(asked)

    @rule(asked=questions.ROLL_UPS)
    def roll_up(self, asked: Asked) -> None:
        self.ask(asked)

    @rule(asked=questions.WHAT_IFS)
    def what_if(self, asked: Asked) -> None:
        self.ask(asked)

    @rule(asked=questions.QUALITIES)
    def quality(self, asked: Asked) -> None:
        self.ask(asked)

    @rule(asked=questions.LISTS)
    def products(self, asked: Asked) -> None:
        answer = json.loads(self.ask(asked).body)
        info = ((answer.get("data") or {}).get("products") or {}).get("pageInfo") or {}
        self.cursor = (info.get("endCursor"), asked)

    @rule()
    def next_page(self) -> None:
        if self.cursor is not None:
            end, asked = self.cursor
            self.ask(Asked(MANY, {**asked.variables, "a": end}, None, asked.as_))

    @rule(asked=questions.OTHERS)
    def other(self, asked: Asked) -> None:
        self.ask(asked)

    @rule(asked=questions.TRUST)
    def trust(self, asked: Asked) -> None:
        self.ask(asked)

    @rule(asked=questions.RECOGNITION)
    def recognition(self, asked: Asked) -> None:
        self.ask(asked)

    @rule(asked=statements.TRUST)
    def state_trust(self, asked: Asked) -> None:
        self.ask(asked)

    @rule(days=st.sampled_from([1, 40]))
    def passes(self, days: int) -> None:
        """Quarters close, and what was valid ends."""
        self.both.twins.later(days * 86_400.0)

    @rule(asked=statements.PRODUCTS)
    def state_product(self, asked: Asked) -> None:
        self.ask(asked)

    @rule(asked=statements.ACCESS)
    def state_access(self, asked: Asked) -> None:
        self.ask(asked)

    @rule(asked=statements.OTHERS)
    def state_other(self, asked: Asked) -> None:
        self.ask(asked)

    @rule(asked=questions.PRODUCTS | questions.ROLL_UPS | statements.PRODUCTS, scopes=SCOPES)
    def with_less(self, asked: Asked, scopes: frozenset[str]) -> None:
        self.ask(asked, scopes)

    @rule(body=BODIES)
    def malformed(self, body: bytes) -> None:
        self.same(self.both.run(self.both.twins.post, self.cast.org("b"), body))

    @rule(path=PATHS)
    def elsewhere(self, path: str) -> None:
        self.same(self.both.run(self.both.twins.send, "GET", path.format(n=self.cast.number)))

    @rule(rows=st.lists(st.tuples(st.sampled_from(["car", "new"]), questions.REFS), max_size=2))
    def imports(self, rows: list[tuple[str, str]]) -> None:
        lines = [f"{consumer},{self.cast.ref(name)},1\n" for consumer, name in rows]
        files = package(
            products="id,name,declared_unit\ncar,Car,kg\nnew,New,kg\n",
            inputs="consumer,supplier,amount\n" + "".join(lines),
            emissions="product,gas,kg_per_declared_unit\nnew,CO2,1\n",
        )
        self.same(self.both.run(self.both.twins.imported, self.cast.org("b"), files))


def with_key(variables: Mapping[str, Any], key: str) -> dict[str, Any]:
    """``variables`` with a fresh key where one is asked for."""
    i = variables.get("i")
    fresh = isinstance(i, Mapping) and i["idempotencyKey"] == "*"
    return {**variables, "i": {**i, "idempotencyKey": key}} if fresh else dict(variables)


def search(both: Both, examples: int) -> None:
    """``examples`` of 20 steps; an AssertionError where B sees a difference."""
    machine = type("TheseWorlds", (Worlds,), {"both": both})
    both.run(both.twins.level)
    both.run(both.twins.reset)
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=20,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        ),
    )
    seconds = [1e3 * median(world.seconds) for world in both.twins.both]
    took = f"median {seconds[0]:.1f} ms and {seconds[1]:.1f} ms"
    print(f"\n{machine.steps} steps, {machine.requests} requests; {took}")


@pytest.mark.timeout(1200)
def test_two_worlds_are_one_to_whom_they_hide_it_from(both: Both) -> None:
    search(both, 200)


@pytest.mark.long
@pytest.mark.timeout(7200)
def test_two_worlds_are_one_to_whom_they_hide_it_from_for_long(both: Both) -> None:
    search(both, 2_000)
