"""What people do about a mention. Each answers with the mention as it is afterwards."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Body, Path

from answerby.api.document import BEARER, responses
from answerby.api.models import Acknowledgement, Answer, Assignment, Dismissed, Id, MentionBody, Resolution, Snooze
from answerby.api.problems import InvalidError, ProblemError, SomeoneWasFasterError, UnknownError
from answerby.api.resolver import Api
from answerby.domain.mention import Mention
from answerby.domain.public import public_mention
from answerby.domain.transitions import SnoozeError, StateConflictError
from answerby.ports import ConflictError, Desks, Mentions, NoDeskError, Timers
from answerby.usecases import answering
from answerby.usecases.update import UnknownMentionError

MentionId = Annotated[Id, Path()]
UNSPECIFIED, UNTOLD, UNSAID = Acknowledgement.model_construct(), Answer.model_construct(), Resolution.model_construct()
"""All their fields are optional, and so are they."""
OF_CHAIN = "A mention that joined an earlier post of its author is called out through that one, which is what changes."


def add(api: Api, mentions: Mentions, desks: Desks, timers: Timers, clock: Callable[[], datetime]) -> None:

    def done(mention_id: str, action: Callable[[], Mention]) -> MentionBody:
        return MentionBody.model_validate(public_mention(_decided(mention_id, action, mentions)))

    @api.offer("POST", "/api/mentions/<mention_id>/acknowledge", **_documented("Pause the calling", OF_CHAIN))
    def acknowledge(mention_id: MentionId, body: Annotated[Acknowledgement, Body()] = UNSPECIFIED) -> MentionBody:
        by, wanted = body.by or api.caller, timedelta(minutes=body.minutes) if body.minutes else None
        return done(
            mention_id,
            lambda: answering.acknowledge(mention_id, by, mentions, desks, timers, clock(), wanted),
        )

    @api.offer(
        "POST", "/api/mentions/<mention_id>/snooze", **_documented("Pause the calling until a time of choice", OF_CHAIN)
    )
    def snooze(mention_id: MentionId, body: Annotated[Snooze, Body()]) -> MentionBody:
        by, now = body.by or api.caller, clock()
        if (body.until is None) == (body.for_seconds is None):
            raise InvalidError({"until": "give either this or for_seconds"})
        field = "until" if body.until else "for_seconds"
        until = body.until or now + timedelta(seconds=body.for_seconds or 0)
        try:
            return done(mention_id, lambda: answering.snooze(mention_id, by, until, mentions, desks, timers, now))
        except SnoozeError as error:
            raise InvalidError({field: str(error)}) from None

    @api.offer("POST", "/api/mentions/<mention_id>/answer", **_documented("Report that it was answered"))
    def answer(mention_id: MentionId, body: Annotated[Answer, Body()] = UNTOLD) -> MentionBody:
        by = body.by or api.caller
        return done(mention_id, lambda: answering.answer(mention_id, by, body.url, mentions, clock()))

    @api.offer(
        "POST",
        "/api/mentions/<mention_id>/resolve",
        **_documented("Say that the matter of an answered mention is at its end"),
    )
    def resolve(mention_id: MentionId, body: Annotated[Resolution, Body()] = UNSAID) -> MentionBody:
        by = body.by or api.caller
        return done(mention_id, lambda: answering.resolve(mention_id, by, mentions, clock()))

    @api.offer("POST", "/api/mentions/<mention_id>/dismiss", **_documented("Close it without an answer"))
    def dismiss(mention_id: MentionId, body: Annotated[Dismissed, Body()]) -> MentionBody:
        by = body.by or api.caller
        return done(mention_id, lambda: answering.dismiss(mention_id, by, body.reason, body.note, mentions, clock()))

    @api.offer("POST", "/api/mentions/<mention_id>/assign", **_documented("Hand it to somebody else", OF_CHAIN))
    def assign(mention_id: MentionId, body: Annotated[Assignment, Body()]) -> MentionBody:
        by = body.by or api.caller
        return done(mention_id, lambda: answering.assign(mention_id, body.to, by, mentions, desks, timers, clock()))


def _decided(mention_id: str, action: Callable[[], Mention], mentions: Mentions) -> Mention:
    try:
        return action()
    except UnknownMentionError:
        raise UnknownError from None
    except answering.UnknownPersonError as error:
        raise InvalidError({"to": str(error)}) from None
    except NoDeskError:
        raise ProblemError(503, "no_desk", "no desk has been published yet", {"Retry-After": "60"}) from None
    except StateConflictError as error:
        raise SomeoneWasFasterError(str(error), error.mention) from None
    except ConflictError:
        current = mentions.get(mention_id)
        if current is None:
            raise UnknownError from None
        raise SomeoneWasFasterError("it kept changing meanwhile: try again", current) from None


def _documented(summary: str, description: str | None = None) -> dict[str, Any]:
    return {
        "summary": summary,
        "description": description,
        "responses": responses("The mention as it is now.", 400, 401, 403, 404, 409, 413, 415, 422, 503),
        "security": BEARER,
        "tags": ["mentions"],
    }
