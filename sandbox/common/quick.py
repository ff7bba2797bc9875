"""JSON of large arrays."""

from typing import Any

import orjson
from starlette.responses import JSONResponse


class QuickJSON(JSONResponse):
    """As JSONResponse, and arrays of numpy are written as they are: streams would take most of the sandbox's time."""

    def render(self, content: Any) -> bytes:
        return orjson.dumps(content, option=orjson.OPT_SERIALIZE_NUMPY)
