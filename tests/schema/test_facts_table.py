"""docs/statements.md: its tables are those of the schema, and hold every fact that a rule reads."""

from __future__ import annotations

from pathlib import Path

import pytest
from graphql import GraphQLInputObjectType

from huren.mappings.package.certificates import COLUMNS
from huren.mappings.rule import Rule
from huren.mappings.rules import ALL
from huren.schema.build import build_schema
from huren.schema.facts_table import stating, tables
from huren.schema.reference_mutation import STATED, mutation_of

PAGE = (Path(__file__).parents[2] / "docs" / "statements.md").read_text(encoding="utf-8")
TYPES = build_schema()._schema.type_map


def test_the_tables_are_those_of_the_schema() -> None:
    assert PAGE.partition("make_statements.py -->\n\n")[2] == tables(), "run tools/make_statements.py"


def test_every_mutation_is_on_the_page() -> None:
    assert [kind for kind in STATED if f"`{mutation_of(kind)}`" not in PAGE] == []


@pytest.mark.parametrize("rule", ALL, ids=lambda rule: rule.id)
def test_every_fact_that_a_rule_reads_can_be_stated(rule: Rule) -> None:
    for path in rule.reads:
        inputs = stating(path)
        assert inputs, f"no input states {path}"
        for place in inputs:
            kind, field = place.split(".")
            if kind == "recognise":
                continue
            if place == "CertificateInput.events":
                assert "`recordCertificateStatus`" in PAGE
                continue
            made = TYPES[kind]
            assert isinstance(made, GraphQLInputObjectType)
            assert made.fields[field].description
            assert f"| `{field}` |" in PAGE


def test_every_fact_of_a_certificate_has_a_column() -> None:
    rows = PAGE.partition("### `CertificateInput`")[2].partition("###")[0]
    named = [line.split("|")[2].strip(" `") for line in rows.splitlines() if line.startswith("| `")]
    columns = {column.removesuffix(".") for column in COLUMNS}
    assert set(named) == columns
