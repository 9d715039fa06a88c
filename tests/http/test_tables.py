"""`huren export` as a user runs it: its files say what roll-ups say, and suffice to solve the graph again."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pyarrow import parquet
from scipy.sparse import coo_array, csc_array, eye_array
from scipy.sparse.linalg import spsolve

from huren.graph.database import Address
from huren.graph.gwp import counted, factor
from huren.graph.model.supply import GwpSet, Origin
from tests.http.conftest import Caller
from tests.http.test_acceptance import ask

pytestmark = pytest.mark.slow

ROLL_UP = """query($p: ID!) { rollUp(product: $p, gwp: AR5, allowPartial: true) {
  revision total { value } totalIncludingBiogenic { value } coverage { complete }
  byGas { gas origin kg } } }"""
GATE = {"raw_material", "production"}
Export = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def export(address: Address, tmp_path: Path) -> Export:
    def run(*words: str) -> subprocess.CompletedProcess[str]:
        environ = {
            **os.environ,
            "HUREN_HOME": str(tmp_path / "home"),
            "NEO4J_URI": address.uri,
            "NEO4J_USERNAME": address.user,
            "NEO4J_PASSWORD": address.password,
            "LC_ALL": "C.UTF-8",
        }
        command = [sys.executable, "-m", "huren.cli", "export", *words]
        return subprocess.run(command, env=environ, capture_output=True, text=True, check=False)

    return run


def rows(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = parquet.read_table(path).to_pylist()
    return found


async def test_the_files_say_what_roll_ups_say(demo: Caller, export: Export, tmp_path: Path) -> None:
    done = export(str(tmp_path / "graph"), "--gwp", "AR5")
    assert done.returncode == 0, done.stderr
    products = rows(tmp_path / "graph" / "products.parquet")
    assert [row["product"] for row in products] == sorted(row["product"] for row in products)
    assert f"{len(products)} products" in done.stderr
    told = parquet.read_schema(tmp_path / "graph" / "products.parquet").metadata
    for row in (one for one in products if one["code"] in {"PVMOD", "EL_CN24", "COAL", "TSHIRT"}):
        answer = (await ask(demo, ROLL_UP, p=row["product"]))["rollUp"]
        assert told[b"huren.revision"].decode() == answer["revision"]
        assert told[b"huren.certified"] == b"true"
        assert row["total"] == pytest.approx(float(answer["total"]["value"]), rel=1e-9)
        whole = float(answer["totalIncludingBiogenic"]["value"])
        assert row["total_including_biogenic"] == pytest.approx(whole, rel=1e-9)
        assert row["partial"] is not answer["coverage"]["complete"]
        for part in answer["byGas"]:
            name = f"kg {part['gas']} {part['origin'].lower()}"
            columns = [column for column in row if column.startswith(name)]
            assert sum(row[column] for column in columns) == pytest.approx(float(part["kg"]), rel=1e-9)


async def test_the_files_suffice_to_solve_the_graph_again(
    demo: Caller, export: Export, tmp_path: Path
) -> None:
    assert export(str(tmp_path / "graph")).returncode == 0
    products, inputs, emissions = (
        rows(tmp_path / "graph" / f"{name}.parquet") for name in ("products", "inputs", "emissions")
    )
    place = {row["product"]: at for at, row in enumerate(products)}
    own, late = np.zeros(len(place)), np.zeros(len(place))
    for row in emissions:
        origin = Origin(row["origin"])
        kg = row["kg"] * (factor(row["gas"], origin, GwpSet.AR6) or 0.0) * counted(row["gas"], origin)
        (own if row["stage"] in GATE else late)[place[row["product"]]] += kg
    gate, after = (
        coo_array(
            (
                [row["amount"] for row in some],
                ([place[row["consumer"]] for row in some], [place[row["supplier"]] for row in some]),
            ),
            shape=(len(place), len(place)),
        ).tocsr()
        for some in (
            [row for row in inputs if row["stage"] in GATE],
            [row for row in inputs if row["stage"] not in GATE],
        )
    )
    x = spsolve(csc_array(eye_array(len(place)) - gate), own)
    np.testing.assert_allclose([row["cradle_to_gate"] for row in products], x, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(
        [row["total"] for row in products], x + late + after @ x, rtol=1e-9, atol=1e-12
    )


async def test_a_folder_that_is_there_stays_and_none_is_left_half_written(
    demo: Caller, export: Export, tmp_path: Path
) -> None:
    (tmp_path / "graph").mkdir()
    there = export(str(tmp_path / "graph"))
    assert (there.returncode, list((tmp_path / "graph").iterdir())) == (1, [])
    assert "is there already" in there.stderr
    nowhere = export(str(tmp_path / "no" / "graph"))
    assert nowhere.returncode == 1
    assert "cannot be written to" in nowhere.stderr
    assert set(os.listdir(tmp_path)) <= {"graph", "home"}
