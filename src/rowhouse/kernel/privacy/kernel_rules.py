"""How long the kernel keeps what it has. Exports go by themselves after seven days, the audit log by months."""

from rowhouse.kernel.privacy.rules import Rule

RULES = (
    Rule("kernel.jobs", "Finished work in the background, with its results",
         table="kernel.jobs", age="finished_at", days=90, minimum=7, maximum=730),
    Rule("kernel.outbox", "Events, from which what has happened can be played again",
         table="kernel.outbox", chosen=True),
    Rule("kernel.invitations", "Invitations, after they have run out",
         table="kernel.invitations", age="expires_at", days=180),
    Rule("kernel.notices", "Notices", table="kernel.notices", days=180),
    Rule("kernel.webhook_messages", "What was sent to webhook endpoints, with every try",
         table="kernel.webhook_messages", days=90, minimum=7),
    Rule("kernel.received_webhooks", "What providers have sent, worked on or not",
         table="kernel.received_webhooks", age="received_at", days=90, minimum=30),
    Rule("kernel.sessions", "Sign-ins, after they have ended",
         table="kernel.sessions", age="expires_at", days=90, minimum=7),
    Rule("kernel.email_codes", "Sign-ups that were never completed",
         table="kernel.email_codes", age="expires_at", days=7, minimum=1),
    Rule("kernel.proofs", "Mailed links and codes, after they have run out",
         table="kernel.proofs", age="expires_at", days=7, minimum=1),
    Rule("kernel.devices", "From where somebody signed in last",
         table="kernel.devices", age="seen_at", days=365, minimum=90),
    Rule("kernel.security_events", "What was unusual about sign-ins",
         table="kernel.security_events", minimum=90),
)  # fmt: skip
