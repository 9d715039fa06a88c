"""Lines over logarithmic axes, as SVG that is read in light and dark."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, log10

WIDTH, HEIGHT = 760, 420
LEFT, RIGHT, TOP, BOTTOM = 70, 250, 20, 50
COLOURS = ("#0072b2", "#d55e00", "#7f7f7f", "#009e73", "#cc79a7", "#b8860b")
"""Told apart by the colour-blind too (Okabe and Ito 2008)."""


_Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Line:
    """A name and what is drawn: y by x, all positive."""

    name: str
    points: Mapping[int, float]


@dataclass(frozen=True, slots=True)
class _Axis:
    """Decades from ``low`` to ``high`` between two places of the picture."""

    low: int
    high: int
    begin: float
    end: float

    @classmethod
    def of(cls, values: Sequence[float], begin: float, end: float) -> _Axis:
        return cls(floor(log10(min(values))), ceil(log10(max(values))), begin, end)

    def at(self, value: float) -> float:
        return self.begin + (log10(value) - self.low) / (self.high - self.low) * (self.end - self.begin)

    @property
    def decades(self) -> range:
        return range(self.low, self.high + 1)


def drawn(across: str, up: str, lines: Sequence[Line]) -> str:
    """The picture of ``lines``; the axes are named ``across`` and ``up``."""
    xs = _Axis.of([x for line in lines for x in line.points], LEFT, WIDTH - RIGHT)
    ys = _Axis.of([y for line in lines for y in line.points.values()], HEIGHT - BOTTOM, TOP)
    parts = [
        *_axes(xs, ys, across, up),
        *(part for k, line in enumerate(lines) for part in _line(line, k, xs, ys)),
    ]
    head = f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" xmlns="http://www.w3.org/2000/svg" font-family="sans-serif"'
    return "\n".join([f'{head} font-size="13" fill="#7f7f7f">', *parts, "</svg>"]) + "\n"


def _axes(xs: _Axis, ys: _Axis, across: str, up: str) -> Iterator[str]:
    for decade in xs.decades:
        x = xs.at(10.0**decade)
        yield _rule((x, TOP), (x, HEIGHT - BOTTOM))
        yield f'<text x="{x:.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{_power(decade)}</text>'
    for decade in ys.decades:
        y = ys.at(10.0**decade)
        yield _rule((LEFT, y), (WIDTH - RIGHT, y))
        yield f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{_power(decade)}</text>'
    centre, middle = (LEFT + WIDTH - RIGHT) / 2, (TOP + HEIGHT - BOTTOM) / 2
    yield f'<text x="{centre}" y="{HEIGHT - 10}" text-anchor="middle">{escape(across)}</text>'
    yield f'<text transform="translate(16 {middle}) rotate(-90)" text-anchor="middle">{escape(up)}</text>'


def _line(line: Line, number: int, xs: _Axis, ys: _Axis) -> Iterator[str]:
    colour = COLOURS[number % len(COLOURS)]
    places = [(xs.at(x), ys.at(y)) for x, y in sorted(line.points.items())]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    yield f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>'
    yield from (f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"/>' for x, y in places)
    y = TOP + 20 + 24 * number
    yield _rule((WIDTH - RIGHT + 15, y - 4), (WIDTH - RIGHT + 35, y - 4), colour, 3)
    yield f'<text x="{WIDTH - RIGHT + 42}" y="{y}">{escape(line.name)}</text>'


def _rule(begin: _Point, end: _Point, colour: str = "#7f7f7f55", width: float = 1) -> str:
    ends = f'x1="{begin[0]:.1f}" y1="{begin[1]:.1f}" x2="{end[0]:.1f}" y2="{end[1]:.1f}"'
    return f'<line {ends} stroke="{colour}" stroke-width="{width}"/>'


def _power(decade: int) -> str:
    return f'10<tspan dy="-5" font-size="9">{decade}</tspan>'
