"""The feed of changes over HTTP: everything once, in order, and only what the caller may see."""

from __future__ import annotations

import asyncio
from typing import Any

from huren.auth.scopes import CERTIFICATE_READ, MEMBER_SCOPES, QUERY_ADHOC
from tests.conftest import Calls
from tests.http.conftest import Caller
from tests.http.test_acceptance import ask, failed
from tests.http.test_amending import CHANGE, SUPPLIER, added, amended
from tests.http.test_mutations import key, register
from tests.http.test_statements import certify, put

FEED = """query($a: String, $n: Int! = 100, $k: [ChangeKind!]) { changes(first: $n, after: $a, kinds: $k) {
  nodes { revision recordedAt kind ids count } pageInfo { endCursor hasNextPage } } }"""


async def poll(caller: Caller, after: str | None, first: int = 100) -> tuple[list[Any], str]:
    """Everything from a place on, page by page, and the place reached."""
    found: list[Any] = []
    while True:
        page = (await ask(caller, FEED, a=after, n=first))["changes"]
        assert len(page["nodes"]) <= first
        found, after = found + page["nodes"], page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            return found, after or ""


def told(changes: list[Any]) -> list[tuple[str, list[str]]]:
    return [(change["kind"], change["ids"]) for change in changes]


async def test_every_write_is_told_once_in_order(admin: Caller) -> None:
    begun, start = await poll(admin, None)
    assert {change["kind"] for change in begun} >= {"SCHEME_STATED", "RULE_STATED", "MEMBERSHIP_STATED"}
    await certify(admin, "CH-1", issued="2026-01-01", body="T-ISSUER")
    await ask(admin, CHANGE, i=added("CH-1", change=SUPPLIER))
    amendment = "mutation($i: AmendCertificateInput!) { amendCertificate(input: $i) { revision } }"
    await ask(admin, amendment, i=amended("CH-1", model="M"))
    await put(admin, "category", {"id": "CH-C", "name": {"en": "c"}, "source": "test"})
    await register(admin, "CH-P")
    for first in (1, 2, 100):
        found, end = await poll(admin, start, first)
        assert told(found) == [
            ("CERTIFICATE_REGISTERED", ["CH-1"]),
            ("CERTIFICATE_STATUS", ["CH-1"]),
            ("CERTIFICATE_CHANGE", ["CH-1"]),
            ("CERTIFICATE_AMENDED", ["CH-1"]),
            ("CATEGORY_STATED", ["CH-C"]),
            ("PRODUCT_STATED", ["admin/CH-P"]),
        ]
        revisions = [int(change["revision"]) for change in found]
        assert revisions == sorted(revisions)
        assert await poll(admin, end, first) == ([], end)


async def test_a_caller_is_told_only_what_it_may_see(admin: Caller) -> None:
    one, other = (admin.minted(name, *MEMBER_SCOPES) for name in ("ch-one", "ch-other"))
    reader = admin.minted("ch-reader", CERTIFICATE_READ, QUERY_ADHOC)
    starts = [(await poll(caller, None))[1] for caller in (one, other, reader)]
    await register(one, "SECRET")
    await certify(admin, "CH-2")
    found = [told((await poll(c, s))[0]) for c, s in zip((one, other, reader), starts, strict=True)]
    certified = ("CERTIFICATE_REGISTERED", ["CH-2"])
    assert found == [[("PRODUCT_STATED", ["ch-one/SECRET"]), certified], [certified], [certified]]
    error = await failed(reader, FEED, k=["PRODUCT_STATED"])
    assert error["code"] == "FORBIDDEN"
    assert "`product:read`" in error["message"]


async def test_writers_at_once_leave_no_gap_and_no_repeat(admin: Caller) -> None:
    _, after = await poll(admin, None)
    wanted = {f"CH-W{n}" for n in range(8)}
    found: list[Any] = []

    async def write(name: str) -> None:
        await put(admin, "category", {"id": name, "name": {"en": name}, "source": "test"}, key())

    async with asyncio.TaskGroup() as writers:
        running = [writers.create_task(write(name)) for name in sorted(wanted)]
        while not all(task.done() for task in running):
            more, after = await poll(admin, after, 2)
            found += more
            await asyncio.sleep(0.01)
    more, after = await poll(admin, after, 2)
    found += more
    assert sorted(name for change in found for name in change["ids"]) == sorted(wanted)
    revisions = [int(change["revision"]) for change in found]
    assert revisions == list(range(revisions[0], revisions[0] + len(wanted)))


async def test_only_its_own_cursor_is_taken(admin: Caller) -> None:
    _, after = await poll(admin, None)
    other = (await ask(admin, FEED, n=1, k=["RULE_STATED"]))["changes"]["pageInfo"]["endCursor"]
    for cursor in (other, after[:-2], "x"):
        assert (await failed(admin, FEED, a=cursor))["code"] == "BAD_USER_INPUT"
    assert (await failed(admin, FEED, n=0))["code"] == "BAD_USER_INPUT"


async def test_a_page_is_one_query(admin: Caller, calls: Calls) -> None:
    _, after = await poll(admin, None)
    calls.reset()
    await ask(admin, FEED, a=after)
    # One for the revision that the request is pinned to, one for the page.
    assert calls.reset() == 2
