"""Rules that follow one another, on the shipped loader: what may be made, what falls, what stays."""

from __future__ import annotations

from datetime import date

import pytest

from huren.errors import BadInput
from huren.graph.model.dated import start
from huren.graph.model.scheme import TextState
from huren.mappings.catalogue import read
from huren.mappings.lifetime import predecessors, rule_state
from huren.mappings.withdrawal import withdrawals

BASE = """
[[scheme]]
id = "S"
name = { zh = "制度", en = "scheme" }
certainty = "known"
source = "a text"

[[category]]
id = "steel"
name = { zh = "钢铁", en = "steel" }
source = "a text"

[[category]]
id = "rebar"
name = { zh = "螺纹钢", en = "rebar" }
parent = "steel"
source = "a text"

[[category]]
id = "tea"
name = { zh = "茶叶", en = "tea" }
source = "a text"

[[region]]
id = "CN"
kind = "country"
name = { zh = "中国", en = "China" }

[[region]]
id = "KR"
kind = "country"
name = { zh = "韩国", en = "Korea" }
"""


def rule(name: str, level: str, effective: str, categories: str = "steel", more: str = "") -> str:
    rows = ", ".join(f'{{ category = "{c}" }}' for c in categories.split())
    return (
        f'\n[[rule]]\nid = "{name}"\nname = {{ zh = "规则", en = "rule" }}\nscheme = "S"\nlevel = "{level}"\n'
        f'categories = [{rows}]\ncertainty = "known"\nsource = "a text"\neffective = {effective}\n{more}\n'
    )


NATIONAL = rule("N", "national", "2026-01-01", more='country = "CN"')


@pytest.mark.parametrize(
    "local",
    [
        rule("L", "local", "2026-01-01"),
        rule("L", "local", "2027-01-01", more='country = "CN"'),
        rule("L", "local", "2026-06-01", "rebar"),
    ],
)
def test_no_local_rule_is_made_beside_a_national_one(local: str) -> None:
    """S3-28: regions go first only for products outside the rules that the country has published."""
    with pytest.raises(BadInput, match="national rule `N`"):
        read({"a.toml": BASE + NATIONAL + local})


@pytest.mark.parametrize(
    ("national", "local"),
    [
        # Made before it: it falls by itself (S3-29), and its history stays.
        (NATIONAL, rule("L", "local", "2025-12-31")),
        # Other products, or more than the national rule holds.
        (NATIONAL, rule("L", "local", "2026-06-01", "tea")),
        (NATIONAL, rule("L", "local", "2026-06-01", "steel tea")),
        # Another country's.
        (NATIONAL, rule("L", "local", "2026-06-01", more='country = "KR"')),
        # A general rule displaces nothing; a draft is not in force; a withdrawn one no longer.
        (rule("N", "national", "2026-01-01", more='kind = "general"'), rule("L", "local", "2026-06-01")),
        (NATIONAL.replace("effective = 2026-01-01\n", ""), rule("L", "local", "2026-06-01")),
        (NATIONAL + "withdrawn = 2026-05-31\n", rule("L", "local", "2026-06-01")),
        # Not local: sector and group standards go on until they are superseded (S3-4).
        (NATIONAL, rule("L", "group", "2026-06-01")),
    ],
)
def test_other_rules_may_be_made(national: str, local: str) -> None:
    assert len(read({"a.toml": BASE + national + local}).rules) == 2


def test_group_sector_and_national_follow_one_another() -> None:
    """S3-4: each is in force until its successor takes effect, whether or not its end was recorded."""
    found = read(
        {
            "a.toml": BASE
            + rule("G", "group", "2024-01-01")
            + rule("I", "sector", "2025-01-01", more='supersedes = ["G"]')
            + rule("N", "national", "2026-01-01", more='supersedes = ["I"]')
        }
    )
    known = found.facts().at(start(date(2026, 12, 31)))
    group, sector, national = (known.rules[name] for name in "GIN")
    states = {
        day: [rule_state(one, start(date.fromisoformat(day)), known) for one in (group, sector, national)]
        for day in ("2023-12-31", "2024-12-31", "2025-01-01", "2026-01-01")
    }
    force, over = TextState.IN_FORCE, TextState.SUPERSEDED
    assert states == {
        "2023-12-31": [None, None, None],
        "2024-12-31": [force, None, None],
        "2025-01-01": [over, force, None],
        "2026-01-01": [over, over, force],
    }
    assert predecessors(national, known) == (sector, group)


def test_a_local_rule_may_become_the_national_one() -> None:
    """S3-30: the promotion is a succession, so it makes no second rule beside the first."""
    promoted = rule("N", "national", "2026-01-01", more='supersedes = ["L"]')
    found = read({"a.toml": BASE + rule("L", "local", "2025-01-01") + promoted})
    known = found.facts().at(start(date(2026, 12, 31)))
    assert rule_state(known.rules["L"], start(date(2026, 1, 1)), known) is TextState.SUPERSEDED


LOCAL = rule("L", "local", "2025-01-01", "rebar tea", 'country = "CN"')


@pytest.mark.parametrize(
    ("national", "events"),
    [
        (NATIONAL, [(date(2026, 1, 1), "national rule N for rebar (S3-29)")]),
        (
            NATIONAL + "locals_fall_on = 2026-06-01\ntransition_until = 2026-12-31\n",
            [
                (
                    date(2026, 6, 1),
                    "national rule N for rebar (S3-29); certificates are taken until 2026-12-31",
                )
            ],
        ),
        (NATIONAL.replace('country = "CN"', 'country = "KR"'), []),
        (NATIONAL + 'kind = "general"\n', []),
        (NATIONAL.replace("effective = 2026-01-01\n", ""), []),
    ],
)
def test_a_national_rule_withdraws_local_ones_as_an_event(
    national: str, events: list[tuple[date, str]]
) -> None:
    """S3-29: for the categories it holds, on its day or the one it sets, with its grace."""
    found = read({"a.toml": BASE + LOCAL + national})
    known = found.facts().at(start(date(2025, 6, 1)))
    withdrawn = withdrawals(known.rules["L"], known)
    assert [(e.valid_from, e.reason) for e in withdrawn] == events
    assert all(e.state is TextState.WITHDRAWN and e.source == "a text" for e in withdrawn)
    assert withdrawals(known.rules["N"], known) == ()


def test_a_successor_does_not_come_first() -> None:
    late = rule("G", "group", "2025-01-01") + rule("N", "national", "2024-01-01", more='supersedes = ["G"]')
    with pytest.raises(BadInput, match="which it supersedes"):
        read({"a.toml": BASE + late})
