"""Which roles an outside provider may give: the start refuses the others."""

import pytest

from rowhouse.installed import registry
from rowhouse.kernel.platform import running
from rowhouse.kernel.settings import Settings


@pytest.mark.parametrize(
    ("settings_", "match"),
    [
        ({"idp_roles": {"Admin": "admin", "Boss": "owner"}}, "owner is given here alone"),
        ({"idp_roles": {"Admin": "amdin"}}, "no built-in role amdin"),
        ({"idp_role_default": "owner"}, "owner is given here alone"),
        ({"idp_role_default": "veiwer"}, "no built-in role veiwer"),
    ],
)
async def test_one_that_owns_or_that_nobody_knows_stops_the_start(
    settings: Settings, settings_: dict[str, object], match: str
) -> None:
    wrong = settings.model_copy(update={"idp_provider": "frontegg", **settings_})
    with pytest.raises(ValueError, match=match):
        async with running(wrong, registry, application="test"):
            pass


def test_the_others_are_taken() -> None:
    registry.check_outside_roles([name for name in registry.role_patterns if name != "owner"])
