"""The kernel as an app: what it brings by itself."""

from rowhouse.kernel.access.permissions import Permission, Role
from rowhouse.kernel.events.delivery import DELIVER_EVENT
from rowhouse.kernel.http.limit_status import router as limits
from rowhouse.kernel.identity.routes import root_router as well_known
from rowhouse.kernel.identity.routes import router as identity
from rowhouse.kernel.jobs.routes import router as jobs
from rowhouse.kernel.mail.jobs import SEND_MAIL
from rowhouse.kernel.mail.page import router as mail_page
from rowhouse.kernel.registry import App

kernel = App(
    name="kernel",
    title="Kernel",
    schema="kernel",
    routers=(identity, jobs, limits),
    root_routers=(well_known, mail_page),
    permissions=(
        Permission("kernel.jobs.read", "See one's own jobs and their results."),
        Permission("kernel.jobs.write", "Cancel one's own jobs."),
    ),
    roles=(
        Role("owner", ("kernel.*",)),
        Role("admin", ("kernel.*",)),
        Role("member", ("kernel.jobs.manage",)),
        Role("viewer", ("kernel.jobs.read",)),
        Role("auditor", ("kernel.jobs.read",)),
    ),
    jobs=(SEND_MAIL, DELIVER_EVENT),
)
