"""Decide whether certificates may stand for others: pure, with all reasons.

The same question over the same facts gives the same decision for ever: no clock, no store, no setting.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from huren.errors import NotFound
from huren.graph.model.certificate import Certificate
from huren.graph.model.dated import Parameter
from huren.graph.model.facts import Facts, Known
from huren.graph.model.terms import Purpose
from huren.mappings.applied import Applied, Entry, Reader, apply, rule_set
from huren.mappings.decision import Decision, Question, exactly
from huren.mappings.dossier import Case, Dossier, Place, Rival, Terms
from huren.mappings.lookup import Lookup
from huren.mappings.outcome import Outcome
from huren.mappings.quantity import Quantity, carried, stated
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
    rests on its value, and ``numbers`` what it was converted to.
    """

    case: Case
    stated: Quantity
    facets: tuple[int, ...] = ()
    kept: dict[Key, Entry] = field(default_factory=dict)
    numbers: dict[Quantity, Quantity] = field(default_factory=dict)


@dataclass(slots=True)
class _Sitting:
    """A certificate before one destination, while rule after rule is applied."""

    hearing: _Hearing
    dossier: Dossier
    quantity: Quantity


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
            both = Rival(_terms(sitting, entries), _terms(*other))
            sitting.dossier = replace(sitting.dossier, rival=both)
        entries += self._find_all(self._set.comparisons, sitting)
        legal, technical, standing, illustrative = map(max, zip(*(e.weights for e in entries), strict=True))
        case, target = hearing.case, place.target
        records = (case.certificate, case.issuer, case.issuer_rule, target.scheme)
        return Decision(
            question=question,
            certificate=case.certificate,
            scheme=target.scheme.id if target.exists else None,
            region=target.region,
            standing=_OUTCOMES[standing],
            legal=_OUTCOMES[legal],
            technical=_OUTCOMES[technical],
            quantity=sitting.quantity,
            found=tuple(entry.finding for entry in self._set.shown(entries)),
            not_checked=self._set.not_checked,
            illustrative=bool(illustrative) or any(r.illustrative for r in records if r),
            dossier=sitting.dossier,
        )

    def _hear(self, hearing: _Hearing, place: Place, *, comparing: bool) -> tuple[_Sitting, list[Entry]]:
        """Apply every rule that enters a verdict, each conversion taking what the one before left."""
        route = self._lookup.route(hearing.case, place)
        dossier = Dossier(hearing.case, place, self._purpose, self._as_of, self._known, route, comparing)
        sitting = _Sitting(hearing, dossier, hearing.stated)
        return sitting, self._find_all(self._set.rules, sitting)

    def _find_all(self, rules: Sequence[Applied], sitting: _Sitting) -> list[Entry]:
        """Apply ``rules`` in their order, or give what each found where all that it reads was the same."""
        if self._remember and sitting.dossier.rival is None:
            return self._recall(rules, sitting)
        entries = []
        for applied in rules:
            entries.append(apply(applied, sitting.dossier, sitting.quantity))
            sitting.quantity = entries[-1].quantity
        return entries

    def _recall(self, rules: Sequence[Applied], sitting: _Sitting) -> list[Entry]:
        # The hot loop. A key holds the numbers of the facts read; routes and quantities stand by identity,
        # and live as long as the keys.
        dossier, hearing, quantity = sitting.dossier, sitting.hearing, sitting.quantity
        of_case, of_place = self._case_facets(hearing, dossier), self._place_facets(dossier)
        route, entries = (id(dossier.route), dossier.comparing), []
        for applied in rules:
            n = applied.number
            key = (of_case[n], of_place[n], route if applied.of_both else None)
            shared = not applied.converts or quantity is hearing.stated
            entry = self._kept.get(key) if shared else None
            if entry is None:
                entry = self._judge(applied, key, hearing, dossier, quantity)
            after = entry.finding.judgement.quantity
            if after is not None:
                # Two roads to one number are one road from there on.
                quantity = hearing.numbers.setdefault(after, after)
            entries.append(entry)
        sitting.quantity = quantity
        return entries

    def _judge(
        self, applied: Applied, key: Key, hearing: _Hearing, dossier: Dossier, quantity: Quantity
    ) -> Entry:
        """Apply a rule and keep what it found: for all to whom the facts read are the same, or, of a number
        that was or is converted, for this certificate alone. A number as stated is itself facts read."""
        own = (*key, id(quantity))
        entry = hearing.kept.get(own)
        if entry is None:
            entry = apply(applied, dossier, quantity)
            untouched = quantity is hearing.stated and quantity.stated and entry.finding.quantity is None
            if untouched or not applied.converts:
                self._kept[key] = entry
            else:
                hearing.kept[own] = entry
        return entry

    def _case_facets(self, hearing: _Hearing, dossier: Dossier) -> tuple[int, ...]:
        if not hearing.facets:
            hearing.facets = self._numbered("case", [a.of_case for a in self._applied], dossier)
        return hearing.facets

    def _place_facets(self, dossier: Dossier) -> tuple[int, ...]:
        place = id(dossier.place)
        if place not in self._facets:
            self._facets[place] = self._numbered("place", [a.of_place for a in self._applied], dossier)
        return self._facets[place]

    def _numbered(self, side: str, readers: Sequence[Reader], dossier: Dossier) -> tuple[int, ...]:
        numbers = self._numbers
        return tuple(
            numbers.setdefault((side, n, *map(_told, read(dossier))), len(numbers))
            for n, read in enumerate(readers)
        )


def _told(fact: object) -> object:
    """A fact as far as a judgement can rest on it: not on where a parameter is written."""
    return replace(fact, source="") if isinstance(fact, Parameter) else fact


def _terms(sitting: _Sitting, entries: Sequence[Entry]) -> Terms:
    """What a certificate's number is at a destination, as far as the technical rules found."""
    certificate = sitting.dossier.certificate
    worst = max(entries, key=lambda entry: entry.weights[1]).finding
    return Terms(
        number=certificate.number,
        category=sitting.dossier.category,
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
