"""A decision in one paragraph, in Chinese and English, for who has to act on it. Pure.

Nothing is said but fixed frames around what the findings themselves say, their names and their numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from huren.graph.model.facts import Known
from huren.graph.model.text import Text
from huren.mappings.decision import Decision, Derived
from huren.mappings.destination import ALLIANCES
from huren.mappings.outcome import Outcome
from huren.mappings.quantity import Bound, said
from huren.mappings.rule import Finding
from huren.mappings.words import fact, listed, moment, named, regions, word

NOTHING = Known(known_at=datetime.min.replace(tzinfo=UTC))


def explain(decision: Decision, known: Known = NOTHING) -> Text:
    """``decision`` in one paragraph; ``known`` (the facts it was made from) gives schemes their names.

    Cost: O(findings).
    """
    parts = [*_asked(decision, known), *_answered(decision, known), _value(decision), *_reasons(decision)]
    parts += _cautions(decision)
    return Text("".join(p.zh for p in parts), " ".join(p.en for p in parts))


def scheme_name(scheme: str, known: Known) -> Text:
    """A scheme by name and id."""
    found = known.schemes.get(scheme)
    return Text(scheme, scheme) if found is None else named(found.name, scheme)


def place_name(place: str, known: Known) -> Text:
    """A scheme or a region by name and id."""
    if place in known.schemes:
        return scheme_name(place, known)
    return named(regions().get(place, Text()), place)


def _asked(decision: Decision, known: Known) -> Iterator[Text]:
    question, certificate = decision.question, decision.certificate
    issuer, place = scheme_name(certificate.scheme, known), place_name(question.destination, known)
    purpose = word("purpose", question.purpose)
    day, then = moment(question.as_of), moment(question.known_at)
    where = f"在{place.zh}" if question.destination not in known.schemes else f"在{place.zh}制度下"
    yield Text(
        f"所问:证书 {certificate.number}(持证人 {certificate.holder},签发制度为{issuer.zh})"
        f"于 {day.zh} {where}能否用于{purpose.zh},以截至 {then.zh} 的记录为准。",
        f"Asked: whether certificate {certificate.number}, held by {certificate.holder} under {issuer.en}, "
        f"may stand at {place.en} for {purpose.en} on {day.en}, by what was on record at {then.en}.",
    )


def _answered(decision: Decision, known: Known) -> Iterator[Text]:
    standing = word("standing", standing_word(decision))
    yield Text(f"结论:{standing.zh}。", f"Answer: {standing.en}.")
    member = decision.region is not None and decision.region != decision.question.destination
    if member and decision.question.destination in ALLIANCES:
        region = place_name(decision.region or "", known)
        yield Text(
            f"该区域各成员均须接受,以上就{region.zh}而言。",
            f"Every member of the alliance must accept; this is the answer for {region.en}.",
        )
    if decision.scheme is not None and decision.scheme != decision.question.destination:
        scheme = scheme_name(decision.scheme, known)
        yield Text(f"接受方制度为{scheme.zh}。", f"The accepting scheme is {scheme.en}.")
    legal, technical = word("legal", decision.legal), word("technical", decision.technical)
    yield Text(
        f"法律上{legal.zh};技术上{technical.zh}。", f"In law it is {legal.en}; technically {technical.en}."
    )


def standing_word(decision: Decision) -> str:
    """The name of the standing in words: SHOWN where only the decider's judgement is open."""
    open_hard = any(f.hard and f.outcome is Outcome.CONDITIONAL for f in decision.deciding)
    shown = decision.standing is Outcome.CONDITIONAL and not open_hard
    return "SHOWN" if shown else decision.standing.value


def _value(decision: Decision) -> Text:
    if decision.value is not None:
        return _derived(decision.value, "按接受方口径,数值为", "On the destination's terms the value is")
    if decision.preview is not None:
        return _derived(
            decision.preview, "条件满足后,数值将为", "Once the conditions are met the value will be"
        )
    certificate = decision.certificate
    if certificate.value is None:
        return Text("证书未载明数值。", "The certificate states no value.")
    number = f"{said(certificate.value)} kg CO2e" + (f"/{certificate.unit}" if certificate.unit else "")
    return Text(f"证书所载数值 {number} 不能据以使用。", f"The stated value, {number}, cannot be relied on.")


def _derived(derived: Derived, zh: str, en: str) -> Text:
    number = f"{said(derived.value)} {derived.unit}"
    low, high = said(derived.low), said(derived.high)
    within = Text(f"(介于 {low} 与 {high} 之间)", f" (between {low} and {high})")
    spread = within if derived.bound is Bound.BOUND else Text()
    if not derived.steps:
        return Text(
            f"{zh} {number}{spread.zh},与证书所载一致。",
            f"{en} {number}{spread.en}, as the certificate states it.",
        )
    steps = [(word("rule", step.rule), step.formula) for step in derived.steps]
    return Text(
        f"{zh} {number}{spread.zh},换算步骤:" + ";".join(f"{name.zh},{sum}" for name, sum in steps) + "。",
        f"{en} {number}{spread.en}, converted so: "
        + "; ".join(f"{name.en}, {sum}" for name, sum in steps)
        + ".",
    )


def _reasons(decision: Decision) -> Iterator[Text]:
    shown = [f for f in decision.findings if f.applies and not f.hard and _open(f)]
    deciding = [f for f in decision.deciding if f not in shown]
    others = [f for f in decision.findings if f.applies and f.hard and _open(f) and f not in deciding]
    grounds = decision.standing in (Outcome.EQUAL, Outcome.CONVERTIBLE)
    yield from _said(deciding, *(("依据", "Grounds") if grounds else ("决定因素", "What decides")))
    yield from _said(others, "另有待解决的问题", "Also open")
    yield from _said(shown, "提请决策者注意", "Shown to the decider")
    yield from _conditions((*deciding, *others, *shown))
    missing = listed(_fact(path) for path in decision.missing)
    if missing.zh:
        yield Text(f"尚缺事实:{missing.zh}。", f"Missing facts: {missing.en}.")


def _open(found: Finding) -> bool:
    return found.outcome.severity >= Outcome.CONDITIONAL.severity


def _conditions(findings: tuple[Finding, ...]) -> Iterator[Text]:
    """The open conditions that the reasons have not said already."""
    said_zh, said_en = (" ".join(getattr(f.because, lang) for f in findings) for lang in ("zh", "en"))
    conditions = (c.says for f in findings if f.outcome is Outcome.CONDITIONAL for c in f.conditions)
    left = listed((c for c in conditions if c.zh not in said_zh or c.en not in said_en), ";", "; ")
    if left.zh:
        yield Text(f"须满足的条件:{left.zh}。", f"Conditions to be met: {left.en}.")


def _fact(path: str) -> Text:
    return named(fact(path), path)


def _said(findings: Iterable[Finding], zh: str, en: str) -> Iterator[Text]:
    """What the findings say, each sentence once, after the names of the rules that say it."""
    by_reason: dict[Text, list[Text]] = {}
    for found in findings:
        by_reason.setdefault(found.because, []).append(word("rule", found.rule))
    if by_reason:
        rows = [(listed(names), because) for because, names in by_reason.items()]
        yield Text(
            f"{zh}:" + ";".join(f"{name.zh}——{because.zh}" for name, because in rows) + "。",
            f"{en}: " + "; ".join(f"{name.en} — {because.en}" for name, because in rows) + ".",
        )


def _cautions(decision: Decision) -> Iterator[Text]:
    notes = listed((w for f in decision.findings if f.applies for w in f.warnings), ";", "; ")
    if notes.zh:
        yield Text(f"请留意:{notes.zh}。", f"Note: {notes.en}.")
    if decision.illustrative:
        yield Text(
            "所用资料含示例数据,仅供演示,不得作为依据。",
            "It rests on illustrative data, made up for demonstration: nothing may be founded on it.",
        )
    unchecked = listed(named(word("rule", rule), rule) for rule in decision.not_checked)
    if unchecked.zh:
        yield Text(f"未检查的规则:{unchecked.zh}。", f"Rules not checked: {unchecked.en}.")
