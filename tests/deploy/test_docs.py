"""The pages for operators name commands, pages and files that exist."""

import json
import re
from pathlib import Path

import pytest
import typer.main
import yaml

from rowhouse.cli import command
from rowhouse.local.server import DEPLOY

DOCS = DEPLOY.parent / "docs" / "operations"
PAGES = sorted(DOCS.rglob("*.md"))
GROUP = typer.main.get_group(command)
WITHIN = typer.Context(GROUP)
COMMANDS = {name: GROUP.get_command(WITHIN, name) for name in GROUP.list_commands(WITHIN)}
PATHS = json.loads((DEPLOY.parent / "openapi.json").read_text(encoding="utf-8"))["paths"]
SERVICES = yaml.safe_load((DEPLOY / "compose" / "compose.yaml").read_text())["services"].keys()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_for_operators_leads_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for target, anchor in re.findall(r"\]\((?!http)([^)#]*)(#[^)]*)?\)", text):
        place = page if not target else (page.parent / target).resolve()
        assert place.exists(), target
        if anchor:
            titles = re.findall(r"^#+ (.+)$", place.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor[1:] in {title.lower().replace(" ", "-") for title in titles}, anchor
    for words in re.findall(r"\browhouse ((?:[a-z]+ ?){1,2})", code_of(text)):
        assert exists(words.split()), f"rowhouse {words}"
    for path in re.findall(r"/api/v1/[\w/{}-]+", code_of(text)):
        assert path in PATHS
    for words in re.findall(r"docker compose (?:restart|stop|logs|ps) ([a-z -]+)", code_of(text)):
        named = {word for word in words.split() if not word.startswith("-")} - {"tail", "since"}
        assert named <= SERVICES, words


def code_of(text: str) -> str:
    return "\n".join(re.findall(r"```.*?```|`[^`\n]+`", text, re.DOTALL))


def exists(words: list[str]) -> bool:
    """Whether the command is one, and its second word too where it has commands of its own."""
    if words[0] not in COMMANDS:
        return False
    inner = getattr(COMMANDS[words[0]], "commands", None)
    return inner is None or len(words) == 1 or words[1] in inner
