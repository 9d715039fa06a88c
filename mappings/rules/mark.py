"""R27: marks carry the certificate's number and value, it is signed, and its holder's code is real."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal, localcontext
from functools import lru_cache

from huren.errors import BadInput
from huren.graph.model.certificate import Certificate, MarkUse
from huren.graph.model.dated import holds, start
from huren.graph.model.organisation import check_uscc
from huren.graph.model.text import Text
from huren.mappings import units
from huren.mappings.dossier import Dossier
from huren.mappings.judgement import Judgement, blocked, conditional, equal, unknown
from huren.mappings.outcome import Outcome
from huren.mappings.quantity import Quantity, said
from huren.mappings.rule import Clause, Kind, Rule
from huren.mappings.rules.unit import per

LEAST_DIGITS = 3
_NUMBER = re.compile(r"[+-]?\d{1,40}(\.\d{1,40})?")
_CODE_LIKE = re.compile(r"[0-9A-Z]{2}\d{6}[0-9A-Z]{10}")
_MASSES = {"千克": "kg", "公斤": "kg", "克": "g", "吨": "t"}
_EMISSIONS = re.compile(
    r"\s*(kg|g|mg|t|千克|公斤|克|吨)?\s*(?:CO2(?:e|eq|-eq|当量)?|二氧化碳当量)\s*(?:/|per)?\s*", re.IGNORECASE
)


def _reported(zh: str, en: str) -> Judgement:
    return blocked(f"{zh};应予举报", f"{en}, and report it")


def printed(shown: str) -> Decimal | None:
    """The number that a mark shows, in its own digits; None: it shows no number.

    >>> str(printed("1,230.50")), printed("about 5")
    ('1230.50', None)
    """
    plain = unicodedata.normalize("NFKC", shown).strip().replace(",", "")
    return Decimal(plain) if _NUMBER.fullmatch(plain) else None


def may_show(value: Decimal, shown: Decimal) -> bool:
    """Whether ``shown`` is ``value`` rounded half up to its own digits, three at least, or ``value`` itself.

    >>> may_show(Decimal("552.06"), Decimal("552.1")), may_show(Decimal("1.9"), Decimal("1.2"))
    (True, False)
    """
    if shown == value:
        return True
    exponent = shown.as_tuple().exponent
    assert isinstance(exponent, int)
    with localcontext(prec=100):
        rounded = value.quantize(Decimal(1).scaleb(exponent), rounding=ROUND_HALF_UP)
    digits = len(shown.as_tuple().digits)
    return digits >= LEAST_DIGITS and shown != 0 and rounded == shown


def _in_unit(certificate: Certificate, value: Decimal, unit: str | None) -> Decimal | Judgement:
    """``value`` in the unit of a mark: "g CO2e/kg", or the unit it is per alone."""
    if unit is None:
        return value
    if certificate.unit is None:
        return unknown("unit")
    mass, per_unit = _read_unit(unit)
    try:
        into = per(per_unit or certificate.unit, certificate.unit)
        scale = units.ratio("kg", mass)
    except BadInput:
        return _reported(
            f"标识单位 {unit} 与证书单位 {certificate.unit} 量纲不同",
            f"the mark is per {unit}, the certificate per {certificate.unit}",
        )
    return value * into * Decimal(scale.numerator) / Decimal(scale.denominator)


def _read_unit(unit: str) -> tuple[str, str]:
    """The unit of emissions and the unit it is per, empty where none is named.

    >>> _read_unit("g CO2e/kg"), _read_unit("kW"), _read_unit("kg CO2e")
    (('g', 'kg'), ('kg', 'kW'), ('kg', ''))
    """
    plain = unit.replace("₂", "2")
    found = _EMISSIONS.match(plain)
    if found is None:
        mass, slash, below = unit.partition("/")
        return (mass.strip(), below.strip()) if slash else ("kg", unit.strip())
    mass = (found[1] or "kg").lower()
    return _MASSES.get(mass, mass), plain[found.end() :].strip()


def _mark(certificate: Certificate, mark: MarkUse) -> Judgement | None:
    number = certificate.mark_number or certificate.number
    if mark.number != number:
        return _reported(
            f"标识编号 {mark.number} 不是证书的编号 {number}",
            f"the mark carries {mark.number}, the certificate {number}",
        )
    if mark.shown is None:
        return None
    if certificate.value is None:
        return unknown("value")
    value, shown = _in_unit(certificate, certificate.value, mark.unit), printed(mark.shown)
    if isinstance(value, Judgement):
        return value
    if shown is not None and may_show(value, shown):
        return None
    return _reported(
        f"标识显示 {mark.shown},证书值为 {said(value)}",
        f"the mark shows {mark.shown}, the certificate {said(value)}",
    )


@lru_cache(maxsize=4096)
def _code(holder: str) -> Judgement | None:
    """What is wrong with a holder's code, where it is one."""
    holder = re.sub(r"[\s-]", "", holder).upper()
    if _CODE_LIKE.fullmatch(holder):
        try:
            check_uscc(holder)
        except BadInput:
            return _reported(
                f"持证人代码 {holder} 校验位错误",
                f"the check character of the holder's code {holder} is wrong",
            )
    return None


def _sanctioned(dossier: Dossier) -> Judgement | None:
    """A published sanction of the firm that leaves this certificate alone (one that names it is R24's)."""
    certificate = dossier.certificate
    for sanction in sorted(dossier.known.sanctions.get(certificate.holder, ()), key=lambda s: s.id):
        shown = sanction.published is not None and holds(
            sanction.published, sanction.published_until, dossier.as_of
        )
        if shown and certificate.number not in sanction.certificates:
            number = sanction.decision_number or sanction.id
            found = conditional(
                "mark_checked",
                f"核查标识使用(持证人受处罚 {number})",
                f"mark use checked (sanction {number} of the holder is published)",
            )
            return replace(found, illustrative=sanction.illustrative)
    return None


def _findings(dossier: Dossier) -> Iterator[Judgement]:
    certificate = dossier.certificate
    if certificate.signature_valid is False:
        yield _reported("证书签名无效", "the signature of the certificate is not valid")
    seen = [
        mark
        for mark in certificate.marks
        if mark.seen_on is None or start(mark.seen_on, dossier.zone) <= dossier.as_of
    ]
    found = (_code(certificate.holder), *(_mark(certificate, mark) for mark in seen), _sanctioned(dossier))
    yield from (judgement for judgement in found if judgement)


def _compare(dossier: Dossier, quantity: Quantity) -> Judgement:
    fine = equal("标识、签名和持证人代码与证书相符", "marks, signature and the holder's code agree with it")
    return max((fine, *_findings(dossier)), key=lambda f: f.outcome.severity)


MARK = Rule(
    id="R27",
    code="mark",
    kind=Kind.LEGAL,
    says=Text(
        "标识与证书的编号和数值一致,签名有效,持证人代码真实",
        "marks carry the certificate's number and value, it is signed, its holder's code is real",
    ),
    clause=Clause("发改环资〔2023〕1529号; 国市监认证发〔2024〕85号; GB 32100-2015", "S3-10, S1-13, S0-15"),
    compare=_compare,
    outcomes=frozenset({Outcome.EQUAL, Outcome.CONDITIONAL, Outcome.UNKNOWN, Outcome.BLOCKED}),
    reads=(
        "certificate.marks",
        "certificate.mark_number",
        "certificate.number",
        "certificate.value",
        "certificate.unit",
        "certificate.signature_valid",
        "certificate.holder",
        "zone",
    ),
    fix=Text("改正标识,并由机构核查标识使用", "correct the mark and have its use checked by the body"),
)
