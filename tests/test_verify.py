"""`huren verify` and `huren seal-key` as a user runs them: what they print, what they refuse, and why."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from base64 import urlsafe_b64encode
from contextlib import redirect_stderr, redirect_stdout
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from huren.auth.seal_keys import SealKeys, published
from huren.auth.seals import sign
from huren.cli import main
from huren.commands.seals import jws_in, lines
from huren.errors import BadSeal
from huren.graph.model.canonical import canonical
from huren.mappings.decide import recognise
from huren.mappings.sealing import Made, document
from huren.resolvers.sealing import check
from tests.mappings.conftest import world_of

BLOCKED = {"certificate": {"scheme": "TJ-BODY"}, "ask": {"destination": "CN-SH"}}


class Home:
    """A home with a sealed decision in it."""

    def __init__(self, root: Path) -> None:
        self.root, self.keys = root, SealKeys(root / "home")
        with self.keys.signing() as by:
            self.at = by.at
        self.sealed = self.seal(self.payload())
        self.file = root / "decision.jws"
        self.file.write_text(self.sealed, encoding="ascii")

    def payload(self, at: datetime | None = None) -> bytes:
        world = world_of(BLOCKED)
        made = Made(3, "0.1.0", at or self.at)
        return canonical(document(recognise(world.question, world.facts), made))

    def seal(self, payload: bytes) -> str:
        with self.keys.signing() as by:
            return sign(payload, by.key, by.alg)

    def run(self, *command: str, lang: str = "C.UTF-8") -> subprocess.CompletedProcess[str]:
        """The command in this process, which spares its start."""
        environ = {"HUREN_HOME": str(self.keys.home), "LC_ALL": lang}
        out, err, code = StringIO(), StringIO(), 0
        with (
            mock.patch.dict(os.environ, environ),
            mock.patch.object(sys, "argv", ["huren", *command]),
            redirect_stdout(out),
            redirect_stderr(err),
        ):
            try:
                main()
            except SystemExit as ended:
                code = int(ended.code or 0)
        return subprocess.CompletedProcess(command, code, out.getvalue(), err.getvalue())

    def refused(self, text: str) -> str:
        with pytest.raises(BadSeal) as caught:
            check(jws_in(text.encode(), "file"), {key.kid: key for key in self.keys.public()})
        return caught.value.en


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return Home(tmp_path_factory.mktemp("seals"))


def test_it_prints_what_was_decided_in_both_languages(home: Home) -> None:
    done = home.run("verify", str(home.file))
    assert (done.returncode, done.stderr) == (0, "")
    said = done.stdout
    found = json.loads(home.payload())
    for part in ("C1", "CN-SH", "LABEL", "BLOCKED", found["sealedAt"], home.keys.public()[0].kid):
        assert part in said
    [reason] = [f for f in found["findings"] if f["rule"] == "R1"]
    assert reason["because"]["zh"] in said
    assert reason["because"]["en"] in said
    assert "签名有效 the seal holds" in said


def test_the_answer_of_the_api_is_taken_as_it_comes(home: Home) -> None:
    file, jwks = home.root / "answer.json", home.root / "jwks.json"
    answer = {"data": {"sealDecision": {"sealed": {"id": "1", "jws": home.sealed}, "repeated": False}}}
    file.write_text(json.dumps(answer), encoding="utf-8")
    jwks.write_text(json.dumps(published(home.keys.public())), encoding="utf-8")
    done = home.run("verify", str(file), "--jwks", str(jwks))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == home.run("verify", str(home.file)).stdout


def test_a_refusal_is_a_sentence_and_a_fix(home: Home) -> None:
    file = home.root / "changed.jws"
    file.write_text(home.sealed[:-10] + "AAAAAAAAAA", encoding="ascii")
    for lang, part in (("C.UTF-8", "signature does not hold"), ("zh_CN.UTF-8", "签名无效")):
        done = home.run("verify", str(file), lang=lang)
        assert (done.returncode, done.stdout) == (1, "")
        assert part in done.stderr
        assert "  → " in done.stderr
        assert "Traceback" not in done.stderr
    done = home.run("verify", str(home.root / "absent"))
    assert (done.returncode, done.stdout) == (1, "")
    assert "cannot be read: No such file" in done.stderr


def test_keys_are_listed_and_rotated(home: Home, tmp_path: Path) -> None:
    other = Home(tmp_path)
    assert other.run("seal-key", "rotate", "--alg", "ES256").returncode == 0
    old, new = other.keys.public()
    rows = other.run("seal-key", "list").stdout.splitlines()
    assert [row.split()[:2] for row in rows] == [[old.kid, "Ed25519"], [new.kid, "ES256"]]
    assert rows[0].endswith(f"/{new.since:%Y-%m-%dT%H:%M:%SZ}")
    assert rows[1].endswith("/..")
    assert other.run("verify", str(other.file)).returncode == 0
    assert other.run("seal-key", "rotate", "--alg", "none").returncode == 1
    assert "is unknown" in other.run("verify", str(home.file)).stderr


def test_a_seal_outside_its_keys_period_is_refused(home: Home) -> None:
    early = home.seal(home.payload(home.keys.public()[0].since - timedelta(microseconds=1)))
    assert "outside the period of its key" in home.refused(early)


def test_a_seal_after_its_key_was_retired_is_refused(tmp_path: Path) -> None:
    home = Home(tmp_path)
    with home.keys.signing() as by:
        new = home.keys
        forged = sign(home.payload(datetime(2030, 1, 1, tzinfo=UTC)), by.key, by.alg)
    assert check(forged, {k.kid: k for k in new.public()})
    new.rotate()
    assert "outside the period of its key" in home.refused(forged)
    end = new.public()[0].until
    assert end is not None
    assert check(home.sealed, {k.kid: k for k in new.public()}).document["sealedAt"] < end.isoformat()


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        (b'{"b":1,"a":2}', "not canonical JSON"),
        (b'{"a":1,"a":1}', "not canonical JSON"),
        (b'{"a":1.0}', "not canonical JSON"),
        (b"\xff", "not canonical JSON"),
        (b'{"a":1}', "no decision document"),
        (b'"huren-decision/1"', "no decision document"),
    ],
)
def test_a_signed_payload_of_another_form_is_refused(home: Home, payload: bytes, said: str) -> None:
    assert said in home.refused(home.seal(payload))


FILES = {
    "empty": "",
    "text": "hello",
    "json without a jws": '{"data": {}}',
    "two": '{"a": {"jws": "x.y.z"}, "b": {"jws": "x.y.z"}}',
    "twice in one object": '{"jws": "x.y.z", "jws": "x.y.z"}',
    "not a text": '{"jws": 1}',
    "cut short": '{"jws": "x.y.z"',
    "a list": '[{"jws": "x.y.z"}]',
    "not ascii": "é.é.é",
}


@pytest.mark.parametrize("text", FILES.values(), ids=FILES)
def test_a_file_that_holds_no_jws_is_refused(home: Home, text: str) -> None:
    said = home.refused(text)
    assert "not a compact JWS" in said or "neither a JWS nor JSON" in said


def test_whatever_follows_is_refused(home: Home) -> None:
    for text in (home.sealed + ".", home.sealed + "\n" + home.sealed, home.sealed + " x"):
        assert "not a compact JWS" in home.refused(text)
    assert home.sealed in jws_in(f"{home.sealed}\n".encode(), "file")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(data=st.data())
def test_any_byte_changed_is_refused(home: Home, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(home.sealed) - 1))
    text = bytearray(home.sealed.encode())
    text[at] = data.draw(st.integers(0, 255).filter(lambda byte: byte != text[at]))
    # Blanks around a JWS are those of its file.
    if (at in (0, len(text) - 1)) and chr(text[at]).isspace():
        return
    home.refused(text.decode("latin-1"))


def test_a_critical_header_and_no_signature_are_refused(home: Home) -> None:
    header, payload, signature = home.sealed.split(".")
    for changed, said in (({"crit": ["exp"]}, "critical header"), ({"alg": "none"}, "`none` is not allowed")):
        stated: dict[str, Any] = {"alg": "Ed25519", "kid": "x", "typ": "huren-decision+jws"} | changed
        part = urlsafe_b64encode(json.dumps(stated).encode()).rstrip(b"=").decode()
        assert said in home.refused(f"{part}.{payload}.{signature}")
    assert header != part


def test_a_value_and_a_preview_are_printed(home: Home) -> None:
    world = world_of({"certificate": {"value": 0, "offsets": {"kg": "552.06"}}})
    made = Made(3, "0.1.0", home.at)
    text = home.seal(canonical(document(recognise(world.question, world.facts), made)))
    said = "\n".join(lines(check(text, {key.kid: key for key in home.keys.public()})))
    assert "552.06 kg CO2e/kW  [552.06, 552.06]" in said
    assert "R21 CONVERTIBLE" in said
