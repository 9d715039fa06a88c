"""R25: the goods are those that the certificate stands for: model, plant, batch, holder, chain."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from huren.graph.model.certificate import Certificate, Goods, SiteValue
from huren.graph.model.terms import ScopePart
from huren.graph.model.text import Text
from huren.mappings.dossier import Dossier
from huren.mappings.judgement import Judgement, blocked, conditional, convertible, equal, tempered, unknown
from huren.mappings.outcome import Outcome
from huren.mappings.quantity import Quantity, said
from huren.mappings.rule import Clause, Kind, Rule

_NO_GOODS = Goods()
_NAMES = {
    "model": Text("型号", "model"),
    "holder": Text("持证人", "holder"),
    "batch": Text("批次", "batch"),
}


def _unnamed(certificate: Certificate, parts: frozenset[ScopePart]) -> tuple[str, ...]:
    """The parts of ``parts`` that the certificate does not name."""
    named = {
        ScopePart.MODEL: certificate.model,
        ScopePart.SITE: certificate.site or certificate.sites,
        ScopePart.BATCH: certificate.batch,
        ScopePart.HOLDER: certificate.holder,
        ScopePart.CHAIN: certificate.chain,
    }
    return tuple(part.value for part in ScopePart if part in parts and not named[part])


def _others(certificate: Certificate, goods: Goods) -> Iterator[Judgement]:
    """Goods of another model or holder, or outside a stated batch; what they leave open is as issued."""
    for name, text in _NAMES.items():
        theirs, mine = getattr(goods, name), getattr(certificate, name)
        if theirs is None or theirs == mine:
            continue
        if mine is not None:
            yield blocked(
                f"货物的{text.zh}({theirs})不是证书的{text.zh}({mine})",
                f"the goods are of {text.en} {theirs}, the certificate of {mine}",
            )
        elif name != "batch":
            yield unknown(name)
    if goods.chain is not None and certificate.chain is None:
        yield unknown("chain")
    elif goods.chain is not None and goods.chain != certificate.chain:
        yield conditional(
            "chain",
            f"须说明供应链配置 {goods.chain} 的结果",
            f"the result for the supply chain {goods.chain} is stated",
        )


def _scaled(quantity: Quantity, certificate: Certificate, to: Decimal, zh: str, en: str) -> Judgement:
    """The quantity times ``to`` over the value that the certificate states for all its plants."""
    whole = certificate.value
    if whole is None:
        return unknown("value")
    if to == whole:
        return equal(f"{zh}与证书值相同", f"{en} is the value of the certificate")
    if whole == 0:
        return blocked(
            "证书值为 0,无法按比例换算", "the certificate states 0: there is no ratio to convert by"
        )
    ratio = to / whole
    value, ends = quantity.value * ratio, sorted((quantity.low * ratio, quantity.high * ratio))
    formula = f"{said(quantity.value)} × {said(to)} ÷ {said(whole)} = {said(value)}"
    return convertible(quantity.step(formula, value, (ends[0], ends[1])), f"采用{zh}", f"{en} is taken")


def average(sites: Sequence[SiteValue]) -> Decimal | None:
    """The mean of the plants' values by output; None where one is not stated, or nothing is made.

    >>> average([SiteValue("A", Decimal(500), Decimal(3)), SiteValue("B", Decimal(600), Decimal(1))])
    Decimal('525')
    """
    total = sum((s.output for s in sites if s.output is not None), Decimal(0))
    if total <= 0 or any(s.value is None or s.output is None or s.output < 0 for s in sites):
        return None
    return sum((s.value * s.output for s in sites if s.value and s.output), Decimal(0)) / total


def _one_site(dossier: Dossier, quantity: Quantity, site: str) -> Judgement:
    certificate = dossier.certificate
    own = {one.site: one.value for one in certificate.sites}
    if site in own or site == certificate.site:
        value = own.get(site)
        if value is None:
            return equal(f"工厂 {site} 在证书范围内", f"the certificate names plant {site}")
        return _scaled(quantity, certificate, value, f"工厂 {site} 的数值", f"the value of plant {site}")
    if not own and certificate.site is None:
        return unknown("site")
    return conditional(
        "extend_site", f"将证书扩展至工厂 {site}", f"extend the certificate to the plant {site}"
    )


def _any_site(dossier: Dossier, quantity: Quantity) -> Judgement | None:
    """Goods that name no plant where plants differ: their average, where the destination takes it."""
    sites = dossier.certificate.sites
    values = {site.value for site in sites if site.value is not None}
    if len(sites) < 2 or values <= {dossier.certificate.value}:
        return None
    allowed = dossier.want("site_average", dossier.profile.site_average, False)
    if allowed.value is None:
        return unknown(allowed.name)
    if not allowed.value:
        return tempered(_name_site(), allowed)
    mean = average(sites)
    if mean is None:
        return tempered(_name_site("sites"), allowed)
    found = _scaled(
        quantity, dossier.certificate, mean, "各工厂按产量加权的平均值", "the average of plants by output"
    )
    return tempered(found, allowed)


def _name_site(*missing: str) -> Judgement:
    return conditional("name_site", "指明货物由哪个工厂生产", "name the plant that made the goods", *missing)


def _findings(dossier: Dossier, quantity: Quantity) -> Iterator[Judgement]:
    certificate, goods = dossier.certificate, dossier.certificate.goods
    identity = dossier.want("identity", dossier.profile.identity, frozenset())
    if identity.value is None:
        yield unknown(identity.name)
    parts = identity.value or frozenset()
    missing = _unnamed(certificate, parts)
    named = unknown(*missing) if missing else equal("与签发时的货物一致", "the goods it was issued for")
    yield tempered(named, identity)
    yield from _others(certificate, goods or _NO_GOODS)
    if goods and goods.site is not None:
        yield _one_site(dossier, quantity, goods.site)
    elif goods or ScopePart.SITE in parts:
        found = _any_site(dossier, quantity)
        if found:
            yield found


def _compare(dossier: Dossier, quantity: Quantity) -> Judgement:
    """The worst of what is found; beside an open condition a conversion is a preview."""
    found = list(_findings(dossier, quantity))
    worst = max(found, key=lambda f: f.outcome.severity)
    conditions = tuple(c for f in found for c in f.conditions)
    missing = tuple(dict.fromkeys(name for f in found for name in f.missing))
    warnings = tuple(dict.fromkeys(w for f in found for w in f.warnings))
    if worst.outcome is Outcome.UNKNOWN:
        return replace(unknown(*missing), warnings=warnings)
    if worst.outcome is not Outcome.CONDITIONAL:
        return replace(worst, warnings=warnings)
    preview = next((f.quantity for f in found if f.quantity), None)
    because = Text(";".join(c.says.zh for c in conditions), "; ".join(c.says.en for c in conditions))
    return replace(
        worst, because=because, conditions=conditions, missing=missing, quantity=preview, warnings=warnings
    )


SCOPE_IDENTITY = Rule(
    id="R25",
    code="scope_identity",
    kind=Kind.TECHNICAL,
    says=Text("货物就是证书所指的货物", "the goods are those that the certificate stands for"),
    clause=Clause("京市监发〔2025〕33号; Regulation (EU) 2023/1542", "S0-5; Article 7"),
    compare=_compare,
    outcomes=frozenset(Outcome),
    reads=(
        "certificate.goods",
        "certificate.model",
        "certificate.site",
        "certificate.sites",
        "certificate.batch",
        "certificate.holder",
        "certificate.chain",
        "certificate.value",
        "profile.identity",
        "profile.site_average",
    ),
    fix=Text("将证书扩展至这些货物", "have the certificate extended to the goods"),
    turn=10,
    needs_footprint=True,
)
