"""``products.csv``: the products of a package, and the names by which its other tables call them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from huren.errors import BadInput
from huren.graph.model.organisation import check_uscc
from huren.graph.model.supply import Product
from huren.graph.model.text import Text
from huren.mappings.package import cells
from huren.mappings.package.problems import Fault, quoted
from huren.mappings.package.table import Table

REQUIRED = ("id", "name", "declared_unit")
OPTIONAL = ("name_zh", "category", "region", "owner", "site", "period_start", "period_end")
QUALITY = ("dqr_tech", "dqr_geo", "dqr_time", "traceability")
COLUMNS = (*REQUIRED, *OPTIONAL, *QUALITY)

_OWNER = re.compile(r"[^\s/]{1,100}")
_LIKE_USCC = re.compile(r"(?=(?:.*[0-9]){8})[0-9A-Z]{17,19}", re.IGNORECASE)


@dataclass(slots=True)
class Names:
    """Which product each name means: a bare id, or "owner/id". None where it means more than one."""

    keys: dict[str, str | None] = field(default_factory=dict)

    def add(self, name: str, key: str) -> None:
        """Let ``name`` mean ``key`` too."""
        self.keys[name] = key if self.keys.get(name, key) == key else None

    def get(self, name: str) -> str | Fault:
        """The key of the one product that ``name`` means."""
        key = self.keys.get(name)
        return key or (ambiguous(name) if name in self.keys else _not_listed(name))


@dataclass(frozen=True, slots=True)
class Importer:
    """On whose behalf a package is read; the administrator may bring products of other owners."""

    owner: str
    administrator: bool = False


def read_products(table: Table, importer: Importer) -> tuple[dict[str, Product], Names]:
    """The products by key, and their names; a row with a fault keeps its name, to mislead no other."""
    ids = cells.words(table, "id")
    rows = zip(
        ids,
        owners(table, importer),
        _names(table),
        _units(table),
        *(cells.texts(table, name) for name in ("category", "region", "site")),
        cells.maybe(table, "period_start", cells.day),
        cells.maybe(table, "period_end", cells.day),
        *(cells.maybe_numbers(table, name, cells.one_to_five) for name in QUALITY[:3]),
        cells.texts(table, "traceability"),
        strict=True,
    )
    products: dict[str, Product] = {}
    names = Names()
    for row, (code, owner, name, unit, *rest) in enumerate(rows):
        product = Product(owner, code, name, unit, *rest)
        if product.key in products:
            table.wrong(row, "id", _twice(code))
        if product.period_start and product.period_end and product.period_start > product.period_end:
            table.wrong(row, "period_end", _ends_before(product))
        products[product.key] = product
        names.add(code, product.key)
        names.add(product.key, product.key)
    return products, names


def owners(table: Table, importer: Importer) -> list[str]:
    """Whose each product is: an organisation's id or USCC; the importer where blank."""

    def read(cell: str) -> str | Fault:
        owner, fault = organisation(cell)
        if fault is None and owner != importer.owner and not importer.administrator:
            return _not_yours(cell, importer.owner)
        return fault or owner

    return [owner or importer.owner for owner in cells.maybe(table, "owner", read)]


def is_uscc(owner: str) -> bool:
    """Whether the id of a checked owner is its USCC."""
    return bool(_LIKE_USCC.fullmatch(owner))


def organisation(cell: str) -> tuple[str, Fault | None]:
    """The id of an organisation; what looks like a USCC must be one (GB 32100)."""
    if not _OWNER.fullmatch(cell):
        return cell, _no_owner(cell)
    if not _LIKE_USCC.fullmatch(cell):
        return cell, None
    try:
        return check_uscc(cell), None
    except BadInput as bad:
        return cell, Fault.of(bad)


def _names(table: Table) -> Iterable[Text]:
    found = [Text(zh, en) for zh, en in zip(table.column("name_zh"), table.column("name"), strict=True)]
    for row, name in enumerate(found):
        if not name.zh and not name.en:
            table.wrong(row, "name", cells.blank())
    return found


def _units(table: Table) -> Iterable[str]:
    """Known units as spelt; "" for an unknown one, which no other row is then held against."""
    return [unit or "" for unit in cells.needed(table, "declared_unit", cells.unit)]


def ambiguous(name: str, candidates: Iterable[str] = ()) -> Fault:
    """A name that more than one product bears."""
    listed = ": " + ", ".join(f"`{quoted(key)}`" for key in candidates) if candidates else ""
    return Fault(
        f"`{quoted(name)}` means more than one product{listed}",
        f"“{quoted(name)}”对应多个产品{listed}",
        "Write it as owner/id.",
        "请写成“所有者/编号”。",
    )


def _not_listed(name: str) -> Fault:
    return Fault(
        f"`{quoted(name)}` is not in products.csv",
        f"products.csv 中没有“{quoted(name)}”",
        "Add the product to products.csv, or correct the id.",
        "请在 products.csv 中补充该产品,或改正编号。",
    )


def _twice(code: str) -> Fault:
    return Fault(
        f"product id `{quoted(code)}` is used twice",
        f"产品编号“{quoted(code)}”重复",
        "Give each product an id of its own.",
        "每个产品须有唯一编号。",
    )


def _ends_before(product: Product) -> Fault:
    return Fault(
        f"the period ends on {product.period_end}, before it starts on {product.period_start}",
        f"时段终止日 {product.period_end} 早于起始日 {product.period_start}",
        "Swap or correct the two days.",
        "请对调或改正两个日期。",
    )


def _no_owner(cell: str) -> Fault:
    return Fault(
        f"`{quoted(cell)}` cannot be an owner: it has a slash, a space or more than 100 characters",
        f"“{quoted(cell)}”不能作为所有者:含斜线、空格或超过 100 个字符",
        "Use the organisation's USCC, or a short id without slashes and spaces.",
        "请使用统一社会信用代码,或不含斜线和空格的简短编号。",
    )


def _not_yours(cell: str, importer: str) -> Fault:
    return Fault(
        f"the owner is `{quoted(cell)}`, but the import acts for `{quoted(importer)}`",
        f"所有者为“{quoted(cell)}”,而导入以“{quoted(importer)}”名义进行",
        "Leave the column blank, or import as that organisation.",
        "请留空该列,或以该组织名义导入。",
    )
