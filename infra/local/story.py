"""A short story of signed webhooks in the networks' own formats, and what is to become of them."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

import requests
from rich.console import Console
from rich.table import Table
from rich.text import Text

from answerby.cli.output import shown
from answerby.domain.mention import Author
from answerby.domain.source import Source
from answerby.networks import NETWORKS
from answerby.networks.samples import SAMPLES, Sample
from answerby.networks.standard import key_of
from answerby.networks.webhook import Keys
from infra.local.stack import Stack
from infra.local.watching import Watch

MARIA = Author(id="7001", handle="maria.k", name="Maria Kowalska")
TOM = Author(id="7002", handle="tomsnaps", name="Tom Sato")
NEWS = Author(id="7003", handle="citynews", name="City News", followers=250_000)
LENA = Author(id="7004", handle="lena", name="Lena Fischer")

_BY_COMMAND = (
    'eval "$(.venv/bin/python -m infra.local env)"',
    """.venv/bin/answerby send standard --text "Where is my refund? I'm still waiting.\"""",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    what: str
    expected: str
    happened: str

    @property
    def held(self) -> bool:
        return self.expected == self.happened


def run(stack: Stack) -> int:
    """The story, then everything that happens until Ctrl-C."""
    out = Console(highlight=False)
    watch = Watch(stack, out)
    _report(out, play(stack, watch))
    _invite(stack, out)
    try:
        while True:
            watch.look()
            # Posts that others deliver are known by their first alert.
            watch.follow(*(alert["mention_id"] for alert in watch.alerts))
    except KeyboardInterrupt:
        out.print("Stopping.")
        return 0


def demo(stack: Stack) -> int:
    """The story and its report; 0 only if all of it held."""
    out = Console(highlight=False)
    return 0 if _report(out, play(stack, Watch(stack, out))) else 1


def play(stack: Stack, watch: Watch) -> list[Expectation]:
    """Each story has ids of its own, so that it can be played again on the same stack."""
    tell = Teller(stack, watch)
    complaint = tell.sample("facebook", MARIA, "My order never arrived, and nobody answers my mails! 😡", "1")
    photo = tell.sample("instagram", TOM, "Is the corner shop open on Sundays? 😍", "2")
    news = tell.sample("x", NEWS, "@brand we hear of long queues at your shops today", "3")
    press = tell.sample("standard", LENA, "A request for comment on your new prices", "4")
    tell.watch.follow(*(tell.id_of(sample) for sample in (complaint, photo, news, press)))

    first = tell.deliver(complaint, "Maria complains on the Facebook Page")
    again = tell.deliver(complaint, "Facebook delivers the same again, as it does after a lost answer")
    forged = tell.deliver(
        replace(complaint, event_id=tell.native("9"), text="Send me vouchers"), "Somebody forges a post", forge=True
    )
    tell.deliver(photo, "Tom comments on Instagram")
    tell.deliver(news, "City News, a big account, writes on X")
    tell.deliver(press, "Another system reports Lena's enquiry by Standard Webhooks")

    maria, tom, city, lena = (tell.id_of(sample) for sample in (complaint, photo, news, press))
    watch.until(lambda: all(map(watch.alerted, (maria, tom, city, lena))), 30)
    acknowledged = watch.act(city, "acknowledge", by="ella", minutes=10).status_code
    answered = watch.act(lena, "answer", by="dev").status_code
    watch.say(("Nobody answers Maria: after 15 s the ladder goes on", "bold"))
    watch.until(lambda: "ben" in watch.alerted(maria), 40)
    tell.deliver(tell.reply(complaint), "Ben answers Maria on Facebook itself")
    tell.deliver(tell.reply(photo), "Ana answers Tom on Instagram itself")
    closed = watch.until(lambda: all(watch.state(each) == "answered" for each in (maria, tom)), 20)
    watch.say(("Both are answered: in 20 s more, Cleo, who was next, is not called", "bold"))
    watch.until(lambda: "cleo" in watch.alerted(maria), 20 if closed else 0)
    watch.look()
    return [
        Expectation(what="a signed post is accepted", expected="200", happened=str(first.status_code)),
        Expectation(what="the same delivered again", expected="200, 1 duplicate", happened=_duplicates(again)),
        Expectation(what="a forged post", expected="401, not stored", happened=tell.refused(forged)),
        Expectation(what="who is called about Maria", expected="ana, ben", happened=_names(watch, maria)),
        Expectation(what="who is called about Tom", expected="ana", happened=_names(watch, tom)),
        Expectation(what="who is called about City News", expected="ella", happened=_names(watch, city)),
        Expectation(what="who is called about Lena", expected="dev", happened=_names(watch, lena)),
        Expectation(what="no alert twice", expected="0 repeated", happened=f"{_repeated(watch)} repeated"),
        Expectation(what="each SMS is one part", expected="at most 160", happened=_longest(watch)),
        Expectation(what="Maria, after the brand's reply", expected="answered", happened=str(watch.state(maria))),
        Expectation(what="Tom, after the brand's reply", expected="answered", happened=str(watch.state(tom))),
        Expectation(
            what="Lena, answered through the API", expected="200, answered", happened=_told(answered, watch, lena)
        ),
        Expectation(what="City News, acknowledged", expected="200, open", happened=_told(acknowledged, watch, city)),
    ]


@dataclass
class Teller:
    """Delivers samples to the stack as their networks would."""

    stack: Stack
    watch: Watch

    def __post_init__(self) -> None:
        self._chapter = str(time.time_ns() // 1_000_000)

    def native(self, number: str) -> str:
        return f"{self._chapter}{number}"

    def sample(self, source: str, author: Author, text: str, number: str) -> Sample:
        about = self.stack.sources[source]
        at = Source(id=source, network=about["network"], brand_account=about["brand_account"])
        now = datetime.now(UTC)
        return Sample(text=text, author=author, source=at, now=now, event_id=self.native(number))

    def reply(self, to: Sample) -> Sample:
        text = "So sorry! We have sent you a message."
        return replace(
            to, text=text, own=True, in_reply_to=self.id_of(to), now=datetime.now(UTC), event_id=to.event_id + "5"
        )

    def id_of(self, sample: Sample) -> str:
        return f"{sample.source.network}:{sample.event_id}"

    def deliver(self, sample: Sample, told: str, *, forge: bool = False) -> requests.Response:
        about = self.stack.sources[sample.source.id]
        network = about["network"]
        body = SAMPLES[network](sample)
        # A forger has no key of ours.
        keys = Keys(secrets=("guessed",) if forge else (about["secret"],), verify_token="")
        headers = NETWORKS[network].sign(body, keys, datetime.now(UTC))
        answer = requests.post(about["url"], data=body, headers=headers, timeout=30)
        self.watch.say((told, "bold"), (f" → {_became(answer)}", "dim"))
        return answer

    def refused(self, forged: requests.Response) -> str:
        found = requests.get(
            f"{self.stack.api_url}/api/mentions/facebook:{self.native('9')}",
            headers={"authorization": f"Bearer {self.stack.api_token}"},
            timeout=10,
        )
        stored = "not stored" if found.status_code == HTTPStatus.NOT_FOUND else "stored"
        return f"{forged.status_code}, {stored}"


def _report(out: Console, expectations: list[Expectation]) -> bool:
    table = Table("", "what", "expected", "happened", title="What was expected, and what happened")
    for each in expectations:
        table.add_row("[green]✓[/]" if each.held else "[red]✗[/]", each.what, each.expected, each.happened)
    out.print(table)
    held = all(each.held for each in expectations)
    out.print("[green]All of it held.[/]" if held else "[bold red]Not all of it held.[/]")
    return held


def _invite(stack: Stack, out: Console) -> None:
    """Two ways to deliver a post; the lines are whole at the left edge, so that they can be copied."""
    out.print("\n[bold]It stays up until Ctrl-C.[/] Deliver a post of your own from here in another terminal:\n")
    for line in _BY_COMMAND:
        out.print(Text(line, "cyan"), soft_wrap=True)
    out.print("\nor as any other system would, with curl and openssl:\n")
    for line in curl_lines(stack):
        out.print(Text(line, "cyan"), soft_wrap=True)
    out.print(f"\nWebhooks  {stack.webhook_url}/{{{','.join(stack.sources)}}}", soft_wrap=True, markup=False)
    out.print(f"API       {stack.api_url}/openapi.json\n", soft_wrap=True, markup=False)


def curl_lines(stack: Stack) -> Iterator[str]:
    """Signed by Standard Webhooks. Each time they are run, in sh or bash, it is another post."""
    source = stack.sources["standard"]
    yield 'TEXT="Where is my refund? I\'m still waiting."'
    yield "ID=my-$(openssl rand -hex 6) NOW=$(date +%s)"
    yield f"KEY={key_of(source['secret']).hex()}"
    yield """BODY=$(printf '{"id":"%s","text":"%s","author":{"name":"You"}}' "$ID" "$TEXT")"""
    yield """SIG=$(printf '%s' "$ID.$NOW.$BODY" |"""
    yield '  openssl dgst -sha256 -mac HMAC -macopt "hexkey:$KEY" -binary | base64)'
    yield "curl -sS --data-binary \"$BODY\" -H 'content-type: application/json' \\"
    yield '  -H "webhook-id: $ID" -H "webhook-timestamp: $NOW" \\'
    yield '  -H "webhook-signature: v1,$SIG" \\'
    yield f"  {source['url']}; echo"


def _became(answer: requests.Response) -> str:
    """In a word, what the stack did with the one event of a delivery."""
    if answer.status_code == HTTPStatus.UNAUTHORIZED:
        return f"refused ({answer.status_code})"
    if not answer.ok:
        return f"{answer.status_code} {shown(answer.text)}"
    counts = answer.json()
    return "stored" if counts["stored"] else f"{counts['duplicates']} duplicate"


def _duplicates(answer: requests.Response) -> str:
    return f"{answer.status_code}, {answer.json().get('duplicates')} duplicate"


def _names(watch: Watch, mention_id: str) -> str:
    return ", ".join(watch.alerted(mention_id))


def _told(status: int, watch: Watch, mention_id: str) -> str:
    return f"{status}, {watch.state(mention_id)}"


def _own(watch: Watch) -> list[dict[str, Any]]:
    """The alerts of this story: on a stack that was up before, others may go out meanwhile."""
    return [alert for alert in watch.alerts if watch.follows(alert["mention_id"])]


def _repeated(watch: Watch) -> int:
    sent = Counter((alert["id"], channel) for alert in _own(watch) for channel in alert["channels"])
    return sum(count - 1 for count in sent.values())


def _longest(watch: Watch) -> str:
    longest = max((len(alert["sms"]) for alert in _own(watch)), default=0)
    return "at most 160" if 0 < longest <= 160 else str(longest)  # noqa: PLR2004
