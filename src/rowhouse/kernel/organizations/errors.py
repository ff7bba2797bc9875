"""Why nobody acts in an organization yet.

Forbidden 403
└── OrganizationProvisioning     said only to who has proved that they belong to it
"""

from rowhouse.kernel.errors import Forbidden


class OrganizationProvisioning(Forbidden):
    code = "organization_provisioning"
    title = "The organization is being set up; try again in a moment."
