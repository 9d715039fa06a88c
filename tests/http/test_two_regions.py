"""Two regions recognise, revoke and re-issue one certificate at once: each outcome is one of the serial ones.

Each region has an application of its own, with its own connections, on one database. What was written has a
revision, so the history is held against a sequential model exactly: a write that took effect must be possible
after all writes of lower revisions, a read must show the model at its own revision, and a refusal must be due
at some revision between those known before it was asked and those begun before it was answered.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from random import Random
from typing import Any

import pytest
from httpx2 import ASGITransport, AsyncClient

from huren.app import create_app, exchange_over
from huren.auth.principal import Principal
from huren.auth.scopes import ALL_SCOPES, MEMBER_SCOPES
from huren.graph.connect import connect
from huren.graph.database import Address
from huren.resolvers.context import Exchange
from tests.http.conftest import Caller, token_for
from tests.http.test_mutations import CERTIFY, HOLDER, STATUS, key
from tests.http.test_statements import put

RECOGNISE = """query($c: String!) { recognise(certificate: $c, destination: "BJ-PILOT", purpose: LABEL) {
  revision legal { outcome } certificate { events { state } } findings { rule outcome } } }"""
BODY = "body-of-region-1"

# What may come next, written down here once more and not taken from the code under test.
NEXT = {
    "VALID": {"SUSPENDED", "WITHDRAWN", "VOID"},
    "SUSPENDED": {"VALID", "WITHDRAWN", "VOID"},
    "WITHDRAWN": {"VOID"},
    "VOID": set[str](),
}
REVOKED = {"WITHDRAWN", "VOID"}


@dataclass(frozen=True)
class Asked:
    """One request: to read, to ``issue`` a number, or to change its state."""

    what: str
    number: str
    key: str = field(default_factory=key)


@dataclass(frozen=True)
class Done:
    """What came of it: ``began`` and ``ended`` count the events of the history."""

    asked: Asked
    began: int
    ended: int
    code: str | None = None
    revision: int | None = None
    repeated: bool = False
    state: str | None = None
    stands: bool | None = None


States = dict[str, str]


def after(states: States, asked: Asked) -> States | str:
    """The sequential model of a write: the states after it, or the code of the error."""
    was = states.get(asked.number)
    if asked.what == "ISSUE":
        return "CONFLICT" if was else {**states, asked.number: "VALID"}
    if was is None:
        return "NOT_FOUND"
    return {**states, asked.number: asked.what} if asked.what in NEXT[was] else "CONFLICT"


def seen(states: States, number: str) -> tuple[str | None, str | None, bool | None]:
    """The sequential model of a read: error, state, and whether the certificate stands."""
    state = states.get(number)
    return ("NOT_FOUND", None, None) if state is None else (None, state, state == "VALID")


def refusal(states: States, asked: Asked) -> str | States | None:
    """The error that the model answers, or something else."""
    return seen(states, asked.number)[0] if asked.what == "READ" else after(states, asked)


def plan(random: Random, steps: int) -> list[Asked]:
    """Requests of one region, most of them about the certificate in force; some are sent again."""
    found: list[Asked] = []
    for _ in range(steps):
        number = f"CERT-{random.choice((1, 1, 1, 2, 2, 3))}"
        if found and random.random() < 0.15:
            found.append(random.choice(found))
        else:
            kinds = ("READ", "READ", "READ", "ISSUE", "ISSUE", "WITHDRAWN", "SUSPENDED", "VALID", "VOID")
            found.append(Asked(random.choice(kinds), number))
    return found


@dataclass
class History:
    """What two regions asked at once and what they were told."""

    run: str
    clock: int = 0
    done: list[Done] = field(default_factory=list)

    async def live(self, caller: Caller, asked: Sequence[Asked], random: Random) -> None:
        """Ask one after the other."""
        for one in asked:
            await asyncio.sleep(random.random() * 0.01)
            await self.ask(caller, one)

    async def ask(self, caller: Caller, one: Asked) -> None:
        """Ask, and note what was told."""
        began = self.clock = self.clock + 1
        query, variables = self.request(one)
        answer = await caller.ask(query, variables)
        self.clock += 1
        self.done.append(told(one, began, self.clock, answer))

    def request(self, one: Asked) -> tuple[str, dict[str, Any]]:
        """The document and its variables. Numbers are of this run alone."""
        number = f"{self.run}-{one.number}"
        if one.what == "READ":
            return RECOGNISE, {"c": number}
        if one.what == "ISSUE":
            facts = {
                "number": number,
                "holder": HOLDER,
                "scheme": "BJ-PILOT",
                "body": BODY,
                "issued": "2026-01-01",
                "recordType": "FOOTPRINT_CERTIFICATE",
                "category": "computer",
            }
            return CERTIFY, {"i": {"idempotencyKey": one.key, "certificate": facts}}
        change = {"number": number, "state": one.what, "validFrom": "2026-01-02"}
        return STATUS, {"i": {"idempotencyKey": one.key, **change}}


def told(one: Asked, began: int, ended: int, answer: Any) -> Done:
    """An answer as an outcome; anything but the errors of the model is none."""
    if "errors" in answer:
        [error] = answer["errors"]
        assert error["extensions"]["code"] in {"CONFLICT", "NOT_FOUND"}, error
        return Done(one, began, ended, code=error["extensions"]["code"])
    [found] = answer["data"].values()
    if one.what != "READ":
        return Done(one, began, ended, revision=int(found["revision"]), repeated=found["repeated"])
    outcomes = {row["rule"]: row["outcome"] for row in found["findings"]}
    state, stands = found["certificate"]["events"][-1]["state"], outcomes["R24"] != "BLOCKED"
    assert stands is (found["legal"]["outcome"] != "BLOCKED")
    return Done(one, began, ended, revision=int(found["revision"]), state=state, stands=stands)


def check(done: Sequence[Done]) -> None:
    """Hold a history against the model. Raises: AssertionError, naming what no serial order explains."""
    line = timeline(done)
    for one in done:
        lowest, highest = around(one, done)
        if one.code is None and one.asked.what != "READ" and one.repeated:
            [first] = [o for o in done if o.asked == one.asked and o.code is None and not o.repeated]
            assert first.revision == one.revision, one
        elif one.code is None and one.asked.what == "READ":
            assert one.revision is not None
            assert lowest <= one.revision, f"a stale read: {one}"
            assert (one.code, one.state, one.stands) == seen(at(line, one.revision), one.asked.number), one
        elif one.code is not None:
            possible = [at(line, lowest), *(states for at_, states in line if lowest <= at_ <= highest)]
            assert one.code in [refusal(states, one.asked) for states in possible], one


def timeline(done: Sequence[Done]) -> list[tuple[int, States]]:
    """The states after each write, by revision; each must follow from the one before."""
    writes = [o for o in done if o.asked.what != "READ" and o.revision is not None and not o.repeated]
    writes.sort(key=lambda one: one.revision or 0)
    assert len({one.revision for one in writes}) == len(writes)
    line: list[tuple[int, States]] = [(0, {})]
    for one in writes:
        states = after(line[-1][1], one.asked)
        assert isinstance(states, dict), f"{one} after {line[-1][1]}"
        line.append((one.revision or 0, states))
    return line


def at(line: Sequence[tuple[int, States]], revision: int) -> States:
    """The states as of ``revision``."""
    return [states for written, states in line if written <= revision][-1]


def around(one: Done, done: Sequence[Done]) -> tuple[int, int]:
    """The highest revision told before ``one`` was asked, and the highest asked for before its end."""
    revisions = [(o.revision, o) for o in done if o.revision is not None and o.asked.what != "READ"]
    known = [o.revision for o in done if o.revision is not None and o.ended < one.began]
    begun = [revision for revision, o in revisions if o.began < one.ended]
    return max(known, default=0), max(begun, default=0)


@pytest.fixture(scope="module")
async def regions(
    address: Address, exchange: Exchange, admin: Caller
) -> AsyncIterator[tuple[Caller, Caller]]:
    """The issuing body in one region and the administration in another, each before its own application."""
    approved = {"approvals": [{"scheme": "BJ-PILOT", "since": "2025-01-01"}], "source": "test"}
    await put(admin, "body", {"id": BODY, "name": {"en": "a body"}, **approved})
    async with AsyncExitStack() as stack:
        callers = []
        bodies = (
            Principal(BODY, "region-1", MEMBER_SCOPES | {"query:adhoc"}),
            Principal("admin", "region-2", ALL_SCOPES),
        )
        for principal in bodies:
            database = await stack.enter_async_context(connect(address))
            app = create_app(exchange_over(database, exchange.keys))
            transport = ASGITransport(app, raise_app_exceptions=False)
            client = await stack.enter_async_context(
                AsyncClient(transport=transport, base_url="http://huren.test")
            )
            callers.append(Caller(client, exchange.keys, token_for(exchange.keys, principal)))
        yield callers[0], callers[1]


async def lived(regions: tuple[Caller, Caller], seed: int, steps: int) -> list[Done]:
    """A history from a seed: two clients in each region, who begin with one certificate on record."""
    random = Random(seed)
    history = History(f"S{seed}-{key()[:6]}")
    await history.ask(regions[0], Asked("ISSUE", "CERT-1"))
    plans = [(caller, plan(random, steps), Random(random.random())) for caller in regions * 2]
    await asyncio.gather(*(history.live(*one) for one in plans))
    return history.done


@pytest.mark.parametrize("seed", range(6))
async def test_every_outcome_is_one_of_the_serial_ones(regions: tuple[Caller, Caller], seed: int) -> None:
    done = await lived(regions, seed, 14)
    check(done)
    assert len(done) == 57


@pytest.mark.long
@pytest.mark.parametrize("seed", range(100, 140))
async def test_every_outcome_of_longer_histories_too(regions: tuple[Caller, Caller], seed: int) -> None:
    check(await lived(regions, seed, 40))


@pytest.mark.parametrize("seed", range(3))
async def test_a_revoked_certificate_never_stands_after_the_answer(
    regions: tuple[Caller, Caller], seed: int
) -> None:
    """One region reads without pause while the other revokes; what was asked after the answer sees it."""
    history, (reader, writer) = History(f"R{seed}-{key()[:6]}"), regions
    await history.ask(writer, Asked("ISSUE", "CERT-1"))
    reading = asyncio.create_task(history.live(reader, [Asked("READ", "CERT-1")] * 30, Random(seed)))
    await asyncio.sleep(0.1)
    await history.ask(writer, Asked("WITHDRAWN", "CERT-1"))
    await history.ask(writer, Asked("ISSUE", "CERT-2"))
    await reading
    check(history.done)
    [revoked] = [o for o in history.done if o.asked.what == "WITHDRAWN"]
    reads = [o for o in history.done if o.asked.what == "READ"]
    later = [o for o in reads if o.began > revoked.ended]
    assert later
    assert any(o.stands for o in reads)
    assert not any(o.stands or o.state not in REVOKED for o in later)


def wrong() -> Iterator[tuple[str, list[Done]]]:
    """Histories that no serial order explains: what the check is there to find."""
    issue, revoke, read = Asked("ISSUE", "C"), Asked("WITHDRAWN", "C"), Asked("READ", "C")
    issued, revoked = Done(issue, 1, 2, revision=1), Done(revoke, 3, 4, revision=2)
    yield "a stale read", [issued, revoked, Done(read, 5, 6, revision=1, state="VALID", stands=True)]
    yield (
        "a read of another state",
        [issued, revoked, Done(read, 5, 6, revision=2, state="VALID", stands=True)],
    )
    yield "revoked twice", [issued, revoked, Done(Asked("WITHDRAWN", "C"), 5, 6, revision=3)]
    yield "a refusal too early", [issued, Done(Asked("WITHDRAWN", "C"), 3, 4, code="CONFLICT")]
    yield "a refusal too late", [issued, Done(read, 3, 4, code="NOT_FOUND")]
    yield "a repeat with another effect", [issued, Done(issue, 3, 4, revision=2, repeated=True)]
    yield "one key, two effects", [issued, Done(issue, 3, 4, revision=2)]


@pytest.mark.parametrize(("name", "done"), list(wrong()))
def test_the_check_finds_what_is_not_serial(name: str, done: list[Done]) -> None:
    with pytest.raises(AssertionError):
        check(done)
