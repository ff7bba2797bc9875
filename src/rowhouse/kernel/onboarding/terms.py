"""The terms of use: one file a version in `terms/`, named by the day from which it holds; the newest is in force.

A file has a title (`#`), and sections (`##`) of paragraphs; nothing else is read as markup.
"""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Terms:
    version: str
    title: str
    sections: tuple[Section, ...]


@cache
def terms_in_force() -> Terms:
    """The newest version."""
    found = [file for file in (files(__package__) / "terms").iterdir() if file.name.endswith(".md")]
    newest = max(found, key=lambda file: file.name)
    return parse_terms(newest.name.removesuffix(".md"), newest.read_text(encoding="utf-8"))


def parse_terms(version: str, text: str) -> Terms:
    head, *rest = text.split("\n## ")
    return Terms(version, head.strip().removeprefix("# "), tuple(_section(part) for part in rest))


def _section(text: str) -> Section:
    title, _, body = text.partition("\n")
    paragraphs = (" ".join(part.split()) for part in body.split("\n\n"))
    return Section(title.strip(), tuple(filter(None, paragraphs)))
