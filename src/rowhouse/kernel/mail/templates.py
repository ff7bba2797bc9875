"""Mail templates: one file each in `templates/`, with the blocks `subject`, `text` and `html`.

A value that a template needs and isn't given raises. HTML is escaped, text is not, and a subject is one line. What
somebody could have made up, a name above all, goes through `unlinked`: our mail is no vehicle for their addresses.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from jinja2 import Environment, PackageLoader, StrictUndefined

TemplateName = Literal[
    "verify_email",
    "already_registered",
    "security_event",
    "magic_link",
    "password_reset",
    "step_up",
    "change_email",
    "welcome",
    "invitation",
    "organization_deleted",
    "webhook_disabled",
    "account_deletion",
    "notice",
]


JOINTS = re.compile(r"([.:/\\@\u3002\uff0e\uff61])(?=\S)")
"""What holds a web or mail address together; the last three are dots to a browser, too."""
HAIR_SPACE = "\u200a"


@dataclass(frozen=True, slots=True)
class Content:
    subject: str
    text: str
    html: str


def render(template: TemplateName, values: Mapping[str, Any]) -> Content:
    """The mail's content; raises `jinja2.UndefinedError` for a missing value."""
    return Content(
        subject=" ".join(_block(template, "subject", values, escape=False).split()),
        text=_block(template, "text", values, escape=False).strip() + "\n",
        html=_block(template, "html", values, escape=True).strip() + "\n",
    )


def unlinked(text: str) -> str:
    """The text as no mail program makes a link of it: a hair's breadth of space at each joint of an address. It is a
    space to whatever looks for links, and no part of any host's name."""
    return JOINTS.sub(rf"\1{HAIR_SPACE}", text)


def _block(template: str, block: str, values: Mapping[str, Any], *, escape: bool) -> str:
    found = _environment(escape).get_template(f"{template}.jinja")
    return "".join(found.blocks[block](found.new_context(dict(values))))


@cache
def _environment(escape: bool) -> Environment:
    environment = Environment(
        loader=PackageLoader(__package__, "templates"),
        autoescape=escape,  # noqa: S701 - off for plain text alone, where escaping would show
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
    environment.filters["unlinked"] = unlinked
    return environment
