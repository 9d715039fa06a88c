"""The log over HTTP: checkpoints, proofs that a stranger can check, who read my data, cosignatures."""

from __future__ import annotations

import asyncio
import json
from base64 import b64decode
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from huren.app import create_app
from huren.auth.keys import Keys, local_keys
from huren.auth.principal import Principal
from huren.auth.scopes import ALL_SCOPES, AUDIT_READ, MEMBER_SCOPES
from huren.commands.log_cosign import cosign
from huren.errors import BadInput, DamagedLog, Unavailable
from huren.graph.database import Database
from huren.graph.log.note import Note
from huren.graph.log.trail import Trail
from huren.graph.log.tree import consistent, included, leaf_hash
from huren.graph.model.audit import Entry, Read, commitment
from huren.graph.model.text import Lang
from huren.http.server import Server, config, listening
from huren.resolvers import auditing
from huren.resolvers.checkpointing import Rhythm, checkpointing
from huren.resolvers.context import Exchange
from huren.schema.build import build_schema
from huren.schema.context import RequestContext
from huren.schema.execution import Request, Runner
from huren.settings import Settings
from tests.graph.log.tampering import rebuild, stored
from tests.http.conftest import Caller, token_for
from tests.http.test_acceptance import ask
from tests.http.test_docs import requests

ENTRIES = """
query Log($owner: String, $first: Int!, $after: String) {
  logEntries(owner: $owner, first: $first, after: $after) {
    nodes { id text }
    pageInfo { hasNextPage endCursor }
  }
}"""
PROOF = "query Proof($id: ID!) { logInclusion(entry: $id) { salt leaf index path checkpoint { note } } }"
CONSISTENCY = "query C($old: Int!, $new: Int!) { logConsistency(old: $old, new: $new) }"
COSIGN = """
mutation C($line: String!) {
  cosignLog(input: {idempotencyKey: "one", cosignature: $line}) { size note }
}"""


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    """A home of this file alone: it remembers what the database was."""
    return local_keys(tmp_path_factory.mktemp("log-home"))


def entry(owner: str, org: str = "bank") -> Entry:
    """A read of something of ``owner``'s by ``org``."""
    return Entry(
        uuid4().hex, "read", datetime.now(UTC), org, "test", owner, f"{owner}/steel", "grant-1", "recipe"
    )


def member(admin: Caller, org: str) -> Caller:
    """A firm with the scopes of one."""
    return admin.minted(org, *MEMBER_SCOPES)


async def entries(caller: Caller, **variables: Any) -> list[dict[str, Any]]:
    """What the caller sees, over all pages of three."""
    found, after = list[dict[str, Any]](), None
    while True:
        page = (await ask(caller, ENTRIES, first=3, after=after, **variables))["logEntries"]
        found += [json.loads(node["text"]) | {"id": node["id"]} for node in page["nodes"]]
        if not page["pageInfo"]["hasNextPage"]:
            return found
        after = page["pageInfo"]["endCursor"]


async def public(admin: Caller) -> Note:
    """The checkpoint that anyone gets, not older than now."""
    auditing._SHOWN.clear()
    answer = await admin.client.get("/log/checkpoint")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    return Note.read(answer.text)


async def test_an_owner_sees_who_read_its_data_and_nobody_else_s(exchange: Exchange, admin: Caller) -> None:
    mine, theirs = [entry("firm-1") for _ in range(7)], [entry("firm-2") for _ in range(2)]
    await exchange.audit.record([*mine[:4], *theirs, *mine[4:]])
    seen = await entries(member(admin, "firm-1"))
    assert [one["id"] for one in seen] == [one.id for one in reversed(mine)]
    assert seen[0] == json.loads(mine[-1].text)
    assert await entries(member(admin, "firm-3")) == []


@pytest.mark.parametrize("owner", ["firm-2", "*"])
async def test_others_entries_are_for_auditors(exchange: Exchange, admin: Caller, owner: str) -> None:
    await exchange.audit.record([entry("firm-2")])
    refused = await member(admin, "firm-1").ask(ENTRIES, {"owner": owner, "first": 3})
    assert refused["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert AUDIT_READ in refused["errors"][0]["message"]
    auditor = admin.minted("firm-1", *MEMBER_SCOPES, AUDIT_READ)
    seen = await ask(auditor, ENTRIES, owner=owner, first=3)
    assert json.loads(seen["logEntries"]["nodes"][0]["text"])["owner"] == "firm-2"


@pytest.mark.parametrize("owner", ["", " "])
async def test_an_owner_that_is_nobody_is_refused(admin: Caller, owner: str) -> None:
    for caller in (admin, member(admin, "firm-1")):
        refused = await caller.ask(ENTRIES, {"owner": owner, "first": 3})
        assert refused["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
        assert "`owner` names nobody" in refused["errors"][0]["message"]


async def test_a_cursor_of_one_firm_is_none_of_another(exchange: Exchange, admin: Caller) -> None:
    await exchange.audit.record([entry("firm-1") for _ in range(4)])
    page = (await ask(member(admin, "firm-1"), ENTRIES, first=3))["logEntries"]
    after = page["pageInfo"]["endCursor"]
    told = await member(admin, "firm-2").ask(ENTRIES, {"first": 3, "after": after})
    assert "not a cursor" in told["errors"][0]["message"]


async def test_a_stranger_checks_a_proof_alone(exchange: Exchange, admin: Caller, keys: Keys) -> None:
    one = entry("firm-1")
    await exchange.audit.record([entry("firm-2"), one, entry("firm-2")])
    proof = (await ask(member(admin, "firm-1"), PROOF, id=one.id))["logInclusion"]
    note = Note.read(proof["checkpoint"]["note"])
    assert keys.log.signer().verifier.signed(note)
    leaf = leaf_hash(commitment(one.text, proof["salt"]))
    assert b64decode(proof["leaf"]) == leaf
    path, said = [b64decode(part) for part in proof["path"]], note.checkpoint
    assert included(leaf, proof["index"], said.size, path, said.root)
    assert not included(leaf, proof["index"] - 1, said.size, path, said.root)


async def test_a_proof_of_others_entries_is_not_found_like_one_of_none(
    exchange: Exchange, admin: Caller
) -> None:
    one, firm = entry("firm-2"), member(admin, "firm-1")
    await exchange.audit.record([one])
    told = [await firm.ask(PROOF, {"id": id}) for id in (one.id, "0" * 32)]
    said = [json.dumps(answer["errors"]).replace(one.id, "ID").replace("0" * 32, "ID") for answer in told]
    ids = [answer["errors"][0]["extensions"]["requestId"] for answer in told]
    assert said[0].replace(ids[0], "") == said[1].replace(ids[1], "")


async def test_checkpoints_are_proved_to_go_on(exchange: Exchange, admin: Caller) -> None:
    first = (await public(admin)).checkpoint
    for _ in range(5):
        await exchange.audit.record([entry("firm-1")])
        now = (await public(admin)).checkpoint
        found = await ask(admin, CONSISTENCY, old=first.size, new=now.size)
        path = [b64decode(part) for part in found["logConsistency"]]
        assert consistent(first.size, now.size, path, first.root, now.root)
    for old, new in ((0, 10**6), (5, 4), (-1, 3)):
        told = await admin.ask(CONSISTENCY, {"old": old, "new": new})
        assert told["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_ten_at_once_make_one_checkpoint_after_the_other(exchange: Exchange) -> None:
    await exchange.audit.record([entry("firm-1")])
    notes = await asyncio.gather(*(auditing.checkpoint(exchange) for _ in range(10)))
    assert len({note.text for note in notes}) == 1


async def signed(exchange: Exchange, size: int, seconds: float) -> bool:
    """Whether a checkpoint of so many entries comes in time, without being asked for."""
    trail, end = Trail(exchange.keys.log.folder), asyncio.get_running_loop().time() + seconds
    while asyncio.get_running_loop().time() < end:
        last = trail.last()
        if last is not None and last.checkpoint.size >= size:
            return True
        await asyncio.sleep(0.02)
    return False


async def test_checkpoints_come_by_themselves_after_entries(exchange: Exchange) -> None:
    size = (await auditing.checkpoint(exchange)).checkpoint.size
    async with checkpointing(exchange, Rhythm(entries=8, seconds=1_000, look=0.05)):
        await exchange.audit.record([entry("firm-1") for _ in range(7)])
        assert not await signed(exchange, size + 1, 1)
        await exchange.audit.record([entry("firm-1")])
        assert await signed(exchange, size + 8, 20)


async def test_checkpoints_come_by_themselves_after_a_time_and_at_the_end(exchange: Exchange) -> None:
    size = (await auditing.checkpoint(exchange)).checkpoint.size
    async with checkpointing(exchange, Rhythm(entries=1_000, seconds=0.5, look=0.1)):
        await exchange.audit.record([entry("firm-1")])
        assert await signed(exchange, size + 1, 20)
    async with checkpointing(exchange, Rhythm(entries=1_000, seconds=1_000, look=0.1)):
        await exchange.audit.record([entry("firm-1")])
        assert not await signed(exchange, size + 2, 0.5)
    assert await signed(exchange, size + 2, 1)


async def test_reads_of_a_request_are_on_record_before_its_answer(exchange: Exchange) -> None:
    owner = f"owner-{uuid4().hex}"
    runner = Runner(build_schema())
    context = context_of(exchange)
    context.read_restricted(Read(f"{owner}/steel", owner, "recipe", "PROCUREMENT", "grant:1"))
    context.read_restricted(Read(f"{owner}/steel", owner, "recipe", "PROCUREMENT", "grant:1"))
    answer = await runner.run(Request("{ __typename }"), context)
    assert answer.executed
    [stored] = await auditing.entries(context_of(exchange), owner, 2**62, 10)
    told = json.loads(stored.text)
    assert (told["org"], told["client"], told["request"]) == ("admin", "test", context.request_id)
    assert (told["purpose"], told["ground"], told["field"]) == ("PROCUREMENT", "grant:1", "recipe")


async def test_what_cannot_be_recorded_is_not_answered(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def down(db: Database, work: object) -> object:
        raise Unavailable("the database did not answer in time", "数据库未能及时响应")

    context = context_of(exchange)
    context.read_restricted(Read("a/b", "a", "recipe", None, "grant:1"))
    monkeypatch.setattr(Database, "write_with", down)
    answer = await Runner(build_schema()).run(Request("{ __typename }"), context)
    assert (answer.executed, answer.data, answer.unavailable) == (False, None, True)


def context_of(exchange: Exchange) -> RequestContext:
    """A request of the administrator."""
    caller = Principal("admin", "test", ALL_SCOPES)
    return RequestContext.of(exchange, caller, Lang.EN, uuid4().hex)


async def test_a_witness_cosigns_over_the_api(
    exchange: Exchange, admin: Caller, keys: Keys, tmp_path: Path
) -> None:
    witness = local_keys(tmp_path).log
    settings = Settings.from_env({"HUREN_HOME": str(tmp_path)})
    token = token_for(keys, Principal("firm-1", "test", MEMBER_SCOPES))
    log = str(keys.log.signer().verifier)
    await exchange.audit.record([entry("firm-1")])
    auditing._SHOWN.clear()
    line = await witnessed(exchange, settings, log, token, BadInput)  # not trusted yet
    assert line is None
    keys.log.trust(witness.witness().verifier)
    await exchange.audit.record([entry("firm-1")])
    auditing._SHOWN.clear()
    line = await witnessed(exchange, settings, None, token)
    shown = await public(admin)
    assert str(line) in str(shown)
    assert witness.witness().verifier.signed(shown)
    await exchange.audit.record([entry("firm-1")])
    assert len((await public(admin)).signatures) == 1  # the next one is not cosigned yet
    with pytest.raises(BadInput, match="not known here, or another"):
        cosign(settings, str(exported(tmp_path, shown)), log.replace("huren.log", "other"), "")


async def witnessed(
    exchange: Exchange,
    settings: Settings,
    key: str | None,
    token: str,
    refused: type[Exception] | None = None,
) -> object:
    """What `huren log cosign` answers to the exchange, served on the loop of its database."""
    with listening("127.0.0.1", 0) as listener:
        server = Server(config(create_app(exchange)))
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            while not server.started:  # noqa: ASYNC110  (uvicorn has no event for it)
                await asyncio.sleep(0.01)
            url = f"http://127.0.0.1:{listener.getsockname()[1]}"
            work = asyncio.to_thread(cosign, settings, url, key, token)
            if refused is None:
                return await work
            with pytest.raises(refused, match="no trusted witness"):
                await work
            return None
        finally:
            server.should_exit = True
            await serving


def exported(folder: Path, note: Note) -> Path:
    """A file of one checkpoint alone."""
    path = folder / "log.jsonl"
    rows = [{"format": "huren-log/1", "size": 0, "entries": False}, {"checkpoint": str(note)}]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.mark.parametrize("line", ["", "x", "\u2014 a b", "\u2014 a " + "A" * 40, "\u2014 a AAAA\n"])
async def test_no_other_line_is_taken(admin: Caller, line: str) -> None:
    told = await admin.ask(COSIGN, {"line": line})
    assert told["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_every_request_of_the_page_runs(exchange: Exchange, admin: Caller) -> None:
    one, firm = entry("firm-9"), member(admin, "firm-9")
    await exchange.audit.record([one])
    asked = [query for query, _ in requests("audit.md")]
    assert len(asked) == 5
    seen = await ask(firm, asked[0])
    assert seen["logEntries"]["nodes"] == [{"id": one.id, "text": one.text}]
    proof = (await ask(firm, asked[1], entry=one.id))["logInclusion"]
    size = proof["checkpoint"]["size"]
    assert (await ask(firm, asked[2]))["logCheckpoint"]["origin"].startswith("huren.log/")
    assert len((await ask(firm, asked[3], old=1, new=size))["logConsistency"]) > 0
    line = {"idempotencyKey": "doc", "cosignature": "\u2014 region-b AAAAAAAA"}
    told = await firm.ask(asked[4], {"input": line})
    assert "no trusted witness" in told["errors"][0]["message"]


# Last in this file: the home goes on from no other log.
async def test_a_home_signs_no_fork_and_no_roll_back(exchange: Exchange, admin: Caller) -> None:
    await exchange.audit.record([entry("firm-1") for _ in range(3)])
    size = (await auditing.checkpoint(exchange)).checkpoint.size
    whole = await stored(exchange.database)
    await rebuild(exchange.database, whole[:-1])
    with pytest.raises(DamagedLog, match=f"entry {size - 1}, but {size} entries were signed for"):
        await auditing.checkpoint(exchange)
    auditing._SHOWN.clear()
    told = await admin.client.get("/log/checkpoint")
    assert (told.status_code, told.json()["errors"][0]["extensions"]["code"]) == (503, "SERVICE_UNAVAILABLE")
    await rebuild(exchange.database, [*whole[1:], whole[0]])
    with pytest.raises(DamagedLog, match=f"the first {size} entries are not those"):
        await auditing.checkpoint(exchange)
    await rebuild(exchange.database, whole)
    assert (await auditing.checkpoint(exchange)).checkpoint.size == size
