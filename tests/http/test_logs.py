"""Nothing secret reaches the log: no token, no value of a request."""

from __future__ import annotations

import json
import logging

import pytest

from huren.auth.keys import Keys
from tests.http.conftest import Caller

CANARY = "canary-7f3a1c"
FAILING = "query Q($n: String!) { certificate(number: $n) { number } }"
BODIES = {
    "an internal error": {"query": FAILING, "variables": {"n": CANARY}},
    "a value of the wrong kind": {"query": FAILING, "variables": {"n": {CANARY: CANARY}}},
    "an unknown field": {"query": f"{{ {CANARY.replace('-', '_')} }}"},
    "a literal": {"query": f'{{ certificate(number: "{CANARY}") {{ number }} }}'},
}


@pytest.mark.parametrize("kind", BODIES)
async def test_no_token_and_no_value_reaches_the_log(
    kind: str, caller: Caller, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    """At the level of detail that the service runs at, and for our own messages at any."""
    caplog.set_level(logging.INFO)
    caplog.set_level(logging.DEBUG, logger="huren")
    answer = await caller.send(json.dumps(BODIES[kind]).encode())
    assert answer.status_code in (200, 400)
    printed = capsys.readouterr()
    written = caplog.text + printed.out + printed.err
    if kind == "an internal error":
        assert "internal error" in answer.text
        assert "request" in written, "the cause must be logged, or this proves nothing"
        assert CANARY not in answer.text
    for secret in (CANARY, CANARY.replace("-", "_"), caller.token, caller.token.rpartition(".")[2]):
        assert secret not in written


@pytest.mark.parametrize("sent", ["Bearer {}x", "Basic {}", "Bearer {} {}", "DPoP {}"])
async def test_a_refused_token_is_neither_logged_nor_answered(
    sent: str, caller: Caller, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    caplog.set_level(logging.DEBUG, logger="huren")
    answer = await caller.send(b'{"query": "{ __typename }"}', authorization=sent.format(*[caller.token] * 2))
    assert answer.status_code in (400, 401)
    for part in caller.token.split("."):
        assert part not in caplog.text
        assert part not in answer.text + str(dict(answer.headers))


def test_what_holds_a_secret_does_not_print_it(keys: Keys) -> None:
    private = keys.issuer.key.as_dict(private=True)["d"]
    assert private not in repr(keys)
    assert private not in str(keys.issuer)
