"""All that ships as data or as a rule, checked as a whole: by ``huren check``, and before serving."""

from __future__ import annotations

from collections.abc import Mapping

from huren.errors import BadInput
from huren.mappings import criteria, purposes, statistics
from huren.mappings.catalogue import Catalogue, catalogue
from huren.mappings.catalogue import problems as of_data
from huren.mappings.rules import ALL, SPECIFIED

NOTHING: Mapping[str, str] = {}


def problems(texts: Mapping[str, str] = NOTHING) -> tuple[BadInput, ...]:
    """Everything wrong with the shipped data under ``texts`` (TOML by file name), the rules of recognition
    and the table of purposes. Cost: about 0.3 s."""
    return (
        *of_data(texts),
        *criteria.problems(ALL, SPECIFIED),
        *purposes.problems(purposes.shipped()),
        *statistics.problems(),
    )


def sound() -> Catalogue:
    """The shipped reference data, once everything that decisions rest on holds together.

    Raises: BadInput, the first problem.
    """
    shipped = catalogue()
    own = (*criteria.problems(ALL, SPECIFIED), *purposes.problems(purposes.shipped()), *statistics.problems())
    for problem in own:
        raise problem
    return shipped
