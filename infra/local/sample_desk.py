"""The sample desk, published as `answerby desk apply` would, with secrets made up for this stack."""

import secrets
from dataclasses import dataclass
from pathlib import Path

from answerby.cli.applying import STANDARD, apply_desk
from answerby.cli.desk_file import load
from answerby.cli.stack import of_outputs
from answerby.cli.tokens import create_token

DESK_FILE = Path(__file__).with_name("desk.yaml")


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedDesk:
    """`sources` by id, as written to stack.json but for the url; `topics` are the ARNs of the people's topics."""

    sources: dict[str, dict[str, str]]
    topics: list[str]
    api_token: str


def publish_sample_desk(stack_name: str, outputs: dict[str, str]) -> PublishedDesk:
    """Publish it to the AWS that the environment names, and make a token for the API."""
    desk, _ = load(DESK_FILE)
    stack = of_outputs(stack_name, outputs)
    # An app secret as Meta's and X's are; those of Standard Webhooks are made by the product itself.
    made_up = {source.id: secrets.token_hex(16) for source in desk.sources.values() if source.network != STANDARD}
    applied = apply_desk(desk, stack, secrets=made_up, by="local", why="a local stack was started")
    sources = {
        name: {
            "network": source.network,
            "brand_account": source.brand_account,
            "secret": keys.secrets[0],
            "verify_token": keys.verify_token,
        }
        for name, (source, keys) in applied.sources.items()
    }
    token = create_token(stack, "local", ["read", "write"])
    return PublishedDesk(sources=sources, topics=list(applied.topics.values()), api_token=token)
