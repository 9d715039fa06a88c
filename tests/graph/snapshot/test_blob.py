"""A stored snapshot comes back as it was, or not at all."""

from __future__ import annotations

import json
import stat
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huren.graph.home import Lock
from huren.graph.model.supply import Emission, Input, Product, Recipe
from huren.graph.model.text import Text
from huren.graph.snapshot.blob import FORMAT, Blob
from tests.graph.snapshot.stated import Pairs, changed, columns, stated, supply

DAY = datetime(2026, 6, 1, tzinfo=UTC)


def some(count: int = 40) -> Pairs:
    """A chain with names that no other ASCII text has, so that a flipped bit shows."""
    return {
        f"a/{i}": (
            Product("a", str(i), Text(f"钢{i}", f"steel {i}"), "kg", region=f"CN-{i % 3}"),
            Recipe((Input(f"a/{i - 1}", i / 7),) if i else (), (Emission("CO2", float(i)),)),
        )
        for i in range(count)
    }


@pytest.fixture
def blob(tmp_path: Path) -> Blob:
    return Blob(tmp_path / "supply.snapshot")


@pytest.mark.slow
@given(stated, stated)
def test_what_is_stored_comes_back_and_goes_on(
    tmp_path_factory: pytest.TempPathFactory, pairs: Pairs, later: Pairs
) -> None:
    blob = Blob(tmp_path_factory.mktemp("home") / "supply.snapshot")
    kept = replace(columns(supply(pairs)), revision=7, as_of=DAY)
    assert blob.write(kept, "identity")
    header, back = blob.header(), blob.read("identity")
    assert header is not None
    assert (header.identity, header.revision) == ("identity", 7)
    assert back.supply() == kept.supply()
    assert changed(back, later).supply() == changed(kept, later).supply()
    assert changed(back, later).tally() == changed(kept, later).tally()


def test_a_copy_of_another_history_is_not_read(blob: Blob, caplog: pytest.LogCaptureFixture) -> None:
    assert blob.write(columns(supply(some())), "x")
    assert len(blob.read("x").keys) == 40
    assert len(blob.read("y").keys) == 0
    assert "another history" in caplog.text


def test_the_file_is_for_its_user_alone_and_leaves_no_draft(blob: Blob) -> None:
    assert blob.header() is None
    assert blob.write(columns(supply(some())), "x")
    assert stat.S_IMODE(blob.path.stat().st_mode) == 0o600
    assert {file.suffix for file in blob.path.parent.iterdir()} == {".snapshot", ".lock"}


def test_one_process_at_a_time_writes(blob: Blob) -> None:
    other = Lock(blob.path.with_suffix(".lock"))
    assert other.own()
    assert not blob.write(columns(supply(some())), "x")
    other.close()
    assert blob.write(columns(supply(some())), "x")


def test_a_place_that_cannot_be_written_is_said(blob: Blob, caplog: pytest.LogCaptureFixture) -> None:
    blob.path.with_suffix(".draft").mkdir()
    assert not blob.write(columns(supply(some())), "x")
    assert "could not be stored" in caplog.text


def test_a_file_damaged_anywhere_is_not_used(blob: Blob, caplog: pytest.LogCaptureFixture) -> None:
    assert blob.write(columns(supply(some())), "x")
    whole = blob.path.read_bytes()
    start = whole.index(b"\n", len(FORMAT))
    draw = Random(1)
    places = [0, len(FORMAT) - 1, len(FORMAT), start, start + 1, len(whole) - 1]
    for place in (*places, *(draw.randrange(len(whole)) for _ in range(300))):
        damaged = bytearray(whole)
        damaged[place] ^= 1 << draw.randrange(8)
        blob.path.write_bytes(damaged)
        caplog.clear()
        assert len(blob.read("x").keys) == 0
        assert "is not used" in caplog.text


@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 0.999, 1.1])
def test_a_file_cut_off_or_longer_is_not_used(blob: Blob, share: float) -> None:
    assert blob.write(columns(supply(some())), "x")
    whole = blob.path.read_bytes()
    blob.path.write_bytes((whole * 2)[: int(share * len(whole))])
    assert len(blob.read("x").keys) == 0


@pytest.mark.parametrize("line", [b"{}", b"[]", b"null", b"1", b'{"identity": 1}', b"\xff", b"{" * 9000])
def test_a_header_of_any_kind_is_survived(blob: Blob, line: bytes) -> None:
    blob.path.write_bytes(FORMAT + line + b"\n" + bytes(64))
    assert blob.header() is None
    assert len(blob.read("x").keys) == 0


def test_columns_of_a_strange_kind_are_not_read(blob: Blob) -> None:
    assert blob.write(columns(supply(some())), "x")
    _, line, rest = blob.path.read_bytes().split(b"\n", 2)
    for change in (["heads", "|O", 1, False], ["heads", "<i4", -5, False], ["heads", "<i4", 1 << 60, False]):
        header = json.loads(line)
        header["columns"][0] = change
        blob.path.write_bytes(FORMAT + json.dumps(header).encode() + b"\n" + rest)
        assert len(blob.read("x").keys) == 0


@given(st.binary(max_size=200))
def test_any_bytes_are_survived(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    blob = Blob(tmp_path_factory.mktemp("home") / "supply.snapshot")
    for start in (b"", FORMAT):
        blob.path.write_bytes(start + data)
        assert blob.header() is None
        assert len(blob.read("x").keys) == 0
