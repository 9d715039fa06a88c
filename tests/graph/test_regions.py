"""Regions: GB/T 2260 below ISO 3166-2, and alliances that begin and end."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from huren.errors import NotFound
from huren.graph import regions
from huren.graph.districts import PROVINCES, districts
from huren.graph.model.region import Membership, Region, RegionKind
from huren.graph.model.text import Text

if TYPE_CHECKING:
    from tests.conftest import Calls
    from tests.graph.conftest import Corner

BEGUN, ENDED = date(2014, 2, 26), date(2030, 1, 1)

ABOVE = (
    Region("CN", RegionKind.COUNTRY, Text("中国", "China")),
    Region("JJJ", RegionKind.ALLIANCE, Text("京津冀", "Jing-Jin-Ji")),
    *(
        Region(
            code,
            RegionKind.PROVINCE,
            Text(en=code),
            (Membership("JJJ", BEGUN, ENDED), Membership("CN"))
            if code in {"CN-BJ", "CN-TJ", "CN-HE"}
            else (Membership("CN"),),
        )
        for code in PROVINCES.values()
    ),
)


def test_districts_are_those_of_the_standard() -> None:
    found = {region.id: region for region in districts()}
    assert found["110108"] == Region("110108", RegionKind.DISTRICT, Text(zh="海淀区"), (Membership("CN-BJ"),))
    assert found["130202"].memberships == (Membership("130200"),)
    assert found["130200"] == Region(
        "130200", RegionKind.PREFECTURE, Text(zh="唐山市"), (Membership("CN-HE"),)
    )
    assert found["310115"].name.zh == "浦东新区"
    assert found["429004"].memberships == (Membership("CN-HB"),)
    assert "110103" not in found  # merged into 110101 in 2010
    assert 2_800 < sum(region.kind is RegionKind.DISTRICT for region in found.values()) < 3_000
    assert 300 < sum(region.kind is RegionKind.PREFECTURE for region in found.values()) < 400


def test_every_district_lies_in_a_province() -> None:
    found = {region.id: region for region in districts()}
    for region in found.values():
        (around,) = region.memberships
        province = found[around.within].memberships[0].within if around.within in found else around.within
        assert province == PROVINCES[region.id[:2]]


async def test_regions_are_loaded_once(corner: Corner, calls: Calls) -> None:
    assert await regions.load(corner.db, ABOVE)
    before = await corner.pin()
    calls.reset()
    assert not await regions.load(corner.db, ABOVE)
    assert calls.count == 1
    assert await corner.pin() == before
    await _holds_what_was_loaded(corner)
    await _follows_a_change(corner)


async def _holds_what_was_loaded(corner: Corner) -> None:
    alliances = await regions.every(corner.db, RegionKind.ALLIANCE)
    assert [region.id for region in alliances] == ["JJJ"]
    assert len(await regions.every(corner.db)) == len(ABOVE) + len(districts())
    assert (await regions.get(corner.db, "110108")).name.zh == "海淀区"
    around = {
        date(2026, 6, 1): ("130200", "CN-HE", "CN", "JJJ"),
        BEGUN: ("130200", "CN-HE", "CN", "JJJ"),
        date(2014, 2, 25): ("130200", "CN-HE", "CN"),
        ENDED: ("130200", "CN-HE", "CN"),
    }
    for day, names in around.items():
        assert await regions.ancestors(corner.db, "130202", day) == names
    assert await regions.ancestors(corner.db, "CN", BEGUN) == ()
    assert await regions.get_many(corner.db, ["CN", "' OR 1=1"]) == {"CN": ABOVE[0]}
    with pytest.raises(NotFound, match="`999999`"):
        await regions.get(corner.db, "999999")


async def _follows_a_change(corner: Corner) -> None:
    beijing = next(region for region in ABOVE if region.id == "CN-BJ")
    left = replace(beijing, name=Text("北京", "Beijing"), memberships=(Membership("CN"),))
    others = [region for region in ABOVE if region.id != "CN-BJ"]
    assert await regions.load(corner.db, [*others, left])
    assert await regions.get(corner.db, "CN-BJ") == left
    assert await regions.load(corner.db, ABOVE)
    assert (await regions.get(corner.db, "CN-BJ")).name == beijing.name
