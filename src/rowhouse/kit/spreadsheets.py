"""Rows as CSV, safe to open in a spreadsheet."""

import csv
import io
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import orjson

FORMULA, BREAKS = tuple("=+-@|"), tuple("\t\r\n")


def csv_lines(rows: Iterable[Iterable[Any]]) -> bytes:
    """Rows of cells as lines after RFC 4180."""
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerows([cell(value) for value in row] for row in rows)
    return buffer.getvalue().encode()


def cell(value: Any) -> str:
    """A text that no spreadsheet takes for a formula: one that begins like one gets an apostrophe (OWASP, CSV
    injection). Lists and mappings are JSON."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat()
    written = orjson.dumps(value).decode() if isinstance(value, (dict, list)) else str(value)
    if isinstance(value, (int, float)):
        return written
    return f"'{written}" if written.lstrip().startswith(FORMULA) or written.startswith(BREAKS) else written
