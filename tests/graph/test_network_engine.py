"""Where the kernels are not to be had, and what they cost."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import huren.graph.network.fast.engine as kernels
from huren.graph.network import engine
from huren.graph.network.network import Network
from huren.graph.network.plain import Plain

pytestmark = pytest.mark.slow

_LARGE = 25_000


def ladder() -> Network:
    """Each of many products needs the one before."""
    consumer = np.arange(1, _LARGE)
    return Network.of(_LARGE, consumer, consumer - 1, np.full(_LARGE - 1, 0.5))


def test_without_numba_the_answers_are_the_same(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with_kernels = ladder()
    assert isinstance(with_kernels.engine, kernels.Fast)
    monkeypatch.setitem(sys.modules, "huren.graph.network.fast.engine", None)
    engine._fast.cache_clear()
    try:
        without = ladder()
    finally:
        engine._fast.cache_clear()
    assert isinstance(without.engine, Plain)
    assert "without machine code" in caplog.text
    own = np.arange(1.0, _LARGE + 1)
    x, other = (one.solve(own[one.ids])[one.place] for one in (with_kernels, without))
    np.testing.assert_allclose(x, other, rtol=1e-14)


@given(st.integers(0, 2**32 - 1), st.integers(1, 200), st.integers(0, 400))
def test_loose_needs_become_rows_that_ascend(seed: int, size: int, count: int) -> None:
    """Rows longer and shorter than those sorted by insertion, pairs stated twice, and such as cancel."""
    chance = np.random.default_rng(seed)
    consumer = (size * chance.random(count) ** 8).astype(np.int32)
    supplier = chance.integers(0, size, count).astype(np.int32)
    amount = chance.choice([-1.0, 0.5, 1.0, 2.0], count)
    rows = kernels.Fast().rows(size, consumer, supplier, amount)
    dense = np.zeros((size, size))
    np.add.at(dense, (consumer, supplier), amount)
    for i in range(size):
        part = slice(rows.starts[i], rows.ends[i])
        assert rows.others[part].tolist() == np.flatnonzero(dense[i]).tolist()
        assert rows.amounts[part].tolist() == dense[i][dense[i] != 0].tolist()


def test_small_graphs_load_no_numba() -> None:
    """It would cost each worker of a small service 120 MB."""
    code = (
        "import sys, huren.app; from huren.graph.rollup import roll_up; "
        "from huren.graph.model.supply import Supply; "
        "roll_up(Supply.of({'a/x': 1, 'a/y': 2}, [('a/x', 'a/y', 3)]), 'a/x').paths(2); "
        "sys.exit('numba' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.slow
def test_kernels_run_from_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    """Their machine code is kept in NUMBA_CACHE_DIR, and found there by the next process."""
    package = tmp_path / "src" / "kernels"
    source = Path(kernels.__file__).parent
    package.mkdir(parents=True)
    for name in ("kernel.py", "ordering.py"):
        shutil.copy(source / name, package / name)
    (package / "__pycache__").write_text("no folder")
    code = (
        "import sys, numpy as np, importlib.util as u; "
        f"s = u.spec_from_file_location('kernels', {str(package / 'ordering.py')!r}); "
        "m = sys.modules['kernels'] = u.module_from_spec(s); s.loader.exec_module(m); "
        "i = np.zeros(1, np.int32); m.grouped(1, i, i, np.ones(1)); "
        "print(sum(m.grouped.stats.cache_hits.values()))"
    )
    environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path / "cache")}
    runs = [
        subprocess.run(
            [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
        )
        for _ in range(2)
    ]
    assert [run.stdout.strip() for run in runs] == ["0", "1"]
