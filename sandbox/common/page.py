"""The sandbox's few pages: plain HTML that needs nothing."""

from html import escape

from starlette.responses import HTMLResponse

STYLE = (
    "body{font:1rem/1.5 system-ui,sans-serif;max-width:48rem;margin:2rem auto;padding:0 1rem;color:#111;background:#fff}"
    "fieldset{border:1px solid #767676;margin:1rem 0}button{font:inherit;padding:.5rem 1.5rem;min-height:44px}"
    "table{border-collapse:collapse}td,th{text-align:left;padding:.25rem 1rem .25rem 0;vertical-align:top}"
    "code,pre{font-size:.9rem;overflow-x:auto}"
)


def page(title: str, body: str, status: int = 200) -> HTMLResponse:
    """A whole document; `body` is HTML already."""
    return HTMLResponse(
        f'<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{escape(title)}</title><style>{STYLE}</style>'
        f"</head><body><main><h1>{escape(title)}</h1>{body}</main></body></html>",
        status_code=status,
    )
