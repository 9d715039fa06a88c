"""R12: both numbers follow one product category rule, or texts that experts recorded as equivalent."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from huren.graph.model.dated import holds
from huren.graph.model.equivalence import Equivalence
from huren.graph.model.terms import EquivalenceFinding, Purpose
from huren.graph.model.text import Text
from huren.mappings.dossier import Dossier
from huren.mappings.judgement import Judgement, blocked, conditional, equal, tempered, unknown
from huren.mappings.outcome import Outcome
from huren.mappings.quantity import Quantity
from huren.mappings.rule import Clause, Kind, Rule
from huren.mappings.wanted import Wanted, wanted


@dataclass(frozen=True, slots=True)
class _Edition:
    """A rule text by name; ``edition`` None: any of the destination's, none stated of the certificate's."""

    name: str
    edition: str | None = None

    def __str__(self) -> str:
        return f"{self.name} {self.edition}" if self.edition else self.name


@dataclass(frozen=True, slots=True)
class _Basis:
    """What the certificate was calculated by, stated or taken from its rule and scheme."""

    pcr: _Edition | None
    standard: str | None
    taken: tuple[Wanted[Any], ...] = ()

    @property
    def texts(self) -> tuple[_Edition, ...]:
        standard = _Edition(self.standard) if self.standard else None
        return tuple(text for text in (self.pcr, standard) if text)


def _basis(dossier: Dossier) -> _Basis:
    certificate, rule = dossier.certificate, dossier.issuer_rule
    pcr = None if certificate.pcr is None else _Edition(certificate.pcr, certificate.pcr_edition)
    if pcr is None and rule and len(rule.pcrs) == 1:
        pcr = _split(rule.pcrs[0])
    if certificate.standard is not None:
        return _Basis(pcr, certificate.standard)
    usual = wanted("issuer.standards", dossier.issuer_profile.standards, dossier.as_of)
    if usual.value is None or len(usual.value) != 1:
        return _Basis(pcr, None)
    return _Basis(pcr, usual.value[0], (usual.agreed(),))


def _split(text: str) -> _Edition:
    """A profile and a rule may name the edition behind an @.

    >>> str(_split("PCR 2019:14@1.3.4"))
    'PCR 2019:14 1.3.4'
    """
    name, _, edition = text.partition("@")
    return _Edition(name, edition or None)


def _is(named: str, edition: str | None, text: _Edition, any_edition: bool) -> bool:
    known = any_edition and text.edition is None
    return named == text.name and (edition is None or edition == text.edition or known)


def _recorded(dossier: Dossier, mine: _Edition, theirs: _Edition) -> Equivalence | None:
    """The record, in its dates and for the category, by which one text stands for the other."""
    line = set(dossier.known.category_line(dossier.category)) if dossier.category else set()
    for one in sorted(dossier.known.equivalences.values(), key=lambda e: e.id):
        if mine.name != theirs.name and one.finding is not EquivalenceFinding.EQUIVALENT:
            continue
        if one.categories and line.isdisjoint(one.categories):
            continue
        sides = ((one.text, one.edition), (one.other, one.other_edition))
        joins = any(_is(*a, mine, False) and _is(*b, theirs, True) for a, b in (sides, sides[::-1]))
        if joins and holds(one.since, one.until, dossier.as_of):
            return one
    return None


def _equivalent(dossier: Dossier, basis: _Basis, asked: Iterable[_Edition]) -> Judgement | None:
    for theirs in asked:
        for mine in basis.texts:
            record = _recorded(dossier, mine, theirs)
            if record:
                found = equal(
                    f"{mine} 与 {theirs} 经专家记录 {record.id} 认定等效",
                    f"{mine} stands for {theirs} by expert record {record.id}",
                )
                return replace(found, illustrative=record.illustrative)
    return None


def _needs_record(mine: object, asked: Iterable[object]) -> Judgement:
    theirs = ", ".join(str(text) for text in asked)
    return conditional(
        "equivalence_record",
        f"须有专家记录认定 {mine} 与 {theirs} 等效",
        f"expert equivalence record of {mine} and {theirs}",
    )


def _by_pcr(dossier: Dossier, basis: _Basis, asked: tuple[_Edition, ...]) -> Judgement:
    pcr = basis.pcr
    same = [text for text in asked if pcr and text.name == pcr.name]
    if pcr and any(text.edition in (None, pcr.edition) for text in same):
        return equal(f"按同一产品种类规则 {pcr}", f"both by the product category rule {pcr}")
    found = _equivalent(dossier, basis, asked)
    if found:
        return found
    if pcr is None:
        return unknown("pcr")
    if same and pcr.edition is None:
        return unknown("pcr_edition")
    return _needs_record(pcr, same or asked)


def _by_standard(dossier: Dossier, basis: _Basis, asked: tuple[str, ...]) -> Judgement:
    if not asked:
        return equal("目的地不限定标准", "the destination takes any standard")
    if basis.standard in asked:
        return equal(f"依据同一标准 {basis.standard}", f"both by the standard {basis.standard}")
    found = _equivalent(dossier, basis, [_Edition(name) for name in asked])
    if found:
        return found
    if basis.standard is None:
        return unknown("standard", *(() if basis.pcr else ("pcr",)))
    return _needs_record(basis.standard, asked)


def _one_scheme(dossier: Dossier) -> bool:
    known, issuer = dossier.known, dossier.issuer
    return issuer is not None and known.root(issuer).id == known.root(dossier.target.scheme).id


def _compare(dossier: Dossier, quantity: Quantity) -> Judgement:
    pcrs = dossier.want("pcrs", dossier.profile.pcrs)
    if pcrs.asked and pcrs.value is None:
        return unknown(pcrs.name)
    if not pcrs.value and dossier.certificate.pcr is None and _one_scheme(dossier):
        return equal("双方同属一个制度", "both sides are one scheme")
    basis = _basis(dossier)
    if pcrs.value:
        asked = tuple(_split(text) for text in pcrs.value)
        return tempered(_compared(_by_pcr(dossier, basis, asked), dossier), pcrs, *basis.taken)
    standards = dossier.want("standards", dossier.profile.standards)
    if standards.value is None:
        return unknown(standards.name)
    found = _compared(_by_standard(dossier, basis, standards.value), dossier)
    return tempered(found, standards, *basis.taken)


def _compared(found: Judgement, dossier: Dossier) -> Judgement:
    """A comparison stands on one rule text alone: two are for information only (ISO 14025 6.7.2)."""
    compares = dossier.comparing or dossier.purpose is Purpose.PROCUREMENT
    if found.outcome is not Outcome.CONDITIONAL or not compares:
        return found
    return blocked("规则不同的数值不可比较", "numbers by different rules are not to be compared")


RULE_TEXT = Rule(
    id="R12",
    code="rule_text",
    kind=Kind.TECHNICAL,
    says=Text(
        "两个数值依据同一规则文本,或经记录等效的文本",
        "both numbers follow one rule text, or texts recorded as equivalent",
    ),
    clause=Clause("ISO 14025:2006; 发改环资〔2023〕1529号", "6.7.2; S3-5"),
    compare=_compare,
    outcomes=frozenset({Outcome.EQUAL, Outcome.CONDITIONAL, Outcome.UNKNOWN, Outcome.BLOCKED}),
    reads=(
        "certificate.pcr",
        "certificate.pcr_edition",
        "certificate.standard",
        "category",
        "certificate.scheme",
        "certificate.rule",
        "issuer_profile.standards",
        "target.scheme.id",
        "profile.pcrs",
        "profile.standards",
        "comparing",
    ),
    fix=Text("请专家记录两个规则文本等效", "have experts record that the two rule texts are equivalent"),
    needs_footprint=True,
)
