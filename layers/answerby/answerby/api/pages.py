"""The page that an alert's link leads to. Mail scanners and previews follow links too: it only reads, and it tells
nothing of the post or its author, because the link is not a secret."""

import base64
import hashlib
from html import escape
from typing import Annotated
from urllib.parse import quote, unquote

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Path
from pydantic import BeforeValidator

from answerby.api.models import LONGEST_ID
from answerby.api.problems import RETRY_AFTER_SECONDS
from answerby.api.resolver import Api
from answerby.domain.drill import is_drill
from answerby.domain.mention import Mention
from answerby.ports import Mentions, UnavailableError

STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:3rem auto;padding:0 1rem;color:#1a1a1a;"
    "background:#fff}h1{font-size:1.4rem;overflow-wrap:anywhere}"
    "code{overflow-wrap:anywhere;background:#f2f2f2;padding:.1em .3em}dt{font-weight:600}"
)
CSP = (
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; style-src 'sha256-"
    + base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    + "'"
)
_HTML = {"text/html": {"schema": {"type": "string"}}}


def add(api: Api, mentions: Mentions) -> None:
    @api.offer(
        "GET",
        "/m/<mention_id>",
        summary="The page of a mention, for people",
        responses={
            200: {"description": "What can be done about it.", "content": _HTML},
            404: {"description": "There is no such mention.", "content": _HTML},
            503: {"description": "The store cannot be reached just now.", "content": _HTML},
        },
        tags=["pages"],
    )
    def mention_page(mention_id: Annotated[str, BeforeValidator(unquote), Path()]) -> Response[str]:
        try:
            mention = mentions.get(mention_id) if len(mention_id) <= LONGEST_ID else None
        except UnavailableError:
            page = _page("Not now", "<p>Answerby cannot look this up just now. Please try again.</p>")
            return _response(503, page, {"Retry-After": str(RETRY_AFTER_SECONDS)})
        if mention is None:
            return _response(404, _page("No such mention", "<p>Answerby knows no mention by this address.</p>"))
        return _response(
            200, _page("A post waits for an answer" if mention.is_open else "This post is closed", _about(mention))
        )


def _about(mention: Mention) -> str:
    post = mention.post
    link = ""
    if post.url and post.url.startswith(("https://", "http://")):
        link = f'<p><a href="{escape(post.url)}" rel="noopener noreferrer nofollow">Open the post</a></p>'
    return (
        f"<dl><dt>Mention</dt><dd><code>{escape(mention.id)}</code></dd>"
        f"<dt>Network</dt><dd>{escape(post.network)}</dd>{_due(mention)}</dl>"
        f"{link}{_to_do(mention) if mention.is_open else '<p>Nothing is left to do.</p>'}"
    )


def _due(mention: Mention) -> str:
    """The link is no secret: whether it is closed, and not how."""
    if not mention.is_open:
        return "<dt>State</dt><dd>closed</dd>"
    by = f"{mention.answer_by:%d %b %H:%M} UTC" if mention.answer_by else "not known yet"
    return f"<dt>State</dt><dd>open</dd><dt>Answer by</dt><dd>{by}</dd>"


def _to_do(mention: Mention) -> str:
    address = escape(f"/api/mentions/{quote(mention.id, safe='')}")
    if is_drill(mention):
        return f"<p>This is a test of your alerts. Acknowledge it: <code>POST {address}/acknowledge</code></p>"
    return (
        "<h2>What to do</h2><ul>"
        f"<li>Answer it on {escape(mention.post.network)}: Answerby sees the brand's reply and stops calling.</li>"
        f"<li>Answered elsewhere? Say so: <code>POST {address}/answer</code></li>"
        f"<li>Need time? Pause the calling: <code>POST {address}/acknowledge</code></li>"
        "</ul>"
    )


def _page(title: str, content: str) -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="robots" content="noindex">'
        f"<title>{escape(title)} · Answerby</title><style>{STYLE}</style></head>"
        f"<body><h1>{escape(title)}</h1>{content}</body></html>"
    )


def _response(status: int, page: str, headers: dict[str, str] | None = None) -> Response[str]:
    return Response(status, "text/html; charset=utf-8", page, {"Content-Security-Policy": CSP, **(headers or {})})
