"""Decide whether certificates may stand for others: pure, with all reasons.

The same question over the same facts gives the same decision for ever: no clock, no store, no setting.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from huren.errors import NotFound
from huren.graph.model.certificate import Certificate
from huren.graph.model.facts import Facts, Known
from huren.graph.model.terms import Purpose
from huren.mappings.applied import Applied, Entry, Reader, apply, rule_set
from huren.mappings.decision import Decision, Question, exactly
from huren.mappings.dossier import Case, Dossier, Rival, Terms
from huren.mappings.lookup import Lookup, Place
from huren.mappings.outcome import Outcome
from huren.mappings.quantity import Quantity, carried, stated
from huren.mappings.route import Route
from huren.mappings.rule import Rule
from huren.mappings.rules import ALL

Key = tuple[object, ...]
_OUTCOMES = tuple(Outcome)


def recognise(question: Question, facts: Facts | Known, rules: Sequence[Rule] = ALL) -> Decision:
    """Answer ``question`` from ``facts``; ``Known`` must be those facts at ``question.known_at``.

    Raises: NotFound for a certificate not on record at ``known_at`` or an unknown destination;
    EmptyRuleSet where no rule is in force.
    """
    known = facts.at(question.known_at) if isinstance(facts, Facts) else facts
    recogniser = Recogniser(known, question.purpose, question.as_of, rules)
    return recogniser.answer(question.certificate, question.destination, question.against)


@dataclass(slots=True)
class _Hearing:
    """A certificate as every destination sees it.

    ``facets`` number the facts that each rule reads of it; ``kept`` is what the conversions found, which
    rests on its value.
    """

    case: Case
    stated: Quantity
    facets: tuple[int, ...] = ()
    kept: dict[Key, Entry] = field(default_factory=dict)


@dataclass(slots=True)
class _Sitting:
    """A certificate before one destination, while rule after rule is applied."""

    hearing: _Hearing
    place: Place
    route: Route
    quantity: Quantity
    comparing: bool
    rival: Rival | None = None
    made: Dossier | None = None


class Recogniser:
    """Decides certificates at destinations, for one purpose as of one instant, from one set of facts.

    A rule is a function of the facts it reads. With ``remember`` what it found is kept by these facts, so
    that certificates and destinations which are alike to a rule are judged once.
    """

    def __init__(
        self,
        known: Known,
        purpose: Purpose,
        as_of: datetime,
        rules: Sequence[Rule] = ALL,
        *,
        remember: bool = False,
    ) -> None:
        self._known, self._purpose, self._as_of = known, purpose, as_of
        self._set = rule_set(tuple(rules), purpose, as_of)
        self._applied = (*self._set.rules, *self._set.comparisons)
        self._lookup = Lookup(known, purpose, as_of)
        self._remember = remember
        self._kept: dict[Key, Entry] = {}
        self._numbers: dict[Key, int] = {}
        self._facets: dict[int, tuple[int, ...]] = {}
        self._last: _Hearing | None = None

    def answer(self, number: str, destination: str, against: str | None = None) -> Decision:
        """The decision on the certificate ``number``. Cost: about 0.2 ms; less where much is remembered.

        Raises: NotFound for a certificate or a destination that is not on record.
        """
        certificate = self._certificate(number)
        rival = None if against is None else self._certificate(against)
        question = Question(number, destination, self._purpose, self._as_of, self._known.known_at, against)
        with exactly():
            members = self._lookup.members(destination)
            places = [self._at_place(certificate, name, question, rival) for name in members]
        if len(places) == 1:
            return places[0]
        places.sort(key=lambda d: (*(-n for n in d.rank), d.region or "", d.scheme or ""))
        return replace(places[0], alternatives=tuple(places[1:]))

    def _certificate(self, number: str) -> Certificate:
        found = self._known.certificates.get(number)
        if found is None:
            raise _no_certificate(number, self._known.known_at)
        return found

    def _at_place(
        self, certificate: Certificate, name: str, question: Question, rival: Certificate | None
    ) -> Decision:
        """The best decision among the schemes of one place; the others are its alternatives."""
        hearing = self._hearing(certificate)
        places = self._lookup.places(name, hearing.case.category)
        decisions = [self._decide(hearing, place, question, rival) for place in places]
        if len(decisions) == 1:
            return decisions[0]
        decisions.sort(key=lambda d: (*d.rank, self._uses(d), d.scheme or ""))
        return replace(decisions[0], alternatives=tuple(decisions[1:]))

    def _uses(self, decision: Decision) -> bool:
        scheme = self._known.schemes.get(decision.scheme or "")
        return scheme is not None and scheme.uses is not None

    def _hearing(self, certificate: Certificate) -> _Hearing:
        """A certificate as every destination sees it; the last one is kept."""
        if self._last is None or self._last.case.certificate is not certificate:
            self._last = _Hearing(self._lookup.case(certificate), stated(certificate))
        return self._last

    def _decide(
        self, hearing: _Hearing, place: Place, question: Question, rival: Certificate | None
    ) -> Decision:
        """Apply every rule in force and compose both verdicts and the standing."""
        sitting, entries = self._hear(hearing, place, comparing=rival is not None)
        if rival is not None:
            other = self._hear(self._hearing(rival), place, comparing=True)
            sitting.rival = Rival(_terms(sitting, entries), _terms(*other))
        entries += [self._find(applied, sitting) for applied in self._set.comparisons]
        found = tuple(entry.finding for entry in self._set.shown(entries))
        legal, technical, standing = map(max, zip(*(e.severities for e in entries), strict=True))
        certificate, target = hearing.case.certificate, place.target
        records = (certificate, hearing.case.issuer, hearing.case.issuer_rule, target.scheme)
        return Decision(
            question=question,
            certificate=certificate,
            scheme=target.scheme.id if target.exists else None,
            region=target.region,
            standing=_OUTCOMES[standing],
            legal=_OUTCOMES[legal],
            technical=_OUTCOMES[technical],
            quantity=sitting.quantity,
            findings=found,
            not_checked=self._set.not_checked,
            illustrative=any(r.illustrative for r in records if r) or any(f.illustrative for f in found),
        )

    def _hear(self, hearing: _Hearing, place: Place, *, comparing: bool) -> tuple[_Sitting, list[Entry]]:
        """Apply every rule that enters a verdict, each conversion taking what the one before left."""
        route = self._lookup.route(hearing.case, place)
        sitting = _Sitting(hearing, place, route, hearing.stated, comparing)
        return sitting, [self._find(applied, sitting) for applied in self._set.rules]

    def _find(self, applied: Applied, sitting: _Sitting) -> Entry:
        """Apply a rule, or give what it found where all that it reads was the same."""
        if not self._remember or sitting.rival is not None:
            entry = apply(applied, self._dossier(sitting), sitting.quantity)
        else:
            kept = sitting.hearing.kept if applied.converts else self._kept
            key = self._key(applied, sitting)
            found = kept.get(key)
            entry = kept[key] = found or apply(applied, self._dossier(sitting), sitting.quantity)
        sitting.quantity = entry.quantity if applied.converts else sitting.quantity
        return entry

    def _key(self, applied: Applied, sitting: _Sitting) -> Key:
        """The facts that a rule reads, numbered. Routes, places and quantities live as long as the keys."""
        hearing, place, number = sitting.hearing, sitting.place, applied.number
        if not hearing.facets:
            readers = [a.of_case for a in self._applied]
            hearing.facets = self._numbered("case", readers, self._dossier(sitting))
        facets = self._facets.get(id(place))
        if facets is None:
            readers = [a.of_place for a in self._applied]
            facets = self._facets[id(place)] = self._numbered("place", readers, self._dossier(sitting))
        both = (id(sitting.route), sitting.comparing) if applied.of_both else None
        quantity = id(sitting.quantity) if applied.converts else None
        return (number, hearing.facets[number], facets[number], both, quantity)

    def _numbered(self, side: str, readers: Sequence[Reader], dossier: Dossier) -> tuple[int, ...]:
        numbers = self._numbers
        return tuple(
            numbers.setdefault((side, n, read(dossier)), len(numbers)) for n, read in enumerate(readers)
        )

    def _dossier(self, sitting: _Sitting) -> Dossier:
        """All that the rules may read, put together where a rule is really applied."""
        if sitting.made is None or sitting.made.rival is not sitting.rival:
            case, place = sitting.hearing.case, sitting.place
            sitting.made = Dossier(
                certificate=case.certificate,
                target=place.target,
                purpose=self._purpose,
                as_of=self._as_of,
                known=self._known,
                issuer=case.issuer,
                issuer_rule=case.issuer_rule,
                issuer_profile=case.issuer_profile,
                profile=place.profile,
                category=case.category,
                record_type=case.record_type,
                zone=case.zone,
                issued=case.issued,
                route=sitting.route,
                comparing=sitting.comparing,
                rival=sitting.rival,
            )
        return sitting.made


def _terms(sitting: _Sitting, entries: Sequence[Entry]) -> Terms:
    """What a certificate's number is at a destination, as far as the technical rules found."""
    certificate = sitting.hearing.case.certificate
    worst = max(entries, key=lambda entry: entry.severities[1]).finding
    return Terms(
        number=certificate.number,
        category=sitting.hearing.case.category,
        outcome=worst.outcome,
        because=worst.because,
        missing=worst.missing,
        quantity=sitting.quantity,
        gsd=carried(certificate.uncertainty_gsd, sitting.quantity),
    )


def _no_certificate(number: str, known_at: datetime) -> NotFound:
    when = known_at.isoformat()
    return NotFound(
        f"no such certificate as of {when}: `{number}`",
        f"截至 {when} 没有此证书:“{number}”",
        fix="Check the number, or ask with a later knownAt.",
        fix_zh="请核对证书编号,或改用更晚的 knownAt。",
    )
