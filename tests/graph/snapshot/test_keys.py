"""Keys are found where they are, in whatever order and however many came at a time."""

from __future__ import annotations

from random import Random

import pytest

from huren.graph.snapshot.keys import Keys


@pytest.mark.parametrize("step", [1, 700, 5_000])
@pytest.mark.parametrize("shuffled", [False, True])
def test_every_key_is_found_and_no_other(step: int, *, shuffled: bool) -> None:
    names = [f"owner {i % 7}/code {i // 2:05}" for i in range(3_000 if step == 1 else 10_000)]
    if shuffled:
        Random(3).shuffle(names)
    keys, seen = Keys.none(), []
    for first in range(0, len(names), step):
        keys = keys.plus(names[first : first + step])
        seen.append((keys, min(first + step, len(names))))
    for then, count in (seen[0], seen[len(seen) // 2], seen[-1]):
        assert len(then) == count
        assert [then.find(name) for name in names[:count]] == list(range(count))
        assert {then.find(name) for name in (*names[count : count + 50], "", "owner 0", "owner 0/code")} == {
            None
        }
        assert [names[place] for place in then.ordered().tolist()] == sorted(names[:count])
    code = "code 00007"
    assert sorted(keys.coded(code)) == [i for i, name in enumerate(names) if name.endswith(code)]


def test_keys_of_one_hash_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huren.graph.snapshot.keys.hash", len, raising=False)
    names = ["a/1", "b/1", "b/2", "c/22"]
    for keys in (Keys.none().plus(names), Keys.of(Keys.none().plus(names).table)):
        assert [keys.find(name) for name in names] == [0, 1, 2, 3]
        assert keys.find("c/3") is None
        assert keys.coded("1") == [0, 1]
