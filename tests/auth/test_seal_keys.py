"""The file of seal keys: made once, rotated whole, never read by others, always one current key."""

from __future__ import annotations

import json
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from huren.auth.keys import local_keys, signing_key
from huren.auth.seal_keys import KEY_FILE, SealKeys, published, read_published, union
from huren.auth.seals import sign, verify
from huren.errors import BadInput, BadSeal
from huren.graph.model.seal import SealKey


@pytest.fixture
def keys(tmp_path: Path) -> SealKeys:
    return SealKeys(tmp_path / "home")


def stored(keys: SealKeys) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads((keys.home / KEY_FILE).read_text(encoding="utf-8"))["keys"]
    return rows


def sealed(keys: SealKeys) -> tuple[str, datetime]:
    with keys.signing() as by:
        return sign(b"{}", by.key, by.alg), by.at


def test_many_that_begin_at_once_have_one_key(keys: SealKeys) -> None:
    with ThreadPoolExecutor(16) as pool:
        made = list(pool.map(lambda _: sealed(keys)[0], range(64)))
    [key] = keys.public()
    assert all(verify(text, {key.kid: key}) for text in made)
    assert (keys.home / KEY_FILE).stat().st_mode & 0o777 == 0o600
    assert sorted(p.name for p in keys.home.iterdir()) == ["seal-keys.json", "seal-keys.lock"]


def test_it_is_not_the_key_of_access_tokens(keys: SealKeys) -> None:
    access = signing_key(keys.home)
    sealed(keys)
    assert local_keys(keys.home).seals == keys
    assert keys.public()[0].kid != access.thumbprint()


def test_reading_makes_no_key(keys: SealKeys) -> None:
    assert keys.public() == ()
    assert not keys.home.exists()


def test_a_rotation_retires_and_keeps_only_what_is_public(keys: SealKeys) -> None:
    first, at = sealed(keys)
    new = keys.rotate("ES256")
    old, current = keys.public()
    assert (current, current.alg, current.until) == (new, "ES256", None)
    assert old.until == current.since
    assert old.signs_at(at)
    assert not current.signs_at(at)
    assert "d" not in stored(keys)[0]["jwk"]
    second, later = sealed(keys)
    assert current.signs_at(later)
    assert not old.signs_at(later)
    found = {key.kid: key for key in keys.public()}
    assert [verify(text, found).key for text in (first, second)] == [old, current]


def test_periods_are_whole_seconds_without_gap(keys: SealKeys) -> None:
    for _ in range(4):
        keys.rotate()
    every = keys.public()
    assert all(k.since.microsecond == 0 for k in every)
    assert [k.until for k in every] == [*(k.since for k in every[1:]), None]
    assert all(a.since < b.since for a, b in pairwise(every))


def test_signatures_during_rotations_lie_in_their_periods(keys: SealKeys) -> None:
    done, made = threading.Event(), list[tuple[str, datetime]]()

    def work() -> None:
        while not done.is_set():
            made.append(sealed(keys))

    with ThreadPoolExecutor(4) as pool:
        futures = [pool.submit(work) for _ in range(4)]
        for _ in range(5):
            keys.rotate()
        done.set()
        for future in futures:
            future.result()
    found = {key.kid: key for key in keys.public()}
    assert len(made) >= 4
    for text, at in made:
        assert verify(text, found).key.signs_at(at)


def test_an_unknown_algorithm_changes_nothing(keys: SealKeys) -> None:
    sealed(keys)
    before = stored(keys)
    with pytest.raises(BadInput, match="no algorithm `SM2`"):
        keys.rotate("SM2")
    assert stored(keys) == before


def test_a_file_that_others_can_read_is_refused(keys: SealKeys) -> None:
    sealed(keys)
    os.chmod(keys.home / KEY_FILE, 0o640)
    for use in (keys.public, keys.rotate, lambda: sealed(keys)):
        with pytest.raises(BadInput, match="others than its owner"):
            use()


def change(keys: SealKeys, **members: Any) -> None:
    rows = stored(keys)
    rows[-1] |= members
    (keys.home / KEY_FILE).write_text(json.dumps({"keys": rows}), encoding="utf-8")


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"kid": "x"}, "not what it says"),
        ({"alg": "ES256"}, "not what it says"),
        ({"alg": "none"}, "not what it says"),
        ({"from": "yesterday"}, "not what it says"),
        ({"jwk": {"kty": "oct", "k": "AAAA"}}, "not what it says"),
        ({"until": "2026-01-01T00:00:00Z"}, "exactly one current key"),
    ],
)
def test_a_file_that_is_not_right_is_refused(keys: SealKeys, members: dict[str, Any], said: str) -> None:
    sealed(keys)
    change(keys, **members)
    for use in (keys.public, lambda: sealed(keys)):
        with pytest.raises(BadInput, match=said):
            use()


def test_a_current_key_without_private_part_is_refused(keys: SealKeys) -> None:
    sealed(keys)
    change(keys, jwk=dict(keys.public()[0].jwk))
    with pytest.raises(BadInput, match="no private part"):
        sealed(keys)


def test_what_is_published_reads_back_and_is_public(keys: SealKeys) -> None:
    keys.rotate("ES256")
    whole = published(keys.public())
    retired, current = whole["keys"]
    assert set(retired) == {"kty", "crv", "x", "kid", "alg", "use", "nbf", "exp"}
    assert set(current) == {"kty", "crv", "x", "y", "kid", "alg", "use", "nbf"}
    assert retired["exp"] == current["nbf"] == int(keys.public()[1].since.timestamp())
    assert tuple(read_published(json.dumps(whole).encode(), "jwks").values()) == keys.public()


def test_keys_of_other_kinds_are_passed_over(keys: SealKeys) -> None:
    sealed(keys)
    whole = published(keys.public())
    others = [{"kty": "oct", "k": "AAAA"}, {"kty": "EC", "alg": "SM2"}, {**whole["keys"][0], "use": "enc"}]
    found = read_published(json.dumps({"keys": [*others, *whole["keys"]]}).encode(), "jwks")
    assert tuple(found.values()) == keys.public()


def test_a_key_set_that_is_not_right_is_refused(keys: SealKeys) -> None:
    sealed(keys)
    [row] = published(keys.public())["keys"]
    changes = {"kid": "x"}, {"alg": "ES256"}, {"nbf": "1"}, {"nbf": 1e300}
    wrong: list[Any] = [{**row, **one} for one in changes]
    wrong += [{n: v for n, v in row.items() if n != "nbf"}, {**row, "exp": True}, 1]
    for one in wrong:
        with pytest.raises(BadInput, match="not a JSON Web Key Set"):
            read_published(json.dumps({"keys": [one]}).encode(), "jwks")
    for text in (b"", b"[]", b'{"keys": 1}', b"{}", b"\xff"):
        with pytest.raises(BadInput, match="not a JSON Web Key Set"):
            read_published(text, "jwks")


def test_a_retirement_known_to_any_source_holds() -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    key = SealKey("a", "Ed25519", {}, start)
    retired, later = replace(key, until=start + timedelta(days=1)), SealKey("b", "Ed25519", {}, start)
    assert union([key], [retired, later]) == union([retired], [later, key]) == {"a": retired, "b": later}


def test_a_rotated_key_of_another_home_is_unknown(keys: SealKeys, tmp_path: Path) -> None:
    other = SealKeys(tmp_path / "other")
    text, _ = sealed(other)
    sealed(keys)
    with pytest.raises(BadSeal, match="is unknown"):
        verify(text, {key.kid: key for key in keys.public()})
