"""What a page makes someone fetch before it works: the scripts that its HTML names, compressed."""

import gzip
import re
from pathlib import Path

import pytest

SCRIPT = re.compile(r'<script(?![^>]*noModule)[^>]+src="(/[^"]+\.js)"', re.IGNORECASE)
SIGN_IN_MOST_BYTES, APP_MOST_BYTES = 160_000, 250_000


@pytest.mark.parametrize(
    ("page", "most_bytes"),
    [
        ("sign-in.html", SIGN_IN_MOST_BYTES),
        ("sign-up.html", SIGN_IN_MOST_BYTES),
        ("verify-email.html", APP_MOST_BYTES),
        ("workouts.html", APP_MOST_BYTES),
        ("workouts/_.html", APP_MOST_BYTES),
        ("uploads.html", APP_MOST_BYTES),
        ("sources.html", APP_MOST_BYTES),
        ("sources/order.html", APP_MOST_BYTES),
        ("biometrics.html", APP_MOST_BYTES),
        ("exports.html", APP_MOST_BYTES),
        ("calendar.html", APP_MOST_BYTES),
        ("athletes.html", APP_MOST_BYTES),
        ("load.html", APP_MOST_BYTES),
        ("today.html", APP_MOST_BYTES),
        ("thresholds.html", APP_MOST_BYTES),
        ("duplicates.html", APP_MOST_BYTES),
        ("settings.html", APP_MOST_BYTES),
        ("settings/security.html", APP_MOST_BYTES),
        ("magic.html", APP_MOST_BYTES),
        ("reset-password.html", APP_MOST_BYTES),
    ],
)
def test_first_load_is_light(web_out: Path, page: str, most_bytes: int) -> None:
    scripts = set(SCRIPT.findall((web_out / page).read_text(encoding="utf-8")))
    assert len(scripts) > 3
    files = [(web_out / script.lstrip("/")).read_bytes() for script in scripts]
    assert sum(len(gzip.compress(file, 6)) for file in files) <= most_bytes
