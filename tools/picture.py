"""Draw the README's picture from what the demonstration prints: ``python tools/picture.py``."""

from __future__ import annotations

import asyncio
import os
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI

from huren.commands.demo import answers
from huren.settings import Settings

PICTURE = Path(__file__).parent.parent / "docs" / "images" / "demo.svg"
FONTS = "Menlo, Consolas, 'DejaVu Sans Mono', 'Noto Sans Mono CJK SC', 'Noto Sans CJK SC', monospace"
# Rich's own form fetches a font from elsewhere; a picture of ours asks nobody for anything.
FORM = """<svg viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>{styles} .{unique_id}-matrix {{ font-family: __FONTS__; font-size: {char_height}px;
line-height: {line_height}px; }}</style>
<defs>{lines}</defs>
<rect fill="#1e1e1e" width="{width}" height="{height}" rx="8"/>
<g transform="translate({terminal_x}, {terminal_y})">
{backgrounds}<g class="{unique_id}-matrix">{matrix}</g></g>
</svg>""".replace("__FONTS__", FONTS)


def main() -> None:
    """Print the demonstration into a file that a browser shows."""
    console = Console(record=True, width=112, file=StringIO(), force_terminal=True)
    asyncio.run(answers(Settings.from_env(os.environ), console))
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    svg = console.export_svg(title="huren demo", theme=MONOKAI, code_format=FORM, unique_id="huren")
    PICTURE.write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    main()
