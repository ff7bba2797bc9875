"""The parameter `{organization_id}` of a path, as the document of the API has it."""

from uuid import UUID


def named_organization(organization_id: UUID) -> None:
    """For the `dependencies` of routers below `/organizations/{organization_id}`."""
