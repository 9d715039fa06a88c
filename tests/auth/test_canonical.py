"""Canonical JSON against the vectors of RFC 8785, and what the strict reader refuses."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huren.graph.model.canonical import canonical, parse

# Section 3.2.2 and its bytes in 3.2.4.
SAMPLE = rb"""{
  "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
  "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
  "literals": [null, true, false]
}"""
SAMPLE_BYTES = bytes.fromhex(
    "7b226c69746572616c73223a5b6e756c6c2c747275652c66616c73655d2c226e756d62657273223a5b3333333333333333332e33"
    "3333333333332c31652b33302c342e352c302e3030322c31652d32375d2c22737472696e67223a22e282ac245c75303030665c6e"
    "4127425c225c5c5c5c5c222f227d"
)
# Section 3.2.3: names are sorted by their UTF-16 code units.
UNSORTED = rb"""{"\u20ac": "Euro Sign", "\r": "Carriage Return", "\ufb33": "Hebrew Letter Dalet With Dagesh",
  "1": "One", "\ud83d\ude00": "Emoji: Grinning Face", "\u0080": "Control",
  "\u00f6": "Latin Small Letter O With Diaeresis"}"""
SORTED = [
    "Carriage Return",
    "One",
    "Control",
    "Latin Small Letter O With Diaeresis",
    "Euro Sign",
    "Emoji: Grinning Face",
    "Hebrew Letter Dalet With Dagesh",
]


def test_the_sample_of_the_rfc() -> None:
    assert canonical(parse(SAMPLE)) == SAMPLE_BYTES


def test_the_order_of_names_of_the_rfc() -> None:
    assert list(json.loads(canonical(parse(UNSORTED))).values()) == SORTED


@pytest.mark.parametrize(
    "text",
    [
        b'{"a":1,"a":2}',
        b'{"a":{"b":1,"b":1}}',
        b"[NaN]",
        b"[-Infinity]",
        b"{} ,",
        b"{}{}",
        b"\xef\xbb\xbf{}",
        b'"\xff"',
        b"",
        b"{'a': 1}",
        b"[" * 200 + b"]" * 200,
        b"[" * 100_000,
        b"9" * 10_000,
    ],
)
def test_what_is_not_plain_json_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  (one kind of refusal, whatever the reason)
        parse(text)


TEXTS = st.text(st.characters(codec="utf-8"), max_size=8)
JSON = st.recursive(
    st.none() | st.booleans() | TEXTS | st.integers(-(2**53) + 1, 2**53 - 1),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


@given(JSON)
def test_what_is_canonical_reads_back_and_stays(value: object) -> None:
    text = canonical(value)
    assert parse(text) == value
    assert canonical(parse(text)) == text
