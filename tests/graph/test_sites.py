"""Sites: one node for each that an owner names, in its region, shared by products and certificates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from huren.graph import certifying, products, reference, regions
from huren.graph.products import ProductFilter
from tests.graph.test_certificates import certificate, record
from tests.graph.test_organisations import USCC
from tests.graph.test_regions import ABOVE

if TYPE_CHECKING:
    from tests.graph.conftest import Corner

SITES = """
MATCH (t:Site)
OPTIONAL MATCH (t)-[:IN]->(r:Region)
RETURN t.key AS site, collect(r.id) AS regions,
       COUNT { (t)<-[:MADE_AT]-(:Inventory) } AS products,
       COUNT { (t)<-[:FOR_SITE]-(:Certificate) } AS certificates
ORDER BY site
"""


async def test_products_and_certificates_meet_at_their_site(corner: Corner) -> None:
    await regions.load(corner.db, ABOVE)
    await reference.load(corner.db, [record("scheme", "CN-CFP")])
    corner.org = USCC
    for code, site, region in [
        ("a", "one", "110108"),
        ("b", "one", "110108"),
        ("c", "two", None),
        ("d", None, "CN"),
    ]:
        await corner.do(products.register(corner.product(code, site=site, region=region)))
    await corner.do(certifying.register(certificate(site="one"), certificate("N2")))
    found = [tuple(row.values()) for row in await corner.db.read(SITES)]
    assert found == [(f"{USCC}/one", ["110108"], 2, 1), (f"{USCC}/two", [], 1, 0)]


async def test_a_region_holds_the_products_of_its_districts(corner: Corner) -> None:
    await regions.load(corner.db, ABOVE)
    for code, region in [("a", "110108"), ("b", "CN-BJ"), ("c", "CN-TJ"), ("d", None), ("e", "elsewhere")]:
        await corner.do(products.register(corner.product(code, region=region)))
    for region, codes in [
        ("110108", "a"),
        ("CN-BJ", "ab"),
        ("CN", "abc"),
        ("elsewhere", "e"),
        ("JJJ", "abc"),
    ]:
        page = await products.page(corner.db, await corner.pin(), ProductFilter(region=region), 10)
        assert "".join(product.code for product in page.products) == codes
