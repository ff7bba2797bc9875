"""The built web front end, served on the API's own origin with an exact content security policy for each page.

`_build.json` is written by the front end's build: `hashes` lists the digests of each page's inline scripts,
`shells` maps addresses with unknown ids (`/workouts/<id>`) to the page exported for them. Beside what is worth it lie
`.br` and `.gz`, compressed then: nothing is compressed when it is asked for.
"""

import mimetypes
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import orjson
from starlette.datastructures import Headers
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from rowhouse.kernel.http.compression import takes

IMMUTABLE = "public, max-age=31536000, immutable"
# Swagger UI writes the markdown of descriptions with DOMPurify and strings, which required Trusted Types refuse. Its
# page alone does without them; its scripts are files of this origin, and it shows our own /openapi.json.
UNTRUSTED_TYPES_PAGES = frozenset({"docs/index.html"})
CODINGS = {"br": ".br", "gzip": ".gz"}
"""The smaller first."""
TYPES = {".txt": "text/x-component", ".js": "text/javascript", ".mjs": "text/javascript"}


@dataclass(frozen=True, slots=True)
class Build:
    """One build of the front end: its files by address, its shells, its pages' script digests."""

    root: Path
    files: frozenset[str]
    shells: tuple[tuple[re.Pattern[str], str], ...]
    hashes: Mapping[str, tuple[str, ...]]

    @classmethod
    def load(cls, root: Path) -> "Build":
        described = orjson.loads((root / "_build.json").read_bytes())
        return cls(
            root=root,
            files=frozenset(str(p.relative_to(root)) for p in root.rglob("*") if p.is_file()),
            shells=tuple((re.compile(pattern), page) for pattern, page in described["shells"].items()),
            hashes={page: tuple(found) for page, found in described["hashes"].items()},
        )

    def find(self, path: str) -> str | None:
        """The file for an address; only files that existed at start are ever served."""
        rel = path.strip("/") or "index"
        for candidate in (rel, f"{rel}.html", f"{rel}/index.html"):
            if (
                candidate in self.files
                and candidate != "_build.json"
                and not candidate.endswith((".br", ".gz"))
            ):
                return candidate
        return next((page for pattern, page in self.shells if pattern.fullmatch(path)), None)


class WebFrontEnd:
    """An ASGI application for everything that is not the API."""

    def __init__(self, build: Build, *, connect: tuple[str, ...] = (), images: tuple[str, ...] = ()) -> None:
        """`connect` and `images`: the origins that pages may ask beside their own."""
        self.build = build
        self.connect = " ".join(("'self'", *connect))
        self.images = " ".join(("'self' data: blob:", *images))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] not in ("GET", "HEAD"):
            await Response(status_code=405, headers={"Allow": "GET, HEAD"})(scope, receive, send)
            return
        rel = self.build.find(scope["path"])
        if rel is None and scope["path"].startswith("/_next/"):
            # A page would be the wrong type for a script of a former build.
            await PlainTextResponse("Not found", status_code=404)(scope, receive, send)
            return
        await self._send(scope, rel or "404.html", 200 if rel else 404)(scope, receive, send)

    def _send(self, scope: Scope, rel: str, status: int) -> Response:
        if rel not in self.build.files:
            return Response(status_code=404)
        path = self.build.root / rel
        headers = {"Cache-Control": IMMUTABLE if rel.startswith("_next/static/") else "no-cache"}
        if path.suffix == ".html":
            headers["Content-Security-Policy"] = self._policy(rel)
        media_type = (
            TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        )
        there = {
            coding: f"{rel}{end}" for coding, end in CODINGS.items() if f"{rel}{end}" in self.build.files
        }
        if there:
            headers["Vary"] = "Accept-Encoding"
        # A part is one of the file itself: whoever resumes may have begun with another coding.
        if "range" not in Headers(scope=scope):
            coding = next((coding for coding in there if takes(scope, coding)), None)
            if coding is not None:
                headers["Content-Encoding"] = coding
                path = self.build.root / there[coding]
        return FileResponse(path, status, headers, media_type=media_type)

    def _policy(self, page: str) -> str:
        digests = "".join(f" '{digest}'" for digest in self.build.hashes.get(page, ()))
        trusted_types = (
            ("trusted-types dompurify",)
            if page in UNTRUSTED_TYPES_PAGES
            else ("require-trusted-types-for 'script'", "trusted-types default nextjs nextjs#bundler")
        )
        return "; ".join(
            (
                "default-src 'none'",
                f"script-src 'self'{digests}",
                "style-src 'self'",
                f"img-src {self.images}",
                "font-src 'self'",
                f"connect-src {self.connect}",
                "manifest-src 'self'",
                "worker-src 'self'",
                "form-action 'self'",
                "base-uri 'none'",
                "frame-ancestors 'none'",
                "object-src 'none'",
                *trusted_types,
            )
        )
