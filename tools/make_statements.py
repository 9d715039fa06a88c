"""Write the tables of ``docs/statements.md`` anew from what the schema says of each fact."""

from __future__ import annotations

from pathlib import Path

from huren.schema.facts_table import tables

MARK = "<!-- made by tools/make_statements.py -->\n"


def main() -> None:
    """Keep what stands above the mark, and write the tables below it."""
    page = Path(__file__).parents[1] / "docs" / "statements.md"
    text = page.read_text(encoding="utf-8").partition(MARK)[0]
    page.write_text(f"{text}{MARK}\n{tables()}", encoding="utf-8")


if __name__ == "__main__":
    main()
