"""The roll-up on public data: USEPA's two-region totals, the demonstration chain, the USLCI graph."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.sparse import csr_array, eye_array
from scipy.sparse.linalg import spsolve

from huren.graph.chain import Chain
from huren.graph.model.supply import (
    Emission,
    GwpSet,
    Input,
    Origin,
    Product,
    Recipe,
    Stage,
    Supply,
    Unlinked,
)
from huren.graph.model.text import Text
from huren.graph.network.plain import matrix_of
from huren.graph.rollup import roll_up, roll_up_within
from huren.graph.system import System, check_loops
from huren.graph.whatif import Replace, what_if

DATA = Path(__file__).parents[3] / "shared" / "data"
USEPA, DEMO, USLCI = DATA / "gaeeio", DATA / "demo", DATA / "uslci"


def needs(folder: Path) -> pytest.MarkDecorator:
    return pytest.mark.skipif(
        not folder.exists(), reason=f"the data set {folder.name} is not beside the repository"
    )


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def matrix(name: str) -> NDArray[np.float64]:
    return np.array(json.loads((USEPA / f"{name}.json").read_text("utf-8")))


# USEPA: A (column = inputs of a sector), D (a row an indicator), published N = D (I - A)^-1


@needs(USEPA)
def test_every_published_total_of_the_two_region_model_is_reproduced() -> None:
    direct, published = matrix("D"), matrix("N")
    totals = Chain.of(csr_array(matrix("A").T)).intensities(direct.T).T
    assert totals.shape == published.shape == (16, 146)
    np.testing.assert_allclose(totals, published, rtol=1e-12)


@needs(USEPA)
@pytest.mark.parametrize("indicator", range(16))
def test_a_roll_up_of_a_sector_gives_each_indicator_and_its_credits_are_flagged(indicator: int) -> None:
    """Each indicator taken for a gas: the engine adds up whatever it is given."""
    needed, direct, published = matrix("A"), matrix("D")[indicator], matrix("N")[indicator]
    keys = [f"us/{i:03}" for i in range(146)]
    supply = Supply.of(dict(zip(keys, direct.tolist(), strict=True)))
    recipes = {
        key: Recipe(
            tuple(Input(keys[s], float(needed[s, i])) for s in np.flatnonzero(needed[:, i])),
            supply.recipes[key].emissions,
        )
        for i, key in enumerate(keys)
    }
    system = System.of(Supply(supply.products, recipes))
    for key, total in list(zip(keys, published.tolist(), strict=True))[indicator::16]:
        answer = roll_up_within(system, key)
        assert answer.total == pytest.approx(total, rel=1e-12)
        assert sum(answer.contributions.values) == pytest.approx(total, rel=1e-12)
    (loop,) = answer.flagged_loops
    assert len(loop.members) == 138
    assert loop.residual < 1e-14


# The demonstration chain


def demo() -> Supply:
    products, inputs = {}, defaultdict(list)
    for row in rows(DEMO / "edges.csv"):
        need = Input(f"demo/{row['provider']}", float(row["amount"]), Stage.RAW_MATERIAL)
        inputs[row["consumer"]].append(need)
    recipes = {}
    for row in rows(DEMO / "nodes.csv"):
        name = Text(row["name_zh"], row["name_en"])
        product = Product("demo", row["id"], name, row["declared_unit"], region=row["geography"])
        biogenic = Emission("CO2", float(row["biogenic_CO2_kg"]), Origin.BIOGENIC)
        own = (Emission("CO2e", float(row["direct_kgCO2e"])), biogenic)
        products[product.key] = product
        recipes[product.key] = Recipe(tuple(inputs[row["id"]]), own)
    return Supply(products, recipes)


@needs(DEMO)
def test_all_94_totals_of_the_demonstration_chain_are_reproduced() -> None:
    system, published = System.of(demo()), rows(DEMO / "nodes.csv")
    assert len(published) == 94
    for row in published:
        answer = roll_up_within(system, f"demo/{row['id']}")
        biogenic = answer.total_including_biogenic - answer.total
        assert answer.total == pytest.approx(float(row["total_kgCO2e_excl_biogenic"]), abs=6e-7)
        assert biogenic == pytest.approx(float(row["total_biogenic_CO2_kg"]), abs=6e-7)
        assert [part.gwp_set for part in answer.coverage.not_restated] == ([None] if answer.total else [])


@needs(DEMO)
def test_the_pv_module_on_wind_instead_of_the_grid_of_2024() -> None:
    grid = demo()
    wind = what_if(grid, [Replace("demo/EL_CN24", "demo/EL_WIND")])
    before, after = roll_up(grid, "demo/PVMOD"), roll_up(wind, "demo/PVMOD")
    assert (round(before.total, 2), round(after.total, 2)) == (552.06, 232.60)
    assert before.contributions[0].product == "demo/EL_CN24"
    assert "demo/EL_CN24" not in after.contributions.products


# USLCI: kilograms by gas, loops of 32 and of 2


def uslci() -> Supply:
    inputs, emissions, unlinked = defaultdict(list), defaultdict(list), defaultdict(list)
    for row in rows(USLCI / "edges.csv"):
        inputs[row["consumer"]].append(
            Input(f"nrel/{row['provider']}", float(row["amount_in_provider_unit"]))
        )
    for row in rows(USLCI / "ghg_direct.csv"):
        gas, origin = row["gas"].partition("_")[0], row["origin"].replace("luc", "land_use_change")
        emissions[row["process"]].append(Emission(gas, float(row["kg_per_ref_unit"]), Origin(origin)))
    for row in rows(USLCI / "unlinked.csv"):
        unlinked[row["process"]].append(Unlinked(row["flow"], float(row["amount"]), row["unit"]))
    products = [
        Product("nrel", r["id"], Text(en=r["name"]), r["ref_unit"]) for r in rows(USLCI / "processes.csv")
    ]
    recipes = {
        p.key: Recipe(tuple(inputs[p.code]), tuple(emissions[p.code]), tuple(unlinked[p.code]), True)
        for p in products
    }
    return Supply({p.key: p for p in products}, recipes)


@needs(USLCI)
def test_uslci_agrees_with_a_second_solver_on_every_gas() -> None:
    system = System.of(uslci())
    assert len(system.keys) == 766
    assert sorted(np.diff(system.network.order.bounds)[:, 0].tolist()) == [2, 32]
    check_loops(system.supply)
    whole = (eye_array(766) - matrix_of(system.network.needs)).tocsc()
    other = np.column_stack([spsolve(whole, column) for column in system.own.T])
    np.testing.assert_allclose(system.x, other, rtol=1e-10, atol=1e-13)


@needs(USLCI)
def test_uslci_aluminium_is_known_under_three_sets_and_zeros_are_shown_as_incomplete() -> None:
    system = System.of(uslci())
    name = "Aluminum, primary, ingot, at plant, 1998"
    (ingot,) = (key for key, product in system.supply.products.items() if product.name.en == name)
    totals = [roll_up_within(system, ingot, gwp=gwp, allow_partial=True).total for gwp in GwpSet]
    assert [round(total, 2) for total in totals] == [13.51, 13.28, 13.57]
    answers = [roll_up_within(system, key, allow_partial=True) for key in system.keys]
    nothing_known = [answer for answer in answers if answer.total == 0 and not answer.by_gas]
    assert len(nothing_known) == 27
    assert not any(answer.coverage.complete for answer in nothing_known)
    assert all(len(answer.coverage.unlinked) <= 100 for answer in answers)
