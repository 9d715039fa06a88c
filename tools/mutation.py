"""Change the code that decides in every way mutmut knows, and count what no test notices.

mutmut writes its mutants beside the sources it finds and does not follow links, so it works on a plain copy
of the tree under ``build/mutation``, which keeps what it has found: only what changed is tried again. What
is mutated, and by which tests it is held, stands in ``pyproject.toml``; the mutants that change nothing,
each with its reason, in ``tools/equivalent_mutants.toml``.
"""

from __future__ import annotations

import ast
import difflib
import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
TREE = ROOT / "build" / "mutation"
EQUIVALENT = ROOT / "tools" / "equivalent_mutants.toml"
BOUND = 0.95
KILLED = frozenset({1, 3, 24, 36, 152, 255, -24})
"""What mutmut records of a mutant that a test noticed: a failure, an internal error, a time-out."""
SKIPPED = ("__pycache__", ".hypothesis", "*.pyc")


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change of one function: ``was`` and ``becomes`` are its lines, those that changed alone."""

    name: str
    function: str
    was: str
    becomes: str
    code: int | None

    @property
    def key(self) -> tuple[str, str, str]:
        """What stays the same when other mutants come and go."""
        return self.function, self.was, self.becomes


@dataclass(frozen=True, slots=True)
class Tally:
    """How many mutants there are, and those that no test noticed."""

    total: int
    alive: tuple[Mutant, ...]
    excused: tuple[Mutant, ...]
    stale: tuple[str, ...]

    @property
    def score(self) -> float:
        """The share noticed of those that change anything."""
        changing = self.total - len(self.excused)
        return (changing - len(self.alive)) / changing if changing else 0.0


def configured() -> Mapping[str, list[str]]:
    """What pyproject.toml says of mutation."""
    table: Mapping[str, list[str]] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"][
        "mutmut"
    ]
    return table


def lay_tree() -> set[str]:
    """A copy of sources and tests without links; the files that changed, by their paths."""
    TREE.mkdir(parents=True, exist_ok=True)
    wanted = {path.relative_to(ROOT): path for folder in ("src", "tests") for path in _files(ROOT / folder)}
    wanted[Path("pyproject.toml")] = ROOT / "pyproject.toml"
    changed = set()
    for name, path in wanted.items():
        copy = TREE / name
        if not copy.exists() or copy.read_bytes() != path.read_bytes():
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
            changed.add(name.as_posix())
            # mutmut copies what it does not mutate only once.
            (TREE / "mutants" / name).unlink(missing_ok=True)
    _take_away(wanted)
    return changed


def _take_away(wanted: Collection[Path]) -> None:
    """What is no longer in the sources."""
    for folder in (TREE / "src", TREE / "tests"):
        for path in [p for p in _files(folder) if p.relative_to(TREE) not in wanted]:
            path.unlink()
            (TREE / "mutants" / path.relative_to(TREE)).unlink(missing_ok=True)


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if any(path.match(pattern) for pattern in SKIPPED):
            continue
        if path.is_dir():
            yield from _files(path)
        else:
            yield path


def run(names: Sequence[str], changed: Collection[str]) -> None:
    """Try the mutants of the modules that ``names`` end, or all; one process, at low priority."""
    own = {"HYPOTHESIS_PROFILE": "mutation", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    environment = {**os.environ, "PYTHONPATH": str(TREE / "src"), **own}
    left = [name for path in chosen(names) for name in _left(path, path in changed)]
    if not left:
        return
    command = [sys.executable, "-m", "mutmut", "run", "--max-children", "1", *left]
    done = subprocess.run(command, cwd=TREE, env=environment, preexec_fn=_yield_to_others, check=False)
    if done.returncode:
        raise SystemExit(done.returncode)


def _left(path: str, changed: bool) -> list[str]:
    """The mutants of a file that no test has noticed yet: all of one that is new or changed."""
    record = TREE / "mutants" / f"{path}.meta"
    if changed or not record.exists():
        return [path.removeprefix("src/").removesuffix(".py").replace("/", ".") + ".*"]
    codes = json.loads(record.read_text("utf-8"))["exit_code_by_key"]
    return [name for name, code in codes.items() if code not in KILLED]


def _yield_to_others() -> None:
    os.nice(10)


def chosen(names: Sequence[str]) -> list[str]:
    """The files that are mutated: those that ``names`` name, or all."""
    return [path for path in configured()["only_mutate"] if not names or Path(path).stem in names]


def mutants(names: Sequence[str]) -> Iterator[Mutant]:
    """What mutmut has recorded, module by module. Raises SystemExit for a module never run."""
    for path in chosen(names):
        record = TREE / "mutants" / f"{path}.meta"
        if not record.exists():
            raise SystemExit(f"{path} has not been run")
        texts = _functions(TREE / "mutants" / path)
        for name, code in json.loads(record.read_text("utf-8"))["exit_code_by_key"].items():
            yield _mutant(name, code, texts)


def _mutant(name: str, code: int | None, texts: Mapping[str, list[str]]) -> Mutant:
    module, _, own = name.rpartition(".")
    function, _, _ = own.partition("__mutmut_")
    before, after = texts[f"{function}__mutmut_orig"], texts[own]
    changed = [line for line in difflib.ndiff(before, after) if line[:2] in ("- ", "+ ")]
    was, becomes = ("\n".join(line[2:].strip() for line in changed if line[0] == sign) for sign in "-+")
    readable = function.removeprefix("x").replace("ǁ", ".").strip("._") if "ǁ" in function else function[2:]
    return Mutant(name, f"{module}.{readable}", was, becomes, code)


def _functions(path: Path) -> dict[str, list[str]]:
    """The lines of each function of a mutated file, by its mangled name, without its own name."""
    text = path.read_text("utf-8")
    lines = text.splitlines()
    return {
        node.name: [line.replace(node.name, "") for line in lines[node.lineno - 1 : node.end_lineno]]
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and "__mutmut_" in node.name
    }


def tally(found: Iterable[Mutant], listed: Sequence[Mapping[str, str]]) -> Tally:
    """Count ``found``; a mutant that ``listed`` calls equivalent is excused, unless a test noticed it."""
    found = list(found)
    reasons = {(row["function"], row["was"], row["becomes"]): row["because"] for row in listed}
    survived = [m for m in found if m.code not in KILLED]
    held = {m.function.rpartition(".")[0] for m in found}
    keys = {m.key for m in survived}
    return Tally(
        total=len(found),
        alive=tuple(m for m in survived if m.key not in reasons),
        excused=tuple(m for m in survived if m.key in reasons),
        stale=tuple(
            f"{function}: {was}"
            for function, was, becomes in reasons
            if (function, was, becomes) not in keys and any(function.startswith(module) for module in held)
        ),
    )


def listed() -> list[dict[str, str]]:
    """The mutants that change nothing, each with its reason."""
    rows: list[dict[str, str]] = tomllib.loads(EQUIVALENT.read_text("utf-8")).get("equivalent", [])
    return rows


def say(done: Tally) -> None:
    """Print what was found."""
    for mutant in done.alive:
        print(f"\n{mutant.name}  ({mutant.code})\n  - " + mutant.was.replace("\n", "\n  - "))
        print("  + " + mutant.becomes.replace("\n", "\n  + "))
    for stale in done.stale:
        print(f"\nno longer survives, take it off the list: {stale}")
    print(
        f"\n{done.total} mutants, {len(done.excused)} equivalent, {len(done.alive)} not noticed: "
        f"score {done.score:.1%} (bound {BOUND:.0%})"
    )


def main() -> None:
    """``mutation.py [--report] [module ...]``: run and count; with --report only count."""
    names = [name for name in sys.argv[1:] if not name.startswith("-")]
    if "--report" not in sys.argv:
        run(names, lay_tree())
    done = tally(mutants(names), listed())
    say(done)
    if done.score <= BOUND or done.stale:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
