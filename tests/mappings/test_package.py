"""Supply packages: what is read from them, and that everything wrong is told with its place and a fix."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import huren
from huren.errors import BadPackage, HurenError
from huren.graph.model.supply import (
    Declared,
    Emission,
    GwpSet,
    Input,
    Origin,
    Product,
    Stage,
    Supply,
    Unlinked,
)
from huren.graph.model.text import Text
from huren.graph.rollup import roll_up
from huren.mappings.package import Importer, Package, link, read, read_package
from tests.mappings.packages import EMISSIONS, INPUTS, PRODUCTS, package

SHIPPED = Path(huren.__file__).parent / "packages"
DATA = Path(__file__).parents[3] / "shared" / "data"
beside = pytest.mark.skipif(not DATA.exists(), reason="the source data are not beside the repository")


def shipped(name: str) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (SHIPPED / name).iterdir()}


def wrong(**tables: str | bytes | None) -> list[HurenError]:
    with pytest.raises(BadPackage) as refused:
        read_package(package(**tables))
    return list(refused.value.problems)


def test_a_package_is_its_products_and_what_stands_behind_them() -> None:
    found = read_package(package(), "org")
    assert found.products["org/car"] == Product("org", "car", Text(en="Car"), "piece")
    assert found.recipes["org/car"].inputs == (Input("org/steel", 900.0),)
    assert found.recipes["org/steel"].emissions == (Emission("CO2", 2.0),)
    assert not found.recipes["org/car"].unlinked_stated


def test_every_optional_column_arrives() -> None:
    found = read_package(
        package(
            products="id,name,name_zh,declared_unit,category,region,owner,site,period_start,period_end,dqr_tech,"
            "dqr_geo,dqr_time,traceability\ncar,Car,车,piece,vehicle,CN-SH,maker,s1,2025-01-01,2025-12-31,1,2.5,5,"
            "meter\nsteel,Steel,,kg,,,,,,,,,,\n",
            inputs="consumer,supplier,amount,unit,stage,data_kind,source,gsd\n"
            "car,steel,900,kg,A1,primary,scale,1.2\ncar,steel,5,kg,use,,,\n",
            emissions="product,gas,origin,stage,kg_per_declared_unit,gwp_set,data_kind,source,gsd\n"
            "car,ch4,biogenic,A3,1e-3,,secondary,book,2\nsteel,CO2e,,,2,ar5,,,\n",
            unlinked="consumer,flow,amount,unit\ncar,paint,2,l\n",
            footprints="product,kg_co2e,amount,unit,gwp_set,boundary,raw_material,production,use,"
            "biogenic_kg_co2,valid_until,source\n"
            "steel,2000,1,t,AR6,cradle_to_grave,1500,400,100,-10,2026-06-30,epd\n",
        ),
        "org",
    )
    car = found.products["maker/car"]
    assert (car.name, car.category, car.region, car.site) == (Text("车", "Car"), "vehicle", "CN-SH", "s1")
    assert (car.period_start and car.period_start.isoformat(), car.dqr_geo, car.traceability) == (
        "2025-01-01",
        2.5,
        "meter",
    )
    recipe = found.recipes["maker/car"]
    by_stage = {one.stage: one for one in recipe.inputs}
    assert by_stage.keys() == {Stage.RAW_MATERIAL, Stage.USE}
    assert by_stage[Stage.RAW_MATERIAL].provenance.gsd == 1.2
    assert recipe.emissions[0].gas == "CH4"
    assert recipe.emissions[0].origin is Origin.BIOGENIC
    assert recipe.unlinked == (Unlinked("paint", 2.0, "l"),)
    assert recipe.unlinked_stated
    assert found.recipes["org/steel"].emissions[0].gwp_set is GwpSet.AR5
    assert found.recipes["org/steel"].declared == Declared(
        2.0,
        GwpSet.AR6,
        True,
        ((Stage.RAW_MATERIAL, 1.5), (Stage.PRODUCTION, 0.4), (Stage.USE, 0.1)),
        -0.01,
        datetime(2026, 6, 30, 16, tzinfo=UTC),
        "epd",
    )


def test_rows_of_one_pair_add_up_and_stages_stay_apart() -> None:
    rows = "car,steel,0.1,t,\ncar,steel,200,kg,\ncar,steel,1,kg,C4\n"
    found = read_package(package(inputs="consumer,supplier,amount,unit,stage\n" + rows), "o")
    assert found.recipes["o/car"].inputs == (
        Input("o/steel", 1.0, Stage.END_OF_LIFE),
        Input("o/steel", 300.0),
    )
    twice = "product,gas,kg_per_declared_unit\nsteel,CO2,1\nsteel,co₂,0.5\nsteel,N2O,1\n"
    emissions = read_package(package(emissions=twice), "o").recipes["o/steel"].emissions
    assert emissions == (Emission("CO2", 1.5), Emission("N2O", 1.0))


@given(st.permutations([0.1, 1e16, -1e16, 0.2, 3.0]))
def test_the_order_of_rows_does_not_matter(amounts: list[float]) -> None:
    rows = "".join(f"car,steel,{amount!r},kg\n" for amount in amounts)
    found = read_package(package(inputs="consumer,supplier,amount,unit\n" + rows), "o")
    assert found.recipes["o/car"].inputs == (Input("o/steel", 3.3),)


names = st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters="/"), min_size=1, max_size=8)
cells = st.floats(allow_nan=False, allow_infinity=False)


@given(st.lists(names, min_size=1, max_size=6, unique=True), st.data(), st.sampled_from(["utf-8", "gb18030"]))
def test_what_is_written_is_read(ids: list[str], data: st.DataObject, encoding: str) -> None:
    pick = st.sampled_from(ids)
    inputs = data.draw(st.lists(st.tuples(pick, pick, cells), unique_by=lambda row: row[:2]))
    emissions = data.draw(st.lists(st.tuples(pick, cells), unique_by=lambda row: row[0]))
    texts = {
        "products": [("id", "name", "declared_unit"), *((one, one, "kg") for one in ids)],
        "inputs": [("consumer", "supplier", "amount", "unit"), *((*row, "kg") for row in inputs)],
        "emissions": [
            ("product", "gas", "kg_per_declared_unit"),
            *((product, "CO2", kg) for product, kg in emissions),
        ],
    }
    found = read_package(package(encoding, **{name: written(rows) for name, rows in texts.items()}), "o")
    assert {key: len(recipe.inputs) for key, recipe in found.recipes.items()} == {
        f"o/{one}": sum(row[0] == one for row in inputs) for one in ids
    }
    for consumer, supplier, amount in inputs:
        assert Input(f"o/{supplier}", amount) in found.recipes[f"o/{consumer}"].inputs
    for product, kg in emissions:
        assert found.recipes[f"o/{product}"].emissions == (Emission("CO2", kg),)


def written(rows: list[tuple[object, ...]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue()


GOOD_TABLES: dict[str, dict[str, str | bytes]] = {
    "columns in another order": {"inputs": "unit,amount,supplier,consumer\nkg,900,steel,car\n"},
    "a byte order mark": {"inputs": b"\xef\xbb\xbf" + INPUTS.encode()},
    "carriage returns, blank lines, blanks around cells": {
        "inputs": "consumer,supplier,amount,unit\r\n\r\n car , steel , 900 , kg \r\n,,,\r\n"
    },
    "exponents and signs": {"inputs": "consumer,supplier,amount,unit\ncar,steel,+9.0E2,kg\n"},
    "the name as owner/id": {"inputs": "consumer,supplier,amount,unit\no/car,o/steel,900,kg\n"},
}


@pytest.mark.parametrize("tables", GOOD_TABLES.values(), ids=GOOD_TABLES)
def test_what_is_tolerated(tables: dict[str, str | bytes]) -> None:
    found = read_package(package(**tables), "o")
    assert found.recipes["o/car"].inputs == (Input("o/steel", 900.0),)


def test_gb18030_and_another_dialect_as_declared() -> None:
    files = package(products="id;name;declared_unit\n车;小汽车;piece\n")
    files["products.csv"] = files["products.csv"].decode().encode("gb18030")
    files["inputs.csv"], files["emissions.csv"] = (
        b"consumer,supplier,amount,unit\n",
        EMISSIONS.split("\n")[0].encode(),
    )
    descriptor = json.loads(files["datapackage.json"])
    descriptor["resources"][0] |= {
        "encoding": "GB18030",
        "dialect": {"delimiter": ";"},
        "schema": {"fields": []},
    }
    files["datapackage.json"] = json.dumps(descriptor).encode()
    assert read_package(files, "o").products["o/车"].name == Text(en="小汽车")


def input_row(row: str) -> str:
    return f"consumer,supplier,amount,unit,stage,data_kind,source,gsd\n{row}\n"


def product_row(row: str) -> str:
    header = "id,name,declared_unit,owner,period_start,period_end,dqr_tech"
    return f"{header}\n{row}\ncar,Car,piece,,,,\nsteel,Steel,kg,,,,\n"


BAD_NUMBERS = ["nan", "NaN", "inf", "-Infinity", "1e400", "1" + "0" * 400, "0x1p3", "1,000", "1 000", "1_000"]
BAD_NUMBERS += [
    "１２",
    "١٢",
    "12%",
    "1/2",
    "--1",
    "1e",
    ".",
    "1.2.3",
    "abc",
    "1e-400",
    "½",
    "−5",
    "1'000",
    "1d5",
]
DAYS_NOT_ISO = [
    "2025/06/30",
    "30.06.2025",
    "06/30/2025",
    "30/06/2025",
    "20250630",
    "2025-6-30",
    "June 30, 2025",
]
DAYS_NOT_ISO += [
    "30 Jun 2025",
    "2025年6月30日",
    "2025-06-30T00:00:00Z",
    "2025-06",
    "2025",
    "2025-02-30",
    "2025-13-01",
]
DAYS_NOT_ISO += [
    "2025-W26-1",
    "2025-181",
    "45838",
    "1751241600",
    "30-06-2025",
    "06-30-2025",
    "25-06-30",
    "2025.06.30",
]
DAYS_NOT_ISO += [
    "2025 06 30",
    "２０２５-06-30",
    "2025-06-30Z",
    "+2025-06-30",
    "Q2 2025",
    "today",
    "0000-01-01",
    "民国114年",
]
DAYS_NOT_ISO += ["30-Jun-25"]


@pytest.mark.parametrize("number", BAD_NUMBERS)
def test_bad_numbers(number: str) -> None:
    [problem] = wrong(inputs=input_row(f'car,steel,"{number}",kg,,,,'))
    assert str(problem.place) == "inputs.csv:2:amount"
    assert problem.fix
    assert problem.fix_zh != problem.fix


@pytest.mark.parametrize("day", DAYS_NOT_ISO)
def test_days_in_other_formats(day: str) -> None:
    [problem] = wrong(products=product_row(f'x,X,kg,,"{day}",,'))
    assert str(problem.place) == "products.csv:2:period_start"
    assert "YYYY-MM-DD" in problem.fix


def test_at_least_the_31_formats() -> None:
    assert len(set(DAYS_NOT_ISO)) >= 31


BAD: dict[str, tuple[dict[str, str | bytes | None], str, str]] = {
    "no products": ({"products": None}, "datapackage.json", "`products.csv` is missing"),
    "no inputs": ({"inputs": None}, "datapackage.json", "`inputs.csv` is missing"),
    "an empty file": ({"emissions": ""}, "emissions.csv:1", "empty"),
    "a duplicate id": ({"products": PRODUCTS + "car,Car,piece\n"}, "products.csv:4:id", "used twice"),
    "no name": ({"products": product_row("x,,kg,,,,")}, "products.csv:2:name", "blank"),
    "a long id": ({"products": product_row("x" * 401 + ",X,kg,,,,")}, "products.csv:2:id", "characters"),
    "an unknown declared unit": (
        {"products": product_row("x,X,zork,,,,")},
        "products.csv:2:declared_unit",
        "zork",
    ),
    "a period that ends first": (
        {"products": product_row("x,X,kg,,2025-02-01,2025-01-01,")},
        "products.csv:2:period_end",
        "before it starts",
    ),
    "a rating of 6": ({"products": product_row("x,X,kg,,,,6")}, "products.csv:2:dqr_tech", "from 1 to 5"),
    "a wrong check character": (
        {"products": product_row("x,X,kg,91110000600037341M,,,")},
        "products.csv:2:owner",
        "unified social credit code",
    ),
    "a code of 17": (
        {
            "products": product_row("x,X,kg,9111000060003734L,,,").replace(
                "9111000060003734L", "91110000600037341"
            )
        },
        "products.csv:2:owner",
        "unified social credit code",
    ),
    "an owner with a slash": ({"products": product_row("x,X,kg,a/b,,,")}, "products.csv:2:owner", "slash"),
    "an unknown supplier": (
        {"inputs": input_row("car,stele,1,kg,,,,")},
        "inputs.csv:2:supplier",
        "no product `stele`",
    ),
    "an unknown consumer": (
        {"inputs": input_row("bus,steel,1,kg,,,,")},
        "inputs.csv:2:consumer",
        "`bus` is not in",
    ),
    "an unknown unit": (
        {"inputs": input_row("car,steel,1,zork,,,,")},
        "inputs.csv:2:unit",
        "unknown unit `zork`",
    ),
    "another dimension": (
        {"inputs": input_row("car,steel,1,kWh,,,,")},
        "inputs.csv:2:unit",
        "`kWh` (energy)",
    ),
    "a blank amount": ({"inputs": input_row("car,steel,,kg,,,,")}, "inputs.csv:2:amount", "blank"),
    "an unknown stage": (
        {"inputs": input_row("car,steel,1,kg,A9,,,")},
        "inputs.csv:2:stage",
        "unknown stage `A9`",
    ),
    "module D": ({"inputs": input_row("car,steel,1,kg,D,,,")}, "inputs.csv:2:stage", "unknown stage `D`"),
    "an unknown kind": (
        {"inputs": input_row("car,steel,1,kg,,primry,,")},
        "inputs.csv:2:data_kind",
        "primry",
    ),
    "a gsd below 1": ({"inputs": input_row("car,steel,1,kg,,,,0.5")}, "inputs.csv:2:gsd", "1 or more"),
    "a negative gsd": ({"inputs": input_row("car,steel,1,kg,,,,-2")}, "inputs.csv:2:gsd", "1 or more"),
    "a sum too large": (
        {"inputs": INPUTS + "car,steel,1e308,kg\n" * 3},
        "inputs.csv:2:amount",
        "add up beyond",
    ),
    "an unknown gas": ({"emissions": EMISSIONS + "car,O2,1\n"}, "emissions.csv:4:gas", "unknown gas `O2`"),
    "a missing column": ({"inputs": "consumer,supplier,amount\n"}, "inputs.csv:1", "`unit` is missing"),
    "an unknown column": (
        {"inputs": "consumer,supplier,amount,unit,ammount\n"},
        "inputs.csv:1",
        "unknown column `ammount`",
    ),
    "a column twice": ({"inputs": "consumer,supplier,amount,unit,unit\n"}, "inputs.csv:1", "twice"),
    "a ragged row": ({"inputs": INPUTS + "car,steel\n"}, "inputs.csv:3", "2 cells, the header 4"),
    "an open quotation mark": ({"inputs": INPUTS + 'car,"steel,1,kg\n'}, "inputs.csv:3", "not CSV"),
    "a NUL": ({"inputs": INPUTS.replace("steel", "st\0eel")}, "inputs.csv:2", "U+0000"),
    "mixed encodings": (
        {"products": PRODUCTS.encode() + "x,钢铁,kg\n".encode() + b"y,\xb8\xd6\xcc\xfa!,kg\n"},
        "products.csv:5",
        "mixes encodings",
    ),
    "UTF-8 in a GB18030 file": (
        {"products": "id,name,declared_unit\nx,钢铁厂,kg\n".encode("gb18030") + "y,玻璃,kg\n".encode()},
        "products.csv:2",
        "mixes encodings",
    ),
    "another encoding": (
        {"products": "id,name,declared_unit\nx,钢铁,kg\n".encode("gb18030")},
        "products.csv",
        "declared",
    ),
    "an unlinked unit": (
        {"unlinked": "consumer,flow,amount,unit\ncar,x,1,zork\n"},
        "unlinked.csv:2:unit",
        "zork",
    ),
    "a negative denominator": (
        {"footprints": "product,kg_co2e,amount,unit\ncar,5,-1,piece\n"},
        "footprints.csv:2:amount",
        "above 0",
    ),
    "a zero denominator": (
        {"footprints": "product,kg_co2e,amount\ncar,5,0\n"},
        "footprints.csv:2:amount",
        "above 0",
    ),
    "stages that miss the total": (
        {"footprints": "product,kg_co2e,raw_material,production\ncar,5,1,1\n"},
        "footprints.csv:2:kg_co2e",
        "do not add up",
    ),
    "a gate with a grave": (
        {"footprints": "product,kg_co2e,production,use\ncar,5,4,1\n"},
        "footprints.csv:2:kg_co2e",
        "cradle-to-gate",
    ),
    "a certificate without scheme": (
        {"certificates": "number,holder,scheme\nC1,maker,\n"},
        "certificates.csv:2:scheme",
        "blank",
    ),
    "a certificate's nonsense": (
        {"certificates": "number,holder,scheme,assurance.level\nC1,maker,S,high\n"},
        "certificates.csv:2:assurance.level",
        "limited",
    ),
    "a module that is none": (
        {"certificates": "number,holder,scheme,modules.Z9\nC1,maker,S,5\n"},
        "certificates.csv:2:modules.Z9",
        "no module",
    ),
    "no JSON": (
        {"certificates": "number,holder,scheme,gwp_sets\nC1,maker,S,AR6\n"},
        "certificates.csv:2:gwp_sets",
        "JSON",
    ),
    "a record time": (
        {"certificates": 'number,holder,scheme,changes\nC1,m,S,"[{""recorded_at"":""2020-01-01""}]"\n'},
        "certificates.csv:2:changes",
        "record time",
    ),
    "an event of no certificate": (
        {
            "certificates": "number,holder,scheme\nC1,maker,S\n",
            "status_events": "certificate,state,valid_from\nC2,valid,2025-01-01\n",
        },
        "status_events.csv:2:certificate",
        "C2",
    ),
}


@pytest.mark.parametrize(("tables", "place", "says"), BAD.values(), ids=BAD)
def test_bad_input(tables: dict[str, str | bytes | None], place: str, says: str) -> None:
    problems = wrong(**tables)
    at_place = [problem for problem in problems if str(problem.place) == place]
    assert at_place, [f"{problem.place}: {problem.en}" for problem in problems]
    assert says in at_place[0].en + at_place[0].fix
    assert all(problem.zh and problem.fix and problem.fix_zh for problem in problems)


def test_all_problems_at_once_each_with_its_line() -> None:
    rows = "".join(f"car,nowhere{i},x,zork\n" for i in range(500))
    problems = wrong(inputs="consumer,supplier,amount,unit\n" + rows, products=PRODUCTS + "car,,zork\n")
    lines = [
        problem.place.line for problem in problems if problem.place and problem.place.column == "supplier"
    ]
    assert lines == list(range(2, 502))
    assert len(problems) == 1500 + 3


def test_lines_are_counted_through_quoted_line_breaks() -> None:
    rows = 'a,"two\nlines",kg\nb,ok,kg\nc,ok,zork\n'
    problems = wrong(
        products="id,name,declared_unit\n" + rows,
        inputs=INPUTS.split("\n")[0],
        emissions=EMISSIONS.split("\n")[0],
    )
    assert "products.csv:5:declared_unit" in [str(problem.place) for problem in problems]


DESCRIPTORS = {
    "none": None,
    "no JSON": b"{",
    "a list": b"[]",
    "a path outside": b'{"resources":[{"name":"inputs","path":"../inputs.csv"}]}',
    "a URL": b'{"resources":[{"name":"inputs","path":"https://example.org/inputs.csv"}]}',
    "UTF-16": b'{"resources":[{"name":"inputs","path":"inputs.csv","encoding":"utf-16"}]}',
    "no header": b'{"resources":[{"name":"inputs","path":"inputs.csv","dialect":{"header":false}}]}',
    "a table twice": b'{"resources":[{"name":"inputs","path":"inputs.csv"},{"path":"inputs.csv"}]}',
    "a misspelt table": b'{"resources":[{"name":"input","path":"input.csv"}]}',
    "a file that is not there": b'{"resources":[{"name":"unlinked","path":"unlinked.csv"}]}',
}


@pytest.mark.parametrize("descriptor", DESCRIPTORS.values(), ids=DESCRIPTORS)
def test_bad_descriptors(descriptor: bytes | None) -> None:
    files = package()
    if descriptor is None:
        del files["datapackage.json"]
    else:
        files["datapackage.json"] = descriptor
    with pytest.raises(BadPackage) as refused:
        read_package(files)
    assert all(str(problem.place).startswith("datapackage.json") for problem in refused.value.problems)


def test_a_table_that_is_not_listed_is_read_and_another_resource_named() -> None:
    files = package()
    files["datapackage.json"] = b'{"resources":[{"name":"pictures","path":"pictures.png"}]}'
    found = read_package(files, "o")
    assert found.ignored == ("pictures",)
    assert found.recipes["o/car"].inputs


def linked(outside: dict[str, tuple[Product, ...]], supplier: str) -> tuple[Package, tuple[HurenError, ...]]:
    files = package(inputs=f"consumer,supplier,amount,unit\ncar,{supplier},1,t\n")
    return link(read(files, Importer("o")), outside)


def test_suppliers_outside_the_package() -> None:
    glass = Product("other", "glass", Text(en="Glass"), "kg", unverified=True)
    found, problems = linked({"glass": (glass,)}, "glass")
    assert not problems
    assert found.recipes["o/car"].inputs == (Input("other/glass", 1000.0),)
    assert found.outside == {"other/glass": glass}
    assert found.products["o/car"].unverified
    assert not found.products["o/steel"].unverified


def test_a_name_of_two_products_is_refused_with_both() -> None:
    one, two = (Product(owner, "glass", Text(), "kg") for owner in ("a", "b"))
    _, [problem] = linked({"glass": (one, two)}, "glass")
    assert "`a/glass`, `b/glass`" in problem.en


def test_only_the_administrator_brings_products_of_others() -> None:
    files = package(
        products=PRODUCTS.replace("unit\n", "unit,owner\n")
        .replace("piece", "piece,maker")
        .replace("kg", "kg,")
    )
    _, [problem] = link(read(files, Importer("o")), {})
    assert str(problem.place) == "products.csv:2:owner"
    assert not link(read(files, Importer("o", administrator=True)), {})[1]


# kg CO2e per declared unit, from the data set the package was made of.
TOTALS = {"PVMOD": 552.058688, "AL_INGOT": 13.63655, "EV": 11645.548663, "MDF": 374.583, "COAL": 0.110174}


@pytest.mark.parametrize(("code", "total"), TOTALS.items())
def test_totals_of_the_demonstration_chain(code: str, total: float) -> None:
    found = read_package(shipped("demo"), "admin")
    supply = Supply(dict(found.products), dict(found.recipes), 1)
    assert roll_up(supply, f"admin/{code}").total == pytest.approx(total, abs=1e-6)


@beside
def test_the_demonstration_chain_has_its_published_totals() -> None:
    found = read_package(shipped("demo"), "admin")
    supply = Supply(dict(found.products), dict(found.recipes), 1)
    with (DATA / "demo" / "nodes.csv").open(encoding="utf-8", newline="") as file:
        nodes = list(csv.DictReader(file))
    assert len(found.products) == len(nodes) == 94
    for node in nodes:
        total = roll_up(supply, f"admin/{node['id']}").total
        assert total == pytest.approx(float(node["total_kgCO2e_excl_biogenic"]), abs=1e-6)
        assert found.products[f"admin/{node['id']}"].region == node["geography"]


def test_the_demonstration_says_what_is_unverified() -> None:
    products = read_package(shipped("demo"), "admin").products
    assert not products["admin/EL_CN24"].unverified
    assert not products["admin/TRUCK"].unverified
    assert products["admin/COAL"].unverified
    assert products["admin/POLY"].unverified  # its own numbers have a source, its silicon does not


@beside
def test_uslci_is_the_source_number_for_number() -> None:
    found = read_package(shipped("uslci"), "admin")
    with (DATA / "uslci" / "edges.csv").open(encoding="utf-8", newline="") as file:
        edges = list(csv.DictReader(file))
    sums: dict[tuple[str, str], list[float]] = {}
    for edge in edges:
        sums.setdefault((edge["consumer"], edge["provider"]), []).append(
            float(edge["amount_in_provider_unit"])
        )
    stated = {
        (consumer.removeprefix("admin/"), one.supplier.removeprefix("admin/")): one.amount
        for consumer, recipe in found.recipes.items()
        for one in recipe.inputs
    }
    assert len(edges) == 3723
    assert stated.keys() == sums.keys()
    assert all(stated[pair] == pytest.approx(sum(amounts), rel=1e-12) for pair, amounts in sums.items())
    assert len(found.products) == 766
    assert sum(len(recipe.unlinked) for recipe in found.recipes.values()) == 2755


@beside
def test_the_notice_travels_whole_with_uslci() -> None:
    notice = (DATA / "uslci" / "NOTICE-NREL-data-use-disclaimer.md").read_text("utf-8").strip()
    shipped_notice = (SHIPPED / "uslci" / "NOTICE.md").read_text("utf-8")
    assert shipped_notice.startswith(notice)
    assert "Changes made to the data" in shipped_notice
