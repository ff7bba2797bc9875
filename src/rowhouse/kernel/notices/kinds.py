"""What a kind of notice is: declared by features, listed in their app's declaration."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NoticeKind:
    """What somebody is told of. `title` names it in the list of choices and as the subject of its mail, `meaning`
    says when it comes. One that is `mailed` goes by mail too, unless the person has chosen otherwise; one that comes
    `always` can't be switched off."""

    name: str
    title: str
    meaning: str
    mailed: bool = False
    always: bool = False
