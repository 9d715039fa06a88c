"""Answers as a person would read them on a terminal: tables in Chinese and English side by side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text as Line

from huren.graph.answer import RollUp
from huren.graph.model.rollup import Coverage
from huren.graph.model.supply import Product, Stage
from huren.graph.model.text import Text
from huren.mappings.decision import Decision
from huren.mappings.matrix import Matrix
from huren.mappings.outcome import Outcome
from huren.mappings.rule import Finding

STAGES: Mapping[Stage, Text] = {
    Stage.RAW_MATERIAL: Text("原材料", "raw material"),
    Stage.PRODUCTION: Text("生产", "production"),
    Stage.DISTRIBUTION: Text("分销", "distribution"),
    Stage.USE: Text("使用", "use"),
    Stage.END_OF_LIFE: Text("废弃处置", "end of life"),
}


def both(text: Text) -> str:
    """A text in both languages, or in the one that exists.

    >>> both(Text("钢", "steel")), both(Text(en="steel"))
    ('钢 steel', 'steel')
    """
    return " ".join(dict.fromkeys(part for part in (text.zh, text.en) if part))


def number(value: float) -> str:
    """Five significant digits, which is more than the data hold.

    >>> number(552.058688), number(-0.00012345678), number(0)
    ('552.06', '-0.00012346', '0.0000')
    """
    return f"{value:#.5g}".rstrip(".") if abs(value) < 1e5 else f"{value:,.0f}"


def percent(share: float | None) -> str:
    """A share in percent, or a dash where there is none."""
    return "–" if share is None else f"{share:.1%}"


def footprint(roll_up: RollUp, products: Mapping[str, Product], count: int = 10) -> RenderableType:
    """A roll-up: total, the ``count`` largest contributions, stages, regions, and what it does not know."""
    product = products[roll_up.product]
    total = Line.assemble(
        (f"{number(roll_up.total)} kg CO2e", "bold green"),
        f" / {product.declared_unit}   IPCC {roll_up.gwp}   ",
        (unverified(roll_up), "bold yellow"),
    )
    first, other = roll_up.contributions.first(count)
    rows = [(both(products[c.product].name), c.value, c.share) for c in first]
    rest = (f"其余 other ({other.count})", other.value, other.share)
    stages = [(both(STAGES[s.stage]), s.value, s.share) for s in roll_up.by_stage if s.value]
    regions = [(r.region or "未注明 not stated", r.value, r.share) for r in roll_up.by_region if r.value]
    return Panel(
        Group(
            total,
            parts("排放发生处 where it is emitted", [*rows, rest] if other.count else rows),
            parts("生命周期阶段 by stage", stages),
            parts("地区 by region", regions[:count]),
            known(roll_up.coverage),
        ),
        title=f"{both(product.name)}  {product.code}",
        title_align="left",
    )


def unverified(roll_up: RollUp) -> str:
    """The label that unverified figures carry in every answer; empty where all are verified."""
    return "未经核实 unverified" if roll_up.unverified.products else ""


def parts(title: str, rows: Iterable[tuple[str, float, float | None]]) -> Table:
    """A table of parts of a total: name, kg CO2e, share."""
    table = Table(title=title, title_justify="left", title_style="bold", box=None, padding=(0, 2, 0, 0))
    table.add_column("", min_width=44, max_width=64, no_wrap=True, overflow="ellipsis")
    table.add_column("kg CO2e", justify="right")
    table.add_column("%", justify="right")
    for name, value, share in rows:
        table.add_row(name, number(value), percent(share))
    return table


def known(coverage: Coverage) -> Line:
    """One line on completeness: unlinked inputs, unknown products, values that could not be restated."""
    if coverage.complete:
        says = "完整:所列投入均有供应方 complete: every listed input has a supplier"
    else:
        says = (
            f"部分:{coverage.unlinked_count} 项投入未关联 partial: {coverage.unlinked_count} inputs unlinked"
        )
    if not coverage.unlinked_stated:
        says += ";未声明未关联清单 no list of unlinked inputs was stated"
    for part in coverage.not_restated:
        source = part.gwp_set or "未注明 not stated"
        says += f"\nGWP {source}: {percent(part.share)} 按原值计入 counted as stated"
    return Line(says, style="dim")


STANDINGS: Mapping[Outcome, tuple[str, str]] = {
    Outcome.EQUAL: ("认可 recognised", "bold green"),
    Outcome.CONVERTIBLE: ("换算后认可 recognised, converted", "green"),
    Outcome.CONDITIONAL: ("附条件 conditional", "yellow"),
    Outcome.UNKNOWN: ("缺少事实 unknown", "magenta"),
    Outcome.BLOCKED: ("不认可 blocked", "red"),
}


FOUND: Mapping[Outcome, str] = {
    Outcome.EQUAL: "相同 equal",
    Outcome.CONVERTIBLE: "可换算 convertible",
    Outcome.CONDITIONAL: "附条件 conditional",
    Outcome.UNKNOWN: "缺少事实 unknown",
    Outcome.BLOCKED: "不符 blocked",
}


def standing(of: Outcome) -> Line:
    """What a standing means for the holder, in its colour."""
    says, style = STANDINGS[of]
    return Line(says, style=style)


def outcome(of: Outcome) -> Line:
    """What a finding or a verdict is, in its colour."""
    return Line(FOUND[of], style=STANDINGS[of][1])


def decision(answer: Decision, place: str, shown: int = 4) -> RenderableType:
    """A decision: standing, both verdicts, the value on those terms, and the findings that decide."""
    head = Line.assemble((f"{place}  ", "bold"), standing(answer.standing))
    verdicts = Line.assemble(
        ("  法律 legal ", "dim"),
        outcome(answer.legal),
        ("  技术 technical ", "dim"),
        outcome(answer.technical),
    )
    if answer.scheme:
        verdicts.append_text(Line.assemble(("  制度 scheme ", "dim"), answer.scheme))
    lines: list[RenderableType] = [head, verdicts]
    if answer.value:
        lines.append(
            Line(f"  {answer.value.value} {answer.value.unit}  [{answer.value.low}, {answer.value.high}]")
        )
    reasons = reasons_of(answer)
    lines += [reason(found) for found in reasons[:shown]]
    if len(reasons) > shown:
        lines.append(Line(f"  … 另有 {len(reasons) - shown} 项 and {len(reasons) - shown} more", style="dim"))
    if answer.illustrative:
        lines.append(Line("  示例数据,不构成依据 illustrative, grounds nothing", style="bold yellow"))
    return Group(*lines, "")


def reasons_of(answer: Decision) -> list[Finding]:
    """The findings that differ, worst first; where none does, the ground of it all."""
    differ = [f for f in answer.findings if f.applies and f.outcome is not Outcome.EQUAL]
    return sorted(differ, key=lambda f: -f.outcome.severity) or list(answer.findings[:1])


def reason(found: Finding) -> Line:
    """One finding: rule and clause, and its sentence in both languages."""
    unsaid = [name for name in found.missing if name not in found.because.en]
    missing = f"  ⟵ {', '.join(unsaid)}" if unsaid else ""
    head = (f"  {found.rule} ", "bold"), (f"({found.clause}) ", "dim"), outcome(found.outcome)
    return Line.assemble(*head, f"\n       {found.because.zh}\n       {found.because.en}{missing}")


def standings(table: Matrix) -> Table:
    """A recognition matrix: a row a destination, a column a certificate."""
    shown = Table(title="互认矩阵 who recognises what", title_justify="left", title_style="bold")
    shown.add_column("目的地 destination")
    for row in table.rows:
        shown.add_column(row.certificate.number, overflow="fold")
    for at, name in enumerate(table.destinations):
        shown.add_row(name, *(standing(row.decisions[at].standing) for row in table.rows))
    return shown
