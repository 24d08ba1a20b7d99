"""Failures in the words of whoever typed the command."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    EndpointConnectionError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProfileNotFound,
)

from answerby.adapters import aws
from answerby.adapters.sources import SourcesError
from answerby.domain.transitions import StateConflictError
from answerby.ports import ConflictError, UnavailableError
from answerby.usecases.update import UnknownMentionError


class CommandError(Exception):
    """Why the command did not do it, in one sentence."""


_DENIED = frozenset({"AccessDenied", "AccessDeniedException", "AuthorizationError", "AuthorizationErrorException"})
_CREDENTIALS = frozenset(
    {
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidClientTokenId",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)


@contextmanager
def explained() -> Iterator[None]:
    """Raises CommandError in place of everything that can be expected to go wrong on the way to AWS and in it."""
    try:
        yield
    except (StateConflictError, ConflictError, UnavailableError, UnknownMentionError, SourcesError) as error:
        raise CommandError(sentence(str(error))) from error
    except LookupError as error:
        # A mapping's KeyError is a fault of ours and keeps its traceback.
        if isinstance(error, KeyError | IndexError):
            raise
        raise CommandError(sentence(str(error))) from error
    except ClientError as error:
        raise CommandError(_refused(error)) from error
    except BotoCoreError as error:
        raise CommandError(_unreached(error)) from error


def _refused(error: ClientError) -> str:
    code, asked = aws.code(error), error.operation_name
    said = str(error.response.get("Error", {}).get("Message", "")).strip().rstrip(".")
    if code in _DENIED:
        return f"AWS does not let these credentials call {asked}: {said}."
    if code in _CREDENTIALS:
        return f"AWS does not accept these credentials ({code}): sign in again, or check AWS_PROFILE."
    return f"AWS refused {asked}: {said or code}."


def _unreached(error: BotoCoreError) -> str:
    match error:
        case NoCredentialsError() | PartialCredentialsError() | CredentialRetrievalError():
            return "There are no AWS credentials: sign in, or set AWS_PROFILE."
        case NoRegionError():
            return "No AWS region is set: set AWS_REGION or AWS_DEFAULT_REGION, or choose a profile that has one."
        case ProfileNotFound():
            return sentence(str(error))
        case EndpointConnectionError():
            return f"Nothing answers at {error.kwargs.get('endpoint_url')}: check the network and AWS_ENDPOINT_URL."
    return f"AWS could not be reached: {sentence(str(error))}"


def sentence(text: str) -> str:
    text = text.strip().rstrip(".")
    return f"{text[:1].upper()}{text[1:]}."
