"""A CSV file as columns by name: decoded, cut into cells and held against the columns it may have."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING

from huren.mappings.package.descriptor import Dialect, Source
from huren.mappings.package.problems import Fault, Problems, quoted

if TYPE_CHECKING:
    from _csv import Reader

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff]")
_BLANK = re.compile(r"[^\S\r\n]")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")


@dataclass(slots=True)
class Table:
    """Columns of trimmed cells; ``bad`` holds the rows found wrong so far, which nothing is made of.

    Of a ``ragged`` row, whose cells may stand in any column, no more is said than that.
    """

    name: str
    file: str
    columns: dict[str, Sequence[str]]
    size: int
    bad: set[int]
    problems: Problems
    _text: str
    _dialect: Dialect
    ragged: set[int] = field(default_factory=set)
    _lines: list[int] = field(default_factory=list)

    def column(self, name: str) -> Sequence[str]:
        """The cells of a column; blank ones where the file does not have it."""
        return self.columns.get(name) or ("",) * self.size

    def line(self, row: int) -> int:
        """The line of the file on which ``row`` starts; found only when there is something to report."""
        if not self._lines:
            self._lines = [line for line, _ in _rows(self._text, self._dialect)][1:]
        return self._lines[row]

    def wrong(self, row: int, column: str, fault: Fault) -> None:
        """Note that a cell is wrong."""
        self.bad.add(row)
        if row not in self.ragged:
            self.problems.add(fault, file=self.file, line=self.line(row), column=column or None)


def read_table(
    source: Source, data: bytes, required: Collection[str], known: Collection[str], problems: Problems
) -> Table | None:
    """The table that ``source`` describes, or None where its header makes it unreadable."""
    text = _decode(source, data, problems)
    if text is None:
        return None
    for found in _CONTROL.finditer(text):
        line = text.count("\n", 0, found.start()) + 1
        problems.add(_control(found.group()), file=source.file, line=line)
    rows: list[list[str]] = []
    try:
        rows.extend(row for _, row in _rows(text, source.dialect))
    except csv.Error as bad:
        line = _failing_line(text, source.dialect)
        problems.add(_no_csv(str(bad)), file=source.file, line=line)
    if not rows:
        problems.add(_empty(), file=source.file, line=1)
        return None
    header = [name.strip() for name in rows[0]]
    if _header_faults(header, source, required, known, problems):
        return None
    return _table(source, text, header, rows[1:], problems)


def _table(source: Source, text: str, header: list[str], rows: list[list[str]], problems: Problems) -> Table:
    width = len(header)
    table = Table(source.table, source.file, {}, len(rows), set(), problems, text, source.dialect)
    for i, row in enumerate(rows):
        if len(row) != width:
            table.wrong(i, "", _ragged(len(row), width))
            table.ragged.add(i)
            rows[i] = (row + [""] * width)[:width]
    columns = zip(*rows, strict=True) if rows else [()] * width
    trim = bool(_BLANK.search(text))
    table.columns = {
        name: [cell.strip() for cell in cells] if trim else cells
        for name, cells in zip(header, columns, strict=True)
    }
    return table


def _reader(text: str, dialect: Dialect) -> Reader:
    return csv.reader(
        io.StringIO(text, newline=""),
        delimiter=dialect.delimiter,
        quotechar=dialect.quoteChar,
        quoting=csv.QUOTE_MINIMAL if dialect.quoteChar else csv.QUOTE_NONE,
        doublequote=dialect.doubleQuote,
        escapechar=dialect.escapeChar,
        skipinitialspace=dialect.skipInitialSpace,
        strict=True,
    )


def _rows(text: str, dialect: Dialect) -> Iterator[tuple[int, list[str]]]:
    """The rows that say anything, each with the line on which it starts."""
    reader = _reader(text, dialect)
    line = 1
    for row in reader:
        if row and (row[0] or any(row)):
            yield line, row
        line = reader.line_num + 1


def _failing_line(text: str, dialect: Dialect) -> int:
    """The line on which the row starts that the csv module refuses."""
    line = 1
    reader = _reader(text, dialect)
    with suppress(csv.Error):
        for _ in reader:
            line = reader.line_num + 1
    return line


def _decode(source: Source, data: bytes, problems: Problems) -> str | None:
    """The text; lines whose bytes are not in the declared encoding are reported one by one."""
    if source.encoding == "utf-8" and _is(data, "utf-8"):
        return data.decode("utf-8").removeprefix("\ufeff")
    other = {"utf-8": "gb18030", "gb18030": "utf-8"}[source.encoding]
    lines = [(n, part) for n, part in enumerate(data.split(b"\n"), 1) if not part.isascii()]
    bad = [n for n, part in lines if not _reads(part, source.encoding)]
    if not bad:
        return data.decode(source.encoding).removeprefix("\ufeff")
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") or (len(bad) == len(lines) and _is(data, other)):
        problems.add(_wrong_encoding(source.encoding, other), file=source.file)
    else:
        for n in bad:
            problems.add(_bad_bytes(source.encoding), file=source.file, line=n)
    return None


def _reads(line: bytes, encoding: str) -> bool:
    """Whether a line is of ``encoding``; Chinese in UTF-8 often passes for GB18030, as nonsense."""
    if encoding == "gb18030" and _is(line, "utf-8") and _CHINESE.search(line.decode("utf-8")):
        return False
    return _is(line, encoding)


def _is(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _header_faults(
    header: list[str], source: Source, required: Collection[str], known: Collection[str], problems: Problems
) -> bool:
    faults = [_twice(name) for name, times in Counter(header).items() if times > 1]
    faults += [_unknown_column(name, known) for name in dict.fromkeys(header) if not _known(name, known)]
    faults += [_no_column(name) for name in required if name not in header]
    for fault in faults:
        problems.add(fault, file=source.file, line=1)
    return bool(faults)


def _known(name: str, known: Collection[str]) -> bool:
    """``known`` names columns; one that ends in a dot stands for all that begin so."""
    return name in known or ("." in name and name[: name.index(".") + 1] in known)


def _control(found: str) -> Fault:
    code = f"U+{ord(found):04X}"
    return Fault(
        f"control character {code}",
        f"含控制字符 {code}",
        "Delete the character, and save the file as plain text.",
        "请删除该字符,并以纯文本保存文件。",
    )


def _no_csv(reason: str) -> Fault:
    return Fault(
        f"not CSV: {reason}",
        f"不是有效的 CSV:{reason}",
        "Close every quotation mark, and double those inside a cell.",
        "请补全引号;单元格内的引号须成对书写。",
    )


def _empty() -> Fault:
    return Fault("the file is empty", "文件为空", "Begin it with the header line.", "首行须为表头。")


def _ragged(has: int, wants: int) -> Fault:
    return Fault(
        f"the row has {has} cells, the header {wants}",
        f"该行有 {has} 个单元格,表头有 {wants} 个",
        "Give each row a cell for each column; put text that holds a delimiter in quotation marks.",
        "每行须与表头列数一致;含分隔符的文字须加引号。",
    )


def _wrong_encoding(declared: str, other: str) -> Fault:
    return Fault(
        f"the file is not encoded as declared ({declared})",
        f"文件编码与声明({declared})不符",
        f"Declare `encoding: {other}` if it was saved so, or save it as {declared}.",
        f"若以 {other} 保存,请声明 encoding: {other};否则请另存为 {declared}。",
    )


def _bad_bytes(declared: str) -> Fault:
    return Fault(
        f"bytes that are not {declared}: the file mixes encodings",
        f"含有非 {declared} 的字节:文件混用了多种编码",
        f"Save the whole file in one encoding, {declared} or the one you declare.",
        f"请将整个文件统一保存为一种编码({declared} 或所声明者)。",
    )


def _twice(name: str) -> Fault:
    return Fault(
        f"column `{quoted(name)}` stands twice in the header",
        f"表头中列“{quoted(name)}”重复",
        "Keep one of them.",
        "请只保留一列。",
    )


def _unknown_column(name: str, known: Collection[str]) -> Fault:
    close = get_close_matches(name, known, n=1)
    hint, hint_zh = (f"Did you mean `{close[0]}`? ", f"是否为“{close[0]}”?") if close else ("", "")
    columns = ", ".join(known)
    return Fault(
        f"unknown column `{quoted(name)}`",
        f"未知列“{quoted(name)}”",
        f"{hint}The columns are {columns}.",
        f"{hint_zh}可用的列:{columns}。",
    )


def _no_column(name: str) -> Fault:
    return Fault(
        f"column `{name}` is missing",
        f"缺少列“{name}”",
        f"Add the column `{name}`; check the delimiter if the whole header reads as one name.",
        f"请补充列“{name}”;若表头被读作一列,请检查分隔符。",
    )
