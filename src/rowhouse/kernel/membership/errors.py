"""Why something about an organization's people can't be done.

Forbidden 403
├── InvitationForAnother
└── SecondFactorFirst        who demands a second factor of all has one
NotFound 404
└── InvitationInvalid        unknown, used, revoked, expired, or its inviter may not give that role any more
Conflict 409
├── LastOwner
├── AlreadyMember
├── RoleTaken
├── InvitationPending
└── TooManyOrganizations
TooManyRequests 429
└── TooManyInvitations
"""

from rowhouse.kernel.errors import Conflict, Forbidden, NotFound, TooManyRequests


class InvitationForAnother(Forbidden):
    code = "invitation_for_another"
    title = "This invitation is for another email address: sign in with the one it was sent to."


class SecondFactorFirst(Forbidden):
    code = "second_factor_first"
    title = "Set up a second factor and sign in with it before you demand one of everybody."


class InvitationInvalid(NotFound):
    code, title = "invitation_invalid", "This invitation is not valid any more; ask for a new one."


class LastOwner(Conflict):
    code = "last_owner"
    title = "An organization keeps one active owner: make somebody else an owner first."


class AlreadyMember(Conflict):
    code, title = "already_member", "This person is a member already."


class RoleTaken(Conflict):
    code, title = "role_taken", "This person has another account here in that role."


class InvitationPending(Conflict):
    code = "invitation_pending"
    title = "An invitation to this address waits already; resend or revoke it."


class TooManyOrganizations(Conflict):
    code, title = "too_many_organizations", "One person owns at most 50 organizations."


class TooManyInvitations(TooManyRequests):
    code, title = "too_many_invitations", "Too many invitations within an hour; wait a while."
