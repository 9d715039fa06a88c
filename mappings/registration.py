"""What a product stated one by one must satisfy, as a row of a supply package must. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from huren.errors import BadInput, Place
from huren.graph.model.access import Role
from huren.graph.model.certificate import Certificate
from huren.graph.model.organisation import Organisation
from huren.graph.model.supply import (
    NO_PROVENANCE,
    Declared,
    Emission,
    Input,
    Product,
    Provenance,
    Stage,
    Unlinked,
)
from huren.mappings.certificate_checks import faults
from huren.mappings.package.footprints import inconsistent
from huren.mappings.package.problems import Fault
from huren.mappings.package.products import organisation
from huren.mappings.units import canonical, convert

LONGEST_CODE = 400
_COUNTRY = re.compile(r"[A-Z]{2}")
LONGEST_TEXT = 2_000


@dataclass(frozen=True, slots=True)
class InputDraft:
    """An input as a client states it: ``supplier`` by any name; ``unit`` None: the supplier's own."""

    supplier: str
    amount: float
    unit: str | None = None
    stage: Stage | None = None
    provenance: Provenance = NO_PROVENANCE


def check_product(product: Product) -> Product:
    """``product`` itself, texts stripped. Raises: BadInput, naming the field."""
    code, unit = product.code.strip(), product.declared_unit.strip()
    if not code or len(code) > LONGEST_CODE or "/" in code or not code.isprintable():
        raise _bad("code", "1 to 400 printable characters without `/`", "1 至 400 个可见字符,且不含“/”")
    if not (product.name.zh.strip() or product.name.en.strip()):
        raise _bad("name", "a name in Chinese or English", "中文或英文名称")
    texts = (product.name.zh, product.name.en, product.category, product.site, product.traceability)
    if any(len(text or "") > LONGEST_TEXT for text in texts):
        raise _bad("name", f"at most {LONGEST_TEXT:,} characters", f"不超过 {LONGEST_TEXT:,} 个字符")
    canonical(unit)
    for name in ("dqr_tech", "dqr_geo", "dqr_time"):
        rating = getattr(product, name)
        if rating is not None and not 1 <= rating <= 5:
            raise _bad(name, "a rating from 1 (best) to 5", "1(最好)至 5 的评级")
    if product.period_start and product.period_end and product.period_start > product.period_end:
        raise _bad("period_end", "a day not before period_start", "不早于 period_start 的日期")
    return replace(product, code=code, declared_unit=unit)


def check_role(stated: Organisation, administrator: str) -> Organisation:
    """``stated`` itself. Raises: BadInput for a country that is none, or a second administrator."""
    if stated.country is not None and not _COUNTRY.fullmatch(stated.country):
        raise _bad("country", "two capital letters of ISO 3166-1", "ISO 3166-1 两位大写字母代码")
    if (Role.ADMINISTRATOR in stated.roles) is not (stated.id == administrator):
        raise _bad(
            "roles",
            f"`administrator` for `{administrator}`, and for nobody else",
            f"`administrator` 角色仅属于“{administrator}”",
        )
    if stated.roles & {Role.PROVINCE, Role.DISTRICT} and not stated.region:
        raise _bad("region", "the region that it answers for", "其主管的地区")
    return stated


def check_emission(emission: Emission) -> Emission:
    """``emission`` itself. Its gas and kg are checked where it is written. Raises: BadInput."""
    _check_provenance(emission.provenance)
    return emission


def check_unlinked(unlinked: Unlinked) -> Unlinked:
    """``unlinked`` itself. Raises: BadInput for an empty flow or an unknown unit."""
    if not 0 < len(unlinked.flow.strip()) <= LONGEST_TEXT:
        raise _bad("flow", "a name", "名称")
    canonical(unlinked.unit)
    return unlinked


def check_declared(declared: Declared | None) -> Declared | None:
    """``declared`` itself. Raises: BadInput for a breakdown that contradicts its total or boundary."""
    if declared and (fault := inconsistent(declared)):
        raise _refused(fault, "declared")
    return declared


def check_certificate(certificate: Certificate) -> Certificate:
    """``certificate`` itself. Raises: BadInput for the first fact that cannot be, by its field."""
    number = certificate.number
    if not 0 < len(number) <= LONGEST_CODE or not number.isprintable() or number != number.strip():
        raise _bad("number", "1 to 400 printable characters", "1 至 400 个可见字符")
    for fault in faults(certificate):
        raise fault
    return certificate


def check_organisation(name: str) -> str:
    """The id of the organisation ``name``: a USCC without separators, or any other id as it is.

    Raises: BadInput for what is no id, or looks like a USCC and has a wrong check character.
    """
    found, fault = organisation(name)
    if fault:
        raise _refused(fault, "owner")
    return found


def linked(draft: InputDraft, supplier: Product) -> Input:
    """``draft`` as an input of ``supplier``'s declared unit.

    Raises: BadInput for an unknown unit, one of another dimension, or a deviation below 1.
    """
    _check_provenance(draft.provenance)
    unit = draft.unit or supplier.declared_unit
    amount = (
        draft.amount
        if unit == supplier.declared_unit
        else convert(draft.amount, unit, supplier.declared_unit)
    )
    return Input(supplier.key, amount, draft.stage, draft.provenance)


def _check_provenance(provenance: Provenance) -> None:
    if provenance.gsd is not None and provenance.gsd < 1:
        raise _bad("gsd", "a geometric standard deviation of at least 1", "不小于 1 的几何标准差")
    if any(len(text or "") > LONGEST_TEXT for text in (provenance.data_kind, provenance.source)):
        raise _bad("source", f"at most {LONGEST_TEXT:,} characters", f"不超过 {LONGEST_TEXT:,} 个字符")


def _refused(fault: Fault, field: str) -> BadInput:
    return BadInput(fault.en, fault.zh, fix=fault.fix, fix_zh=fault.fix_zh, place=Place(column=field))


def _bad(field: str, en: str, zh: str) -> BadInput:
    return BadInput(
        f"`{field}` must be {en}",
        f"`{field}` 须为{zh}",
        fix=f"Correct `{field}`.",
        fix_zh=f"请改正 `{field}`。",
        place=Place(column=field),
    )
