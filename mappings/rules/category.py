"""R6: the product class is in scope of the issuing rule, the destination's list and the agreement."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from huren.graph.model.certificate import Code
from huren.graph.model.dated import Parameter, holds, start
from huren.graph.model.scheme import Listing, RuleKind, Scheme
from huren.graph.model.terms import Level
from huren.graph.model.text import Text
from huren.mappings.agreement_terms import in_scope
from huren.mappings.dossier import Dossier, lists
from huren.mappings.judgement import Judgement, blocked, conditional, equal, tempered, unknown
from huren.mappings.lifetime import scheme_state
from huren.mappings.outcome import Outcome
from huren.mappings.quantity import Quantity
from huren.mappings.rule import Clause, Kind, Rule


def listed_by(dossier: Dossier, scheme: Scheme) -> Parameter[tuple[Listing, ...]] | None:
    """The list of categories of a scheme, else of the one it uses; None: it takes every category."""
    return scheme.categories or dossier.known.root(scheme).categories


def codes_of(dossier: Dossier) -> tuple[Code, ...]:
    """The stated codes and those of the category."""
    category = dossier.known.categories.get(dossier.category or "")
    return (*dossier.certificate.codes, *(category.codes if category else ()))


def _is_class(code: Code, wanted: Code) -> bool:
    """Whether ``code`` is the class ``wanted`` or a finer one of it."""
    return code.system == wanted.system and code.code.startswith(wanted.code)


def _maps(dossier: Dossier, wanted: Code) -> Iterator[bool]:
    """For each stated code that maps to ``wanted``: whether it maps to that class alone."""
    for code in codes_of(dossier):
        rows = [m for m in dossier.known.code_maps.get(code, ()) if m.target_code.system == wanted.system]
        if any(_is_class(m.target_code, wanted) for m in rows):
            yield all(_is_class(m.target_code, wanted) for m in rows)


def in_list(dossier: Dossier, rows: Iterable[Listing], at: datetime) -> bool | None:
    """True: listed at ``at``; None: one of several classes that its code maps to is; False: not listed."""
    now = [row for row in rows if holds(row.since, row.until, at)]
    codes = codes_of(dossier)
    if lists(now, dossier.category, at, dossier.known):
        return True
    wanted = [row.code for row in now if row.code]
    if any(_is_class(code, w) for w in wanted for code in codes):
        return True
    mapped = {alone for w in wanted for alone in _maps(dossier, w)}
    return True if True in mapped else (None if mapped else False)


def _class_open() -> Judgement:
    return conditional("name_class", "一个编码对应多个类别:须指明目的地类别", "destination class to be named")


def _scheme_scope(dossier: Dossier, side: str, scheme: Scheme) -> Judgement | None:
    """What a scheme's list says against the category; None: nothing."""
    parameter = listed_by(dossier, scheme)
    if parameter is None:
        return None
    wanted = replace(dossier.want("categories", parameter), name=f"{side}.categories")
    if wanted.value is None:
        return unknown(wanted.name)
    listed = in_list(dossier, wanted.value, dossier.as_of)
    name = scheme.id
    if listed is None:
        found = _class_open()
    elif listed:
        found = equal(f"{dossier.category} 在 {name} 目录内", f"{dossier.category} is on the list of {name}")
    else:
        found = blocked(
            f"{dossier.category} 不在 {name} 目录内", f"{dossier.category} is not on the list of {name}"
        )
    return tempered(found, wanted)


def _not_ripe(dossier: Dossier, scheme: Scheme) -> Judgement | None:
    """A national list takes a class only once it is listed and its factors are there (S1-23)."""
    if dossier.known.root(scheme).level is not Level.NATIONAL:
        return None
    for name in dossier.known.category_line(dossier.category or ""):
        category = dossier.known.categories.get(name)
        days = (category.listed, category.factor_set_since) if category else ()
        late = [day for day in days if day is not None and start(day) > dossier.as_of]
        if late:
            return blocked(
                f"{name} 自 {max(late, key=start)} 起才具备目录和因子条件",
                f"{name} is ripe for the list only from {max(late, key=start)}",
            )
    return None


def _rule_scope(dossier: Dossier) -> Judgement | None:
    rule = dossier.issuer_rule
    if rule is None or rule.kind is RuleKind.GENERAL:
        return None
    listed = in_list(dossier, rule.categories, dossier.as_of)
    if listed is None:
        return _class_open()
    if listed:
        return None
    return blocked(
        f"{dossier.category} 不在规则 {rule.id} 范围内", f"{dossier.category} is out of scope of {rule.id}"
    )


def _agreement_scope(dossier: Dossier) -> Judgement | None:
    for hop in dossier.route.hops:
        if hop.live and not in_scope(hop.agreement, dossier.route.sides, dossier.known):
            name = hop.agreement.id
            found = blocked(
                f"{dossier.category} 不在协议 {name} 范围内",
                f"{dossier.category} is out of scope of agreement {name}",
            )
            return replace(found, illustrative=hop.agreement.illustrative)
    return None


def _destination(dossier: Dossier) -> Judgement | None:
    """A destination that does not exist, or is not in force, takes no category."""
    target = dossier.target
    if not target.exists:
        where = target.region
        return blocked(
            f"{where} 没有接受此类别的现行制度", f"no scheme in force takes this category in {where}"
        )
    state = scheme_state(target.scheme, dossier.as_of, dossier.known)
    if state == "in_force":
        return None
    stage = state.value if state else "not in force"
    return blocked(f"{target.scheme.id} 未生效({stage})", f"{target.scheme.id} is not in force ({stage})")


def _compare(dossier: Dossier, quantity: Quantity) -> Judgement:
    absent = _destination(dossier)
    if absent:
        return absent
    sides = [("destination", dossier.target.scheme)]
    if dossier.issuer:
        sides.append(("issuer", dossier.issuer))
    found = [_scheme_scope(dossier, side, scheme) for side, scheme in sides]
    if dossier.category is None:
        asked = [name for f in found if f and f.outcome is Outcome.UNKNOWN for name in f.missing]
        return unknown("category", *dict.fromkeys(asked))
    found += [_rule_scope(dossier), *(_not_ripe(dossier, scheme) for _, scheme in sides)]
    if dossier.purpose_reads_agreements:
        found += [_agreement_scope(dossier)]
    said = [f for f in found if f]
    if not said:
        return equal("双方均不限定类别", "neither side limits its categories")
    worst = max(said, key=lambda f: f.outcome.severity)
    return replace(worst, warnings=tuple(dict.fromkeys(w for f in said for w in f.warnings)))


CATEGORY = Rule(
    id="R6",
    code="category",
    kind=Kind.LEGAL,
    says=Text(
        "产品类别在双方及协议的范围内", "the product class is in scope on both sides and of the agreement"
    ),
    clause=Clause("国市监认证发〔2024〕85号; 津方案(征求意见稿)", "S1-1, S1-23, S2-7"),
    compare=_compare,
    outcomes=frozenset({Outcome.EQUAL, Outcome.CONDITIONAL, Outcome.UNKNOWN, Outcome.BLOCKED}),
    reads=(
        "category",
        "certificate.codes",
        "certificate.scheme",
        "certificate.rule",
        "target.scheme.id",
        "target.region",
        "route.path",
    ),
    fix=Text("选择接受此类别的目的地", "choose a destination that takes this class"),
)
