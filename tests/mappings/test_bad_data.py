"""Data that do not hold together are refused by file, line, key and reason (cases in ``bad_data.toml``)."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from huren.errors import BadInput
from huren.mappings.catalogue import read

_DATA = tomllib.loads(Path(__file__).with_name("bad_data.toml").read_text(encoding="utf-8"))
PIECES: dict[str, str] = _DATA["pieces"]
SCHEME, RULE = PIECES["scheme"], PIECES["rule"]


@pytest.mark.parametrize("case", _DATA["case"], ids=lambda case: case["says"])
def test_bad_data_are_refused_by_file_key_and_reason(case: dict[str, Any]) -> None:
    text = "".join(PIECES[name] for name in case.get("pieces", ())) + case["text"]
    with pytest.raises(BadInput) as refused:
        read({"bad.toml": text})
    bad = refused.value
    assert bad.place is not None
    assert bad.place.file == "bad.toml"
    assert case["key"] in (bad.place.column or "")
    assert case["reason"] in bad.en
    assert bad.zh
    assert bad.fix
    assert bad.fix_zh


def test_the_pieces_of_the_bad_files_are_good() -> None:
    """Each refusal is for its own fault: without it the same tables pass."""
    found = read({"good.toml": "".join(PIECES.values())})
    assert [len(x) for x in (found.schemes, found.rules, found.agreements, found.categories)] == [1, 1, 1, 1]
    assert [len(found.bodies), len(found.regions)] == [1, 1]


def test_the_line_of_an_unknown_key_s_record_is_named() -> None:
    with pytest.raises(BadInput) as refused:
        read({"bad.toml": SCHEME + SCHEME.replace('"A"', '"B"') + 'colour = "red"\n'})
    assert str(refused.value.place) == "bad.toml:6:colour"


def test_the_line_of_the_record_is_named() -> None:
    with pytest.raises(BadInput) as refused:
        read({"bad.toml": "# a comment\n" + SCHEME + RULE + 'body = "X"\n'})
    assert str(refused.value.place) == "bad.toml:7:body"


def test_the_line_of_a_slip_is_named() -> None:
    with pytest.raises(BadInput) as refused:
        read({"bad.toml": SCHEME + "operator = \n"})
    assert str(refused.value.place) == "bad.toml:6"


def test_names_may_stand_in_another_file() -> None:
    assert read({"a.toml": RULE, "b.toml": SCHEME}).rules[0].scheme == "A"


def test_editions_may_follow_one_another() -> None:
    later = RULE.replace('"R"', '"R2"').replace("2025-01-01", "2026-01-01") + 'supersedes = ["R"]\n'
    assert len(read({"good.toml": SCHEME + RULE + "withdrawn = 2025-12-31\n" + later}).rules) == 2
