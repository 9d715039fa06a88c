"""What the shipped data say of each scheme, read again from the catalogue of the specification (2a, 2b)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from huren.graph.model.dated import Certainty, start
from huren.graph.model.profile import CutOffLimit
from huren.graph.model.supply import Stage
from huren.graph.model.terms import Party, ReferenceDate, ScopePart
from huren.mappings.catalogue import catalogue
from huren.mappings.dossier import profile_of

AT = datetime(2026, 6, 1, tzinfo=UTC)

DECIDING = (
    *("stages", "units", "standards", "gwp_sets", "gases", "cut_off", "allocation", "electricity_methods"),
    *("factor_family", "biogenic_counted", "land_use_change_counted", "party"),
)
"""Without one of these a rule cannot be stated, so each scheme says it, or that it was not read."""


def test_no_scheme_leaves_out_what_decides() -> None:
    """Only a management system, whose records never hold a footprint, has no method at all."""
    known = catalogue().facts().at(AT)
    silent = {
        scheme.id: [name for name in DECIDING if getattr(profile_of(scheme, None, AT, known), name) is None]
        for scheme in known.schemes.values()
    }
    # The illustrative scheme of a Tianjin body has its method in its rule, for one category.
    assert {name for name, missing in silent.items() if missing} == {"MGMT", "TJ-OWN"}
    assert not [
        name
        for name in DECIDING
        if getattr(profile_of(known.schemes["TJ-OWN"], "pv_module", AT, known), name) is None
    ]


def test_uncertain_cells_of_the_catalogue_are_uncertain() -> None:
    """Read again from domain 2a and 2b: cells and rows whose flag is U."""
    known = catalogue().facts().at(AT)
    rows = {
        "GBA-CFP": "gwp_sets cut_off allocation biogenic_counted electricity_methods term_months",
        "EU-CFB": "gwp_sets cut_off biogenic_counted electricity_methods end_of_life quality_floor",
        "EPEAT-PV": "cut_off allocation biogenic_counted quality_floor",
        "KR-EPD": "gwp_sets cut_off allocation biogenic_counted electricity_methods primary_share_floor",
        "JP-SUMPO": "gwp_sets cut_off allocation biogenic_counted electricity_methods primary_share_floor",
        "JS-CARBON": "stages party term_months",
        "TUV-PRIV": "term_months",
        "KR-PV": "term_months gases",
        "EU-PEF": "term_months",
        "PACT3": "electricity_methods",
        "CN-CFP": "cut_off",
    }
    for name, parameters in rows.items():
        for parameter in parameters.split():
            found = getattr(known.schemes[name].profile, parameter)
            assert found.certainty is Certainty.UNCERTAIN, (name, parameter)


def test_verified_cells_of_the_catalogue_are_verified() -> None:
    """Read again from domain 2a and 2b: cells whose flag is V, with the value they give."""
    known = catalogue().facts().at(AT)
    cells = {
        ("CN-CFP", "term_months"): 24,
        ("CN-CFP", "assurance_system_months"): 3,
        ("CN-CFP", "on_site"): True,
        ("CARBONTRUST", "term_months"): 24,
        ("CARBONTRUST", "offsets_allowed"): False,
        ("EPEAT-PV", "term_months"): 12,
        ("FR-PPE2", "reference_date"): ReferenceDate.MANUFACTURING,
        ("EU-CFB", "identity"): {ScopePart.MODEL, ScopePart.SITE},
        ("EU-CFB", "stages"): set(Stage) - {Stage.USE},
        ("GBA-CFP", "stages"): set(Stage),
        ("KR-PV", "stages"): {Stage.RAW_MATERIAL, Stage.PRODUCTION},
        ("KR-EPD", "on_site"): True,
        ("PACT3", "max_age_years"): 3,
        ("PACT3", "max_change_percent"): 10,
        ("EU-CBAM", "party"): Party.THIRD,
    }
    for (name, parameter), value in cells.items():
        found = getattr(known.schemes[name].profile, parameter)
        assert (found.value, found.certainty) == (value, Certainty.VERIFIED), (name, parameter)


@pytest.mark.parametrize(("day", "share"), [(date(2025, 4, 29), "0.05"), (date(2025, 4, 30), "1")])
def test_pact_bounds_what_is_left_out_until_its_third_edition(day: date, share: str) -> None:
    known, at = catalogue().facts().at(AT), start(day)
    limit = profile_of(known.schemes["PACT3"], None, at, known).cut_off
    assert limit is not None
    assert limit.value == CutOffLimit(Decimal(share))
