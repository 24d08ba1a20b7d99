"""Looking up: nothing here changes anything."""

from typing import Annotated, Literal

from aws_lambda_powertools.event_handler.openapi.params import Path, Query

from answerby.api.document import BEARER, responses
from answerby.api.models import DeskBody, Id, MentionsBody, MentionWithHistoryBody
from answerby.api.problems import InvalidError, ProblemError, UnknownError
from answerby.api.published import public_desk
from answerby.api.resolver import Api
from answerby.domain.mention import State
from answerby.domain.public import public_entry, public_mention
from answerby.ports import Desks, Mentions, NoDeskError

Name = Query(min_length=1, max_length=64)
FILTERS = ("state", "assignee", "network", "cursor", "limit")


def add(api: Api, mentions: Mentions, desks: Desks) -> None:
    @api.offer(
        "GET",
        "/api/mentions/<mention_id>",
        summary="One mention, with its history",
        responses=responses("The mention.", 401, 403, 404, 422, 503),
        security=BEARER,
        tags=["mentions"],
    )
    def get_mention(mention_id: Annotated[Id, Path()]) -> MentionWithHistoryBody:
        mention = mentions.get(mention_id)
        if mention is None:
            raise UnknownError
        history = [public_entry(entry) for entry in mentions.history(mention).history]
        return MentionWithHistoryBody.model_validate(public_mention(mention) | {"history": history})

    @api.offer(
        "GET",
        "/api/mentions",
        summary="Mentions that wait for an answer",
        description="New and open mentions. Closed ones are not indexed: look one up by its id.",
        responses=responses("A page of mentions.", 401, 403, 422, 503),
        security=BEARER,
        tags=["mentions"],
    )
    def list_mentions(
        state: Annotated[Literal["new", "open"] | None, Query(description="Both if absent.")] = None,
        assignee: Annotated[str | None, Name] = None,
        network: Annotated[str | None, Name] = None,
        cursor: Annotated[
            str | None, Query(min_length=1, max_length=2048, description="As given by the page before.")
        ] = None,
        limit: Annotated[int, Query(ge=1, le=100)] = 25,
    ) -> MentionsBody:
        # A filter that is misspelt would list everything.
        if unknown := set(api.current_event.query_string_parameters or {}) - set(FILTERS):
            raise InvalidError(dict.fromkeys(sorted(unknown), f"is no filter: there are {', '.join(FILTERS)}"))
        try:
            page = mentions.inbox(
                state=State(state) if state else None, assignee=assignee, network=network, cursor=cursor, limit=limit
            )
        except ValueError:
            raise InvalidError({"cursor": "is not one that a page of the same listing came with"}) from None
        return MentionsBody.model_validate(
            {"mentions": [public_mention(mention) for mention in page.mentions], "cursor": page.cursor}
        )

    @api.offer(
        "GET",
        "/api/desk",
        summary="The desk in force",
        responses=responses("The desk.", 401, 403, 404, 503),
        security=BEARER,
        tags=["desk"],
    )
    def get_desk() -> DeskBody:
        try:
            desk = desks.current()
        except NoDeskError:
            raise ProblemError(404, "no_desk", "no desk has been published yet") from None
        return public_desk(desk)
