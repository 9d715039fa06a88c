"""The tree against the published vectors of RFC 6962 trees, and against the definition read word by word."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huren.graph.log.tree import (
    EMPTY,
    Frontier,
    Range,
    consistency,
    consistent,
    cover,
    fold,
    grown,
    included,
    inclusion,
    leaf_hash,
    node_hash,
)

# The inputs, roots and proofs that implementations of Certificate Transparency publish and share.
INPUTS = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
PATHS = {
    (0, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (5, 8): [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 3): ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
    (1, 5): [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}
PROOFS = {
    (1, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (6, 8): [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 5): [
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}

sizes = st.integers(0, 70)


def leaves(size: int) -> list[bytes]:
    """Leaf hashes that all differ."""
    return [leaf_hash(str(i).encode()) for i in range(size)]


def naive_root(hashes: list[bytes]) -> bytes:
    """MTH of RFC 9162 2.1.1, over leaf hashes."""
    if len(hashes) < 2:
        return hashes[0] if hashes else sha256(b"").digest()
    k = max(2**i for i in range(10) if 2**i < len(hashes))
    return node_hash(naive_root(hashes[:k]), naive_root(hashes[k:]))


def naive_path(m: int, hashes: list[bytes]) -> list[bytes]:
    """PATH of RFC 9162 2.1.3.1."""
    if len(hashes) == 1:
        return []
    k = max(2**i for i in range(10) if 2**i < len(hashes))
    if m < k:
        return [*naive_path(m, hashes[:k]), naive_root(hashes[k:])]
    return [*naive_path(m - k, hashes[k:]), naive_root(hashes[:k])]


def naive_proof(m: int, hashes: list[bytes], whole: bool = True) -> list[bytes]:
    """SUBPROOF of RFC 9162 2.1.4.1."""
    if m == len(hashes):
        return [] if whole else [naive_root(hashes)]
    k = max(2**i for i in range(10) if 2**i < len(hashes))
    if m <= k:
        return [*naive_proof(m, hashes[:k], whole), naive_root(hashes[k:])]
    return [*naive_proof(m - k, hashes[k:], False), naive_root(hashes[:k])]


def hashed(ranges: tuple[Range, ...], hashes: list[bytes]) -> list[bytes]:
    """The hash of each range, from the complete subtrees that the frontier made on the way."""
    kept, frontier = {}, Frontier()
    for leaf in hashes:
        frontier, made = frontier.append(leaf)
        kept.update(made)
    return [fold([kept[place] for place in cover(leaves)]) for leaves in ranges]


def test_the_published_roots() -> None:
    hashes = [leaf_hash(data) for data in INPUTS]
    assert [grown(hashes[: n + 1]).root.hex() for n in range(8)] == ROOTS
    assert Frontier().root == EMPTY == sha256(b"").digest()


@pytest.mark.parametrize(("case", "path"), PATHS.items())
def test_the_published_paths(case: tuple[int, int], path: list[str]) -> None:
    hashes = [leaf_hash(data) for data in INPUTS[: case[1]]]
    found = hashed(inclusion(*case), hashes)
    assert [part.hex() for part in found] == path
    assert included(hashes[case[0]], *case, found, grown(hashes).root)


@pytest.mark.parametrize(("case", "proof"), PROOFS.items())
def test_the_published_proofs(case: tuple[int, int], proof: list[str]) -> None:
    hashes = [leaf_hash(data) for data in INPUTS[: case[1]]]
    found = hashed(consistency(*case), hashes)
    assert [part.hex() for part in found] == proof
    assert consistent(*case, found, bytes.fromhex(ROOTS[case[0] - 1]), bytes.fromhex(ROOTS[case[1] - 1]))


def test_all_small_trees_are_as_defined() -> None:
    for size in range(34):
        hashes = leaves(size)
        root = grown(hashes).root
        assert root == naive_root(hashes)
        for m in range(size):
            path = hashed(inclusion(m, size), hashes)
            assert path == naive_path(m, hashes)
            assert included(hashes[m], m, size, path, root)
        for m in range(1, size + 1):
            proof = hashed(consistency(m, size), hashes)
            assert proof == naive_proof(m, hashes)
            assert consistent(m, size, proof, naive_root(hashes[:m]), root)


@given(sizes.filter(bool), st.data())
def test_a_path_proves_one_leaf_at_one_place_alone(size: int, data: st.DataObject) -> None:
    hashes = leaves(size)
    m, other = data.draw(st.integers(0, size - 1)), data.draw(st.integers(-2, size + 2))
    path, root = hashed(inclusion(m, size), hashes), grown(hashes).root
    assert included(hashes[m], other, size, path, root) is (other == m)
    assert not included(leaf_hash(b"other"), m, size, path, root)
    assert not included(hashes[m], m, size, [*path, root], root)
    for i in range(len(path)):
        assert not included(hashes[m], m, size, path[:i] + path[i + 1 :], root)
        assert not included(hashes[m], m, size, [*path[:i], EMPTY, *path[i + 1 :]], root)


@given(sizes, sizes, sizes)
def test_no_proof_makes_a_changed_tree_consistent(m: int, more: int, changed: int) -> None:
    n = m + more
    hashes = leaves(n)
    proof, old, new = hashed(consistency(m, n), hashes), naive_root(hashes[:m]), naive_root(hashes)
    assert consistent(m, n, proof, old, new)
    if changed < m:
        other = naive_root([*hashes[:changed], leaf_hash(b"other"), *hashes[changed + 1 : m]])
        assert not consistent(m, n, proof, other, new)
    if m > 0:
        assert not consistent(m, n, [*proof, EMPTY], old, new)
        assert not consistent(n, m, proof, new, old) or m == n


@given(sizes, sizes)
def test_growing_in_two_steps_is_growing_in_one(first: int, then: int) -> None:
    hashes = leaves(first + then)
    assert grown(hashes[first:], grown(hashes[:first])) == grown(hashes)


@given(st.integers(0, 2**40), st.integers(0, 2**20))
def test_a_cover_has_no_gap_and_no_overlap(start: int, length: int) -> None:
    places = cover((start, start + length))
    at = start
    for level, index in places:
        assert index << level == at
        at += 1 << level
    assert at == start + length
    assert len(places) <= 2 * 21


@pytest.mark.parametrize(("index", "size"), [(0, 0), (1, 1), (-1, 3)])
def test_there_is_no_path_to_what_is_not_there(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="no such leaf"):
        inclusion(index, size)
    assert not included(EMPTY, index, size, [], EMPTY)


def test_there_is_no_proof_backwards() -> None:
    with pytest.raises(ValueError, match="no such sizes"):
        consistency(3, 2)
    assert not consistent(3, 2, [], EMPTY, EMPTY)
