"""What can be wrong with roles and grants.

Conflict 409
├── RoleNameTaken     a built-in role or one of the organization's own is called so
├── RoleInUse         accounts have it
└── TooManyRoles
InvalidInput 422
└── GranteeLacksPermission
"""

from rowhouse.kernel.errors import Conflict, InvalidInput


class RoleNameTaken(Conflict):
    code, title = "role_name_taken", "There is a role with this name already; choose another."


class RoleInUse(Conflict):
    code, title = "role_in_use", "Members have this role; give them another one first."


class TooManyRoles(Conflict):
    code, title = "too_many_roles", "An organization has at most 100 roles of its own; delete one first."


class GranteeLacksPermission(InvalidInput):
    code = "grantee_lacks_permission"
    title = (
        "This member's role can't use what would be granted; a grant opens a thing, the role says what for."
    )
