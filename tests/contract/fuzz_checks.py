"""What Schemathesis holds answers against, besides its own checks; it loads this file by its path."""

from typing import Any

import schemathesis
from schemathesis import Case, CheckContext, Response
from schemathesis.specs.openapi.checks import response_schema_conformance


@schemathesis.check
def whole_answer_conforms(ctx: CheckContext, response: Response, case: Case[Any]) -> bool | None:
    """The described schema, but where `fields` asked for less of each row than it demands."""
    return None if "fields" in (case.query or {}) else response_schema_conformance(ctx, response, case)
