"""Organisations: a checked code, an id that fits into keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huren.errors import BadInput, Conflict, NotFound
from huren.graph import organisations
from huren.graph.model.organisation import Organisation, check_uscc
from huren.graph.model.text import Text

if TYPE_CHECKING:
    from tests.graph.conftest import Corner

USCC = "91110000600037341L"
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


@given(st.integers(0, 17), st.sampled_from(ALPHABET))
def test_any_one_wrong_character_is_noticed(place: int, character: str) -> None:
    wrong = USCC[:place] + character + USCC[place + 1 :]
    if wrong == USCC:
        assert check_uscc(wrong) == USCC
    else:
        with pytest.raises(BadInput, match="unified social credit code"):
            check_uscc(wrong)


@pytest.mark.parametrize("wrong", ["", "9111", USCC + "0", "O" * 18, "\x00" * 18])
def test_what_is_no_code_is_refused(wrong: str) -> None:
    with pytest.raises(BadInput):
        check_uscc(wrong)


@pytest.mark.parametrize("text", [" 91110000-600037341l ", "９１110000600037341L"])
def test_a_code_is_read_as_people_write_it(text: str) -> None:
    assert check_uscc(text) == USCC


async def test_an_organisation_is_found_by_id_and_by_code(corner: Corner) -> None:
    firm = Organisation("firm", Text("公司", "firm"), USCC)
    foreign = Organisation("acme", Text(en="Acme"))
    await corner.do(organisations.register(firm))
    await corner.do(organisations.register(foreign))
    assert await organisations.get(corner.db, USCC) == await organisations.get(corner.db, "firm") == firm
    assert await organisations.get_many(corner.db, ["acme", "none"]) == {"acme": foreign}
    with pytest.raises(NotFound, match="`none`"):
        await organisations.get(corner.db, "none")


async def test_an_organisation_may_change_its_name_but_not_take_a_code(corner: Corner) -> None:
    await corner.do(organisations.register(Organisation("firm", Text(en="old"), USCC)))
    renamed = Organisation("firm", Text("新", "new"), USCC)
    await corner.do(organisations.register(renamed))
    assert await organisations.get(corner.db, "firm") == renamed
    with pytest.raises(Conflict, match="belongs to `firm`"):
        await corner.do(organisations.register(Organisation("thief", Text(en="thief"), USCC)))


@pytest.mark.parametrize("name", ["", " ", "a b", "a/b", "a\n", "\ud800", "x" * 101])
def test_an_id_that_would_blur_a_key_is_refused(name: str) -> None:
    with pytest.raises(BadInput, match="cannot be the id"):
        organisations.register(Organisation(name, Text(en="x")))


def test_a_wrong_code_is_refused_before_anything_is_sent() -> None:
    with pytest.raises(BadInput, match=USCC[:-1] + "M"):
        organisations.register(Organisation("firm", Text(en="firm"), USCC[:-1] + "M"))
