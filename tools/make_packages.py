"""Make the two shipped packages from the data they stand on: python tools/make_packages.py ../shared/data

Reproducible: run again on the same data it writes the same bytes.
"""

from __future__ import annotations

import csv
import json
import sys
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from huren.mappings import units
from huren.mappings.records import decode, encode

ROOT = Path(__file__).parents[1]
SHIPPED = ROOT / "src" / "huren" / "packages"
Row = Mapping[str, Any]

# Categories of the pilot catalogue (mappings/data/categories.toml) that nodes.csv names more broadly.
CATEGORIES = {
    "PVMOD": "pv_module",
    "MDF": "mdf",
    "CABINET": "furniture",
    "TSHIRT": "t_shirt",
    "DAP": "phosphate",
}
METHANE = {"CH4_unspec": "CH4", "CH4_fossil": "CH4", "CH4_nonfossil": "CH4"}


def main() -> None:
    """Write both packages below src/huren/packages."""
    data = Path(sys.argv[1])
    demo(data / "demo", SHIPPED / "demo")
    uslci(data / "uslci", SHIPPED / "uslci")


def demo(data: Path, to: Path) -> None:
    """The demonstration chain; a number's source keeps its code, and G is declared unverified."""
    nodes, edges = rows(data / "nodes.csv"), rows(data / "edges.csv")
    write(to / "products.csv", [demo_product(node) for node in nodes])
    write(
        to / "inputs.csv",
        [
            {
                "consumer": edge["consumer"],
                "supplier": edge["provider"],
                "amount": edge["amount"],
                "unit": edge["unit"],
                "stage": edge["stage"],
                "source": edge["src"],
            }
            for edge in edges
        ],
    )
    write(to / "emissions.csv", [row for node in nodes for row in demo_emissions(node)])
    certificates = tomllib.loads((ROOT / "mappings/data/demo_certificates.toml").read_text("utf-8"))[
        "certificate"
    ]
    write_certificates(to, certificates)
    write_descriptor(to, DEMO)


def demo_product(node: Row) -> Row:
    category = CATEGORIES.get(node["id"], node["category"])
    names = {"id": node["id"], "name": node["name_en"], "name_zh": node["name_zh"]}
    return {
        **names,
        "declared_unit": node["declared_unit"],
        "category": category,
        "region": node["geography"],
    }


def demo_emissions(node: Row) -> Iterable[Row]:
    """The direct value with its source, and biogenic CO2 apart; no source means that nothing is stated."""
    if node["src_direct"]:
        yield {
            "product": node["id"],
            "gas": "CO2e",
            "origin": "unspecified",
            "kg_per_declared_unit": node["direct_kgCO2e"],
            "source": node["src_direct"],
        }
    if float(node["biogenic_CO2_kg"]):
        yield {
            "product": node["id"],
            "gas": "CO2",
            "origin": "biogenic",
            "kg_per_declared_unit": node["biogenic_CO2_kg"],
            "source": node["src_direct"],
        }


def uslci(data: Path, to: Path) -> None:
    """The USLCI graph with every amount in its stated unit."""
    processes = rows(data / "processes.csv")
    write(
        to / "products.csv",
        [
            {
                "id": process["id"],
                "name": process["name"],
                "declared_unit": process["ref_unit"],
                "category": process["category"],
                "region": process["location"],
            }
            for process in processes
        ],
    )
    write(to / "inputs.csv", [uslci_input(edge) for edge in rows(data / "edges.csv")])
    write(
        to / "emissions.csv",
        [
            {
                "product": row["process"],
                "gas": METHANE.get(row["gas"], row["gas"]),
                "origin": row["origin"],
                "kg_per_declared_unit": row["kg_per_ref_unit"],
            }
            for row in rows(data / "ghg_direct.csv")
        ],
    )
    write(
        to / "unlinked.csv",
        [
            {"consumer": row["process"], "flow": row["flow"], "amount": row["amount"], "unit": row["unit"]}
            for row in rows(data / "unlinked.csv")
        ],
    )
    notice = (data / "NOTICE-NREL-data-use-disclaimer.md").read_text("utf-8")
    (to / "NOTICE.md").write_text(notice.rstrip() + "\n\n" + CHANGES, "utf-8")
    write_descriptor(to, USLCI)


def uslci_input(edge: Row) -> Row:
    """The amount as stated; where the source converts by a rounded factor of its own, as it converted."""
    stated, unit = edge["amount_as_stated_per_ref_unit"], edge["stated_unit"]
    theirs, to = edge["amount_in_provider_unit"], edge["provider_unit"]
    ours = units.convert(float(stated), unit, to)
    if abs(ours - float(theirs)) > 1e-9 * abs(ours):
        stated, unit = theirs, to
    return {"consumer": edge["consumer"], "supplier": edge["provider"], "amount": stated, "unit": unit}


def write_certificates(to: Path, tables: Sequence[dict[str, Any]]) -> None:
    """certificates.csv and status_events.csv from records as readable as TOML can be."""
    events = [
        {"certificate": table["number"], **event} for table in tables for event in table.pop("events", ())
    ]
    flat = [dict(columns(encode(decode("certificate", table)))) for table in tables]
    names = list(dict.fromkeys(name for row in flat for name in row))
    write(to / "certificates.csv", [{name: row.get(name, "") for name in names} for row in flat])
    write(
        to / "status_events.csv",
        [{**event, "reason": event.get("reason"), "source": event.get("source")} for event in events],
    )


def columns(record: Mapping[str, Any], before: str = "") -> Iterable[tuple[str, str]]:
    """One cell a fact: parts by a dot, tables of pairs too, lists as JSON."""
    for name, value in record.items():
        if name in {"breakdown", "modules"}:
            yield from columns(dict(value), f"{name}.")
        elif isinstance(value, dict):
            yield from columns(value, f"{name}.")
        elif isinstance(value, list):
            yield before + name, json.dumps(value, ensure_ascii=False)
        else:
            yield before + name, str(value).lower() if isinstance(value, bool) else str(value)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write(path: Path, content: Sequence[Row]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(content[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(content)


def write_descriptor(to: Path, about: Mapping[str, Any]) -> None:
    tables = sorted(path.stem for path in to.glob("*.csv"))
    resources = [
        {"name": table, "path": f"{table}.csv", "format": "csv", "mediatype": "text/csv", "encoding": "utf-8"}
        for table in tables
    ]
    text = json.dumps(
        {"profile": "data-package", **about, "resources": resources}, ensure_ascii=False, indent=2
    )
    (to / "datapackage.json").write_text(text + "\n", "utf-8")


DEMO = {
    "name": "huren-demo",
    "title": "Demonstration chain: 16 end products of the pilot categories with their suppliers",
    "description": (
        "Sources by code, the first word of each source cell. P: inventories of the premise project; "
        "M: notices of the Ministry of Ecology and Environment; U: U.S. Life Cycle Inventory; "
        "G: general knowledge, unverified. CO2e without a stated GWP set. No certificate here was issued."
    ),
    "licenses": [{"name": "Apache-2.0", "path": "https://www.apache.org/licenses/LICENSE-2.0"}],
    "sources": [
        {"title": "P: premise"},
        {"title": "M: Ministry of Ecology and Environment, electricity footprint factors 2023 and 2024"},
        {"title": "U: U.S. Life Cycle Inventory Database"},
        {"title": "G: general knowledge, unverified"},
    ],
    "unverified_sources": ["G"],
}
USLCI = {
    "name": "uslci-fy18",
    "title": "U.S. Life Cycle Inventory FY18 as a flat supply graph",
    "licenses": [{"title": "NREL data use disclaimer agreement", "path": "NOTICE.md"}],
    "sources": [{"title": "U.S. Life Cycle Inventory Database, NREL for the US Department of Energy"}],
}
CHANGES = """\
# Changes made to the data

The notice above asks that modifications be identified. Compared with the U.S. Life Cycle Inventory
Database, fiscal year 2018, this package

- holds the 766 unit processes as products, each per one unit of its reference flow;
- keeps greenhouse gases alone, in kilograms per reference unit, with methane named CH4 whatever its
  origin and the origin (fossil, biogenic, land use change, unspecified) in a column of its own;
- links each input to the process that supplies its flow, and lists the 2,755 inputs that none supplies
  in `unlinked.csv`;
- states each input in the unit of the database; five of them (three in short tons, one in btu, one in
  cubic feet), which the database itself converts by rounded factors (907.18 kg, 0.00106 MJ, 0.02 m3), are
  stated as the database converted them;
- is written as CSV tables beside a `datapackage.json`.

Credit for the data: U.S. Department of Energy, NREL and the Alliance for Sustainable Energy.
"""

if __name__ == "__main__":
    main()
