"""``certificates.csv`` and ``status_events.csv``: certificates, and what became of them.

A column is a field of :class:`huren.graph.model.certificate.Certificate`; a dot goes into a part of it
(``assurance.level``, ``breakdown.use``), and a list is one cell of JSON, as Table Schema writes arrays.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from hashlib import sha256
from typing import Any

from huren.errors import BadInput
from huren.graph.model.certificate import Certificate, CertificateState
from huren.graph.model.dated import StatusEvent
from huren.mappings.boundary import check_modules
from huren.mappings.package import cells
from huren.mappings.package.problems import Fault, quoted
from huren.mappings.package.products import Importer, organisation
from huren.mappings.package.recipes import Suppliers
from huren.mappings.package.table import Table
from huren.mappings.records import decode
from huren.mappings.rules.unit import check_unit

REQUIRED = ("number", "holder", "scheme")
PARTS = (
    "breakdown.",
    "modules.",
    "quality.",
    "assurance.",
    "goods.",
    "offsets.",
    "biogenic.",
    "allocation.",
    "end_of_life.",
)
LISTS = frozenset(
    field.name for field in fields(Certificate) if str(field.type).startswith(("tuple[", "frozenset["))
)
_NOT_HERE = {"events", "recorded_at", *(part.removesuffix(".") for part in PARTS)}
_FIELDS = tuple(field.name for field in fields(Certificate) if field.name not in _NOT_HERE)
COLUMNS = (*_FIELDS, *PARTS)
EVENT_REQUIRED = ("certificate", "state", "valid_from")
EVENT_COLUMNS = (*EVENT_REQUIRED, "reason", "source")


def read_certificates(
    table: Table,
    importer: Importer,
    suppliers: Suppliers,
    events: Mapping[str, list[StatusEvent[CertificateState]]],
) -> tuple[Certificate, ...]:
    """The certificates, each with its events. A product is meant by name, as in the other tables."""
    numbers = cells.words(table, "number")
    seen: set[str] = set()
    found: list[Certificate] = []
    for row, number in enumerate(numbers):
        if number in seen:
            table.wrong(row, "number", _TWICE)
        seen.add(number)
        stated = _stated(table, row, importer, suppliers)
        if row in table.bad:
            continue
        try:
            certificate = check_modules(decode("certificate", stated, table.file))
        except BadInput as bad:
            column = bad.place.column if bad.place else None
            table.wrong(row, column or "number", Fault.of(bad))
        else:
            found.append(replace(certificate, events=tuple(events.get(number, ()))))
    return tuple(found)


def read_events(table: Table, numbers: frozenset[str]) -> dict[str, list[StatusEvent[CertificateState]]]:
    """Status events by certificate number; the same event always has the same id."""
    found: dict[str, list[StatusEvent[CertificateState]]] = {}
    columns = {name: table.column(name) for name in EVENT_COLUMNS}
    for row, number in enumerate(cells.words(table, "certificate")):
        stated = {name: column[row] for name, column in columns.items() if column[row]}
        if number and stated.pop("certificate") not in numbers:
            table.wrong(row, "certificate", _unlisted(number))
        try:
            event: StatusEvent[CertificateState] = decode("status_event", stated, table.file)
        except BadInput as bad:
            table.wrong(row, (bad.place and bad.place.column) or "state", Fault.of(bad))
            continue
        text = json.dumps([number, event.state, stated["valid_from"], event.reason, event.source])
        found.setdefault(number, []).append(replace(event, id=sha256(text.encode()).hexdigest()[:32]))
    return found


def _stated(table: Table, row: int, importer: Importer, suppliers: Suppliers) -> dict[str, Any]:
    """The nested mapping of a row: blank cells are facts not stated."""
    made: dict[str, Any] = {}
    for column, cell in _cells(table, row):
        part, _, name = column.partition(".")
        value = _json(table, row, column, cell) if part in LISTS or name == "results" else cell
        if name:
            made.setdefault(part, {})[name] = value
        else:
            made[part] = value
    for name in REQUIRED:
        if name not in made:
            table.wrong(row, name, cells.blank())
    if holder := made.get("holder"):
        made["holder"], fault = organisation(holder)
        if fault is None and made["holder"] != importer.owner and not importer.administrator:
            fault = _not_yours(holder)
        if fault:
            table.wrong(row, "holder", fault)
    try:
        check_unit(made.get("unit", "kg"))
    except BadInput as bad:
        table.wrong(row, "unit", Fault.of(bad))
    if product := made.get("product"):
        supplier = suppliers.get(product)
        if isinstance(supplier, Fault):
            table.wrong(row, "product", supplier)
        else:
            made["product"] = supplier.key
    return made


def _cells(table: Table, row: int) -> Iterator[tuple[str, str]]:
    return ((name, column[row]) for name, column in table.columns.items() if column[row])


def _json(table: Table, row: int, column: str, cell: str) -> Any:
    try:
        value = json.loads(cell, parse_float=str, parse_constant=_refuse)
    except (ValueError, RecursionError):
        table.wrong(row, column, _NO_JSON)
        return None
    if "recorded_at" in cell:
        table.wrong(row, column, _RECORDED)
    return value


def _refuse(name: str) -> Any:
    raise ValueError(name)


def _unlisted(number: str) -> Fault:
    return Fault(
        f"certificate `{quoted(number)}` is not in certificates.csv",
        f"certificates.csv 中没有证书“{quoted(number)}”",
        "Add the certificate, or correct its number.",
        "请补充该证书,或改正编号。",
    )


def _not_yours(holder: str) -> Fault:
    return Fault(
        f"the holder `{quoted(holder)}` is not the organisation that the import acts for",
        f"持证人“{quoted(holder)}”不是本次导入所代表的组织",
        "Import as the holder.",
        "请以持证人名义导入。",
    )


_TWICE = Fault(
    "the certificate number is used twice",
    "证书编号重复",
    "Keep one row for each certificate.",
    "每张证书只保留一行。",
)
_NO_JSON = Fault(
    "the cell is no JSON",
    "单元格不是有效的 JSON",
    'Write a list, such as ["AR6"] or [{"gas": "CO2", "kg": "1.2"}], its quotation marks doubled in CSV.',
    '请写成列表,如 ["AR6"] 或 [{"gas": "CO2", "kg": "1.2"}];CSV 中引号须成对书写。',
)
_RECORDED = Fault(
    "a record time cannot be stated",
    "记录时间不能由数据填写",
    "Leave `recorded_at` out: the graph sets it.",
    "请删去 recorded_at,该时间由系统记录。",
)
