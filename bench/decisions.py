"""Recognition: one decision, and 10,000 certificates at 12 destinations in one process.

The peers are limits: 300 µs for one decision with all its reasons, 20 s for the whole matrix. The matrix is
also timed without memory, on a part of it, to show what memory gives.
"""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from statistics import median

from bench.measure import Claim
from huren.graph.model.certificate import Certificate
from huren.graph.model.facts import Known
from huren.graph.model.terms import Purpose
from huren.mappings.catalogue import catalogue, demonstration
from huren.mappings.decide import Recogniser, recognise
from huren.mappings.decision import Question

CERTIFICATES, SEED = 10_000, 7
DESTINATIONS = (
    "CN-BJ", "CN-TJ", "CN-HE", "CN-SH", "CN-JS", "CN-ZJ", "EPEAT-PV", "FR-PPE2", "EU-PEF", "ISO14067",
    "PACT3", "EU-CFB",
)  # fmt: skip
DAY, KNOWN_AT = datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC)
ONE_LIMIT, MATRIX_LIMIT = 300e-6, 20.0
ROUNDS, PART = 2_000, 200


def certificates(count: int, seed: int) -> list[Certificate]:
    """Certificates of the demonstration, each with a number, value and day of issue of its own."""
    draw, models = random.Random(seed), demonstration()
    found = []
    for n in range(count):
        model = models[n % len(models)]
        value = model.value and model.value * Decimal(draw.randrange(800, 1_200)) / 1_000
        issued = date(2025, 6, 1) + timedelta(days=draw.randrange(300))
        found.append(replace(model, number=f"B{n:05}", value=value, issued=issued))
    return found


def _matrix(known: Known, numbers: Sequence[str], *, remember: bool) -> float:
    """Seconds for every certificate named at every destination."""
    recogniser = Recogniser(known, Purpose.LABEL, DAY, remember=remember)
    began = time.perf_counter()
    for number in numbers:
        for destination in DESTINATIONS:
            recogniser.answer(number, destination)
    return time.perf_counter() - began


def _one(known: Known, numbers: Sequence[str]) -> float:
    """Seconds for one decision at a scheme, everything looked up anew."""
    taken = []
    for n in range(ROUNDS):
        question = Question(numbers[n % len(numbers)], "CN-CFP", Purpose.LABEL, DAY, KNOWN_AT)
        began = time.perf_counter()
        recognise(question, known)
        taken.append(time.perf_counter() - began)
    return median(taken)


async def run() -> list[Claim]:
    """The figures, as rates, so that a ratio above 1 keeps the limit."""
    known = catalogue().facts(certificates(CERTIFICATES, SEED)).at(KNOWN_AT)
    numbers = sorted(known.certificates)
    one, whole = _one(known, numbers), _matrix(known, numbers, remember=True)
    cells = len(numbers) * len(DESTINATIONS)
    part = numbers[:PART]
    apart, together = (_matrix(known, part, remember=remember) for remember in (False, True))
    each = PART * len(DESTINATIONS)
    note = f"{len(numbers):,} certificates at {len(DESTINATIONS)} destinations, seed {SEED}"
    return [
        Claim("one decision", 1 / one, 1 / ONE_LIMIT, "decisions/s", 1.0, "limit 300 µs; median"),
        Claim("matrix", cells / whole, cells / MATRIX_LIMIT, "decisions/s", 1.0, f"{note}; limit 20 s"),
        Claim("matrix, memory", each / together, each / apart, "decisions/s", 2.0, "peer: without memory"),
    ]
