"""The kernel as an app: what it brings by itself."""

from rowhouse.kernel.access.permissions import Permission, Role
from rowhouse.kernel.api_keys.routes import router as api_keys
from rowhouse.kernel.connections.revoking import REVOKE
from rowhouse.kernel.connections.revoking import STEPS as CONNECTION_STEPS
from rowhouse.kernel.connections.revoking import leave as leave_services
from rowhouse.kernel.connections.watching import WATCH
from rowhouse.kernel.downloads.chores import CHORES as EXPORT_CHORES
from rowhouse.kernel.downloads.keeping import exports_folder
from rowhouse.kernel.downloads.routes import router as downloads
from rowhouse.kernel.events.delivery import DELIVER_EVENT
from rowhouse.kernel.federation.health import IDENTITY_PROVIDER
from rowhouse.kernel.federation.outside import present_outside
from rowhouse.kernel.federation.routes import router as federation
from rowhouse.kernel.federation.webhooks import IDP
from rowhouse.kernel.flags.kernel_flags import KERNEL_FLAGS
from rowhouse.kernel.health.checks import CHECKS as HEALTH_CHECKS
from rowhouse.kernel.honeypot.telling import HoneypotRound
from rowhouse.kernel.http.flag_status import router as flag_status
from rowhouse.kernel.http.limit_status import router as limits
from rowhouse.kernel.idempotency.chores import CHORES as ANSWER_CHORES
from rowhouse.kernel.identity.factor_routes import router as factors
from rowhouse.kernel.identity.mail_routes import router as mailed
from rowhouse.kernel.identity.routes import hot_me
from rowhouse.kernel.identity.routes import root_router as well_known
from rowhouse.kernel.identity.routes import router as identity
from rowhouse.kernel.identity.session_routes import router as sessions
from rowhouse.kernel.inspection.chores import CHORES as AUDIT_CHORES
from rowhouse.kernel.inspection.export import AUDIT_EXPORTS, EXPORT
from rowhouse.kernel.inspection.routes import router as audit
from rowhouse.kernel.inspection.state import VERIFY, WEEKLY, WEEKLY_OF_PLATFORM
from rowhouse.kernel.jobs.operator_routes import router as operators_jobs
from rowhouse.kernel.jobs.routes import router as jobs
from rowhouse.kernel.lifecycle.kernel_steps import STEPS
from rowhouse.kernel.lifecycle.routes import inside as deletion
from rowhouse.kernel.lifecycle.routes import router as restoration
from rowhouse.kernel.lifecycle.running import RUN_STEPS
from rowhouse.kernel.mail.jobs import SEND_MAIL
from rowhouse.kernel.mail.page import router as mail_page
from rowhouse.kernel.membership.events import PUBLISHED as MEMBERSHIP_EVENTS
from rowhouse.kernel.membership.invitation_routes import inside as organization_invitations
from rowhouse.kernel.membership.invitation_routes import router as invitations
from rowhouse.kernel.membership.leaving import leave as leave_organization
from rowhouse.kernel.membership.routes import inside as organization
from rowhouse.kernel.membership.routes import router as membership
from rowhouse.kernel.membership.telling import tell_inviter
from rowhouse.kernel.notices.following import tell_notices
from rowhouse.kernel.notices.given_up import tell_of_failure
from rowhouse.kernel.notices.kernel_kinds import KINDS as NOTICES
from rowhouse.kernel.notices.routes import hot_unread
from rowhouse.kernel.notices.routes import router as notices
from rowhouse.kernel.onboarding.routes import hot_progress
from rowhouse.kernel.onboarding.routes import router as onboarding
from rowhouse.kernel.operators.flag_routes import router as flag_console
from rowhouse.kernel.operators.routes import router as operators
from rowhouse.kernel.passkeys.routes import router as passkeys
from rowhouse.kernel.privacy.archives import STEP as ARCHIVE
from rowhouse.kernel.privacy.chores import CHORES as RETENTION_CHORES
from rowhouse.kernel.privacy.deleting import ERASE_PERSON
from rowhouse.kernel.privacy.deletion_routes import router as account_deletion
from rowhouse.kernel.privacy.exporting import EXPORT as EXPORT_DATA
from rowhouse.kernel.privacy.kernel_holdings import HOLDINGS
from rowhouse.kernel.privacy.kernel_rules import RULES
from rowhouse.kernel.privacy.kernel_sections import SECTIONS
from rowhouse.kernel.privacy.routes import inside as organization_privacy
from rowhouse.kernel.privacy.routes import router as privacy
from rowhouse.kernel.registry import App
from rowhouse.kernel.roles.routes import router as roles
from rowhouse.kernel.security.routes import router as security
from rowhouse.kernel.security.unusual import tell_tallies
from rowhouse.kernel.webhooks.incoming.processing import PROCESS_WEBHOOK
from rowhouse.kernel.webhooks.incoming.routes import router as incoming_webhooks
from rowhouse.kernel.webhooks.outgoing.audit_stream import AUDIT_STREAM
from rowhouse.kernel.webhooks.outgoing.delivering import DELIVER_WEBHOOK
from rowhouse.kernel.webhooks.outgoing.published import AUDIT_ENTRY
from rowhouse.kernel.webhooks.outgoing.publishing import publish_event
from rowhouse.kernel.webhooks.outgoing.routes import router as webhook_endpoints
from rowhouse.kernel.webhooks.outgoing.waiting import STEPS as WEBHOOK_STEPS

KNOWING = ("kernel.organization.read", "kernel.members.read", "kernel.roles.read")
"""What everybody in an organization may see of it."""

WORKING = ("kernel.jobs.manage", "kernel.grants.manage", "kernel.api_keys.manage")
"""What those need who do something in it: their own jobs, grants and keys."""

kernel = App(
    name="kernel",
    title="Kernel",
    schema="kernel",
    routers=(
        hot_me,
        identity,
        mailed,
        factors,
        sessions,
        security,
        jobs,
        limits,
        flag_status,
        roles,
        api_keys,
        membership,
        organization,
        organization_invitations,
        invitations,
        deletion,
        restoration,
        hot_progress,
        onboarding,
        passkeys,
        federation,
        operators,
        operators_jobs,
        flag_console,
        audit,
        incoming_webhooks,
        webhook_endpoints,
        downloads,
        privacy,
        organization_privacy,
        account_deletion,
        hot_unread,
        notices,
    ),
    root_routers=(well_known, mail_page),
    permissions=(
        Permission("kernel.jobs.read", "See one's own jobs and their results."),
        Permission("kernel.jobs.write", "Cancel one's own jobs and try failed ones again."),
        Permission("kernel.organization_jobs.read", "See whose jobs of the organization went how."),
        Permission("platform.jobs.read", "Operators: see dead letters, schedules and workers."),
        Permission("platform.jobs.write", "Operators: try dead letters again or discard them."),
        Permission("platform.organizations.read", "Operators: see organizations, their state and members."),
        Permission(
            "platform.organizations.write",
            "Operators: suspend, resume and restore organizations, and set what they may use.",
        ),
        Permission("platform.impersonations.write", "Operators: look through an account's eyes, read-only."),
        Permission("platform.flags.read", "Operators: see feature flags and for whom they are on."),
        Permission(
            "platform.flags.write", "Operators: switch features, for a share of the organizations or one."
        ),
        Permission("platform.figures.read", "Operators: see counts over the platform."),
        Permission("kernel.organization.read", "See the organization and its settings."),
        Permission("kernel.organization.write", "Change the organization's name and settings."),
        Permission("kernel.members.read", "See who belongs to the organization."),
        Permission("kernel.members.write", "Change members' roles, suspend and remove them."),
        Permission("kernel.invitations.read", "See whom the organization has invited."),
        Permission("kernel.invitations.write", "Invite people in roles that one holds oneself."),
        Permission("ownership.organization.transfer", "Make others owners and hand the ownership over."),
        Permission("ownership.organization.delete", "Delete the organization."),
        Permission("kernel.roles.read", "See the roles of the organization and what they hold."),
        Permission("kernel.roles.write", "Make, change and delete the organization's own roles."),
        Permission("kernel.grants.read", "See what one has granted to others and was granted."),
        Permission("kernel.grants.write", "Grant others access to single things of one's own, and end it."),
        Permission("kernel.audit.read", "Search the organization's audit log and verify it."),
        Permission("kernel.audit.export", "Export the organization's audit log."),
        Permission(
            "kernel.webhooks.read", "See the organization's webhook endpoints and what was sent to them."
        ),
        Permission("kernel.webhooks.write", "Make, change and delete the organization's webhook endpoints."),
        Permission("kernel.privacy.export", "Export what the organization itself has."),
        Permission("kernel.api_keys.read", "See one's API keys, without their secrets."),
        Permission("kernel.api_keys.write", "Make, rotate and revoke one's API keys."),
    ),
    roles=(
        Role("owner", ("kernel.*", "ownership.*")),
        Role("admin", ("kernel.*",)),
        Role("member", (*KNOWING, *WORKING)),
        Role("viewer", (*KNOWING, "kernel.jobs.read", "kernel.grants.read")),
        Role("auditor", (*KNOWING, "kernel.jobs.manage", "kernel.audit.read", "kernel.audit.export")),
        Role("athlete", (*KNOWING, *WORKING)),
        Role("coach", (*KNOWING, *WORKING)),
    ),
    limits=(AUDIT_EXPORTS,),
    flags=KERNEL_FLAGS,
    presenters=(present_outside,),
    health=(*HEALTH_CHECKS, IDENTITY_PROVIDER),
    figures=("SELECT figure, of, count FROM resolve.platform_figures()",),
    jobs=(
        SEND_MAIL,
        DELIVER_EVENT,
        RUN_STEPS,
        VERIFY,
        EXPORT,
        EXPORT_DATA,
        ERASE_PERSON,
        PROCESS_WEBHOOK,
        DELIVER_WEBHOOK,
        REVOKE,
    ),
    chores=(
        *AUDIT_CHORES,
        WEEKLY_OF_PLATFORM,
        *EXPORT_CHORES,
        *RETENTION_CHORES,
        *ANSWER_CHORES,
        AUDIT_STREAM,
        WATCH,
    ),
    schedules=(WEEKLY,),
    handlers=(tell_inviter,),
    notices=NOTICES,
    live=(tell_notices,),
    given_up=(tell_of_failure,),
    publishers=(publish_event,),
    published=(*MEMBERSHIP_EVENTS, AUDIT_ENTRY),
    webhook_providers=(IDP,),
    holdings=HOLDINGS,
    exports=SECTIONS,
    retention=RULES,
    folders=(exports_folder,),
    leaving=(leave_services, leave_organization),
    lifecycle=(*STEPS, *CONNECTION_STEPS, *WEBHOOK_STEPS, ARCHIVE),
    rounds=(tell_tallies, HoneypotRound()),
)
