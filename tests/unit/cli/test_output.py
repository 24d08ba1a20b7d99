from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from rich.cells import cell_len
from rich.console import Console

from answerby.cli.output import entry_line, length, mention_page, mentions_table, shown
from answerby.domain.decide import decide
from answerby.domain.mention import Author, Mention
from tests.builders import NOW, a_desk, a_mention

EVIL = "[bold red]refund[/] \x1b[2J\x1b]8;;http://evil\x07 \u202ecod \x9b31m"


def routed(text: str = EVIL) -> Mention:
    return decide(a_mention(text=text, author=Author(id="7", name=text)), a_desk(), NOW)


def printed(mention: Mention) -> str:
    console = Console(width=200, markup=False, highlight=False, force_terminal=True, color_system=None)
    with console.capture() as capture:
        console.print(mentions_table([mention], NOW))
        for part in mention_page(mention, NOW):
            console.print(part)
        console.print(entry_line(mention, mention.history[-1]))
    return capture.get()


def test_a_posts_text_is_neither_markup_nor_control_of_the_terminal() -> None:
    page = printed(routed())
    assert "[bold red]refund[/]" in page
    assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(page)


def test_a_mentions_page_tells_post_clock_ladder_and_history() -> None:
    page = printed(routed("I want a refund"))
    for part in ("I want a refund", "2026-03-02 09:15:00Z (15m left)", "ana (10m) → ben (10m)", "routed"):
        assert part in page


@pytest.mark.parametrize("width", [80, 120])
def test_a_list_hides_nothing_to_act_on_however_narrow(width: int) -> None:
    long = routed("I never got my parcel and want a refund, as I have said three times by now")
    post = replace(long.post, id="facebook:101234567890123_987654321098765")
    console = Console(width=width, markup=False, highlight=False, soft_wrap=True)
    with console.capture() as capture:
        console.print(mentions_table([replace(long, post=post)], NOW))
    header, row = capture.get().splitlines()
    assert max(map(cell_len, (header, row))) <= width
    assert header.split()[:5] == ["mention", "state", "owner", "answer", "by"]
    assert row.startswith(f"{post.id}  open   ana    15m left   I ")
    assert row.rstrip().endswith("…")


def test_emoji_and_other_scripts_are_shown_as_written() -> None:
    text = "👩‍👩‍👧 ありがとう שלום"
    assert shown(text) == text


@pytest.mark.parametrize(
    ("seconds", "written"),
    [(0, "0s"), (59, "59s"), (60, "1m"), (3_600, "1h"), (90_000, "1d 1h"), (86_400, "1d")],
)
def test_lengths_of_time(seconds: int, written: str) -> None:
    assert length(timedelta(seconds=seconds)) == written
