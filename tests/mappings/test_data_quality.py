"""R22: ratings on another scale, against the definition of a map: between two points the worse of both."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from huren.mappings.decide import recognise

ratings = st.integers(0, 60).map(lambda n: Decimal(n) / 10)
points = st.dictionaries(st.integers(1, 5), st.integers(1, 5), min_size=1, max_size=5)


def outcome_of(rating: Decimal, becomes: dict[int, int], worst: Decimal, best_is_low: bool) -> str:
    """The definition, point by point."""
    if rating < min(becomes) or rating > max(becomes):
        return "CONDITIONAL"
    below, above = max(p for p in becomes if p <= rating), min(p for p in becomes if p >= rating)
    ends = becomes[below], becomes[above]
    met = max(ends) <= worst if best_is_low else min(ends) >= worst
    return "CONVERTIBLE" if met else "BLOCKED"


@given(rating=ratings, becomes=points, worst=ratings, best_is_low=st.booleans())
def test_a_mapped_rating_is_held_against_the_floor(
    make: Any, rating: Decimal, becomes: dict[int, int], worst: Decimal, best_is_low: bool
) -> None:
    floor = {"scale": "B", "worst": worst, "best_is_low": best_is_low}
    world = make(
        {
            "certificate": {"quality": {"scale": "A", "rating": rating}},
            "scheme": [{"id": "CN-CFP", "profile": {"quality_floor": {"value": floor}}}],
            "scale_map": [
                {
                    "id": "A-B",
                    "from_scale": "A",
                    "to_scale": "B",
                    "points": [{"rating": a, "becomes": b} for a, b in becomes.items()],
                }
            ],
        }
    )
    found = {f.rule: f for f in recognise(world.question, world.facts).findings}["R22"]
    assert found.outcome == outcome_of(rating, becomes, worst, best_is_low)
