"""An upload whose job has gone, as its athlete sees it."""

from typing import Any

import psycopg
import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Resident
from tests.journeys.test_jobs import WITHIN_MS, owner, upload
from tests.journeys.visit import Visit

__all__ = ["owner"]
pytestmark = pytest.mark.browser


def test_an_upload_outlives_its_job_and_is_deleted(
    visit: Visit, resident: Resident, owner: psycopg.Connection[Any]
) -> None:
    page = visit.page
    job_id = upload(resident, 72)
    visit.sign_in(resident.email, resident.password, at="/uploads")
    expect(page.get_by_text("1 imported")).to_be_visible(timeout=WITHIN_MS)
    # As retention does it.
    owner.execute("DELETE FROM kernel.jobs WHERE id = %s", (job_id,))
    page.reload()
    expect(page.get_by_text("1 imported")).to_be_visible()
    expect(page.get_by_role("link", name="View workout")).to_be_visible()
    visit.look("uploads-without-job")
    page.get_by_role("button", name="Delete", exact=True).click()
    dialog = page.get_by_role("alertdialog")
    expect(dialog.get_by_text("1 workout goes: nothing else recorded it.")).to_be_visible()
    dialog.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_text("The upload is deleted.")).to_be_visible(timeout=WITHIN_MS)
    expect(page.get_by_text("Nothing uploaded yet.")).to_be_visible()
