from __future__ import annotations

from pathlib import Path

import pytest
from holidays import registry
from hypothesis import given, settings
from hypothesis import strategies as st

from answerby.cli import desk_file
from answerby.cli.desk_file import DeskFileError
from answerby.cli.desk_file.problems import MOST_ERRORS
from tests.pace import within
from tests.unit.desk_file.files import FULL, SOUND, TODAY, changed

SECONDS = 2.0
"""Of the processor, on one that has much else to do: nothing here takes half of it otherwise."""
MEGABYTE = 1024 * 1024

BOMB = "a: &a [x, x, x]\n" + "".join(
    f"{b}: &{b} [*{a}, *{a}, *{a}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)
MANY_RULES = "".join(
    f"  - {{id: r{n}, when: {{phrases: [{', '.join(f'w{n}x{k} a b c d e' for k in range(10))}]}}, team: care}}\n"
    for n in range(990)
)
OVERLAPPING = "".join(
    f"  - {{id: r{n}, when: {{phrases: [{', '.join(f'w{(7 * n + 13 * k + n * k) % 199}' for k in range(9))}],"
    f" authors: [{', '.join(f'a{(5 * n + 17 * k + n * k) % 307}' for k in range(18))}]}}}}\n"
    for n in range(990)
    if (n + 13) % 199 and (n + 17) % 307
)
COUNTRIES = [code for _, code, *_ in registry.COUNTRIES.values()]
NESTED = "        - {any: [{all: [{kinds: post}, {kinds: comment}]}, {links: true}]}\n"
LAYER = "      - {people: [ana, ben], starts: 2026-01-05, during: {daily: 00:00-24:00}}\n"


def full(old: str, new: str) -> str:
    assert FULL.count(old) == 1, old
    return FULL.replace(old, new)


HOSTILE = {
    "too large": b"#" * (5 * MEGABYTE),
    "anchor to itself": b"people: &a\n  ana: *a\n",
    "bomb": BOMB.encode(),
    "deep lists": b"[" * MEGABYTE,
    "deep mappings": b"{a: " * (MEGABYTE // 4),
    "deep blocks": b"- " * (MEGABYTE // 2),
    "many values": b"- a\n" * (MEGABYTE // 4),
    "many keys": b"".join(b"k%d:\n" % n for n in range(100_000)),
    "many unknown people": changed("[ana, ben]", f"[{', '.join(f'ana{n}' for n in range(20_000))}]").encode(),
    "many unknown people beside many known ones": changed(
        "teams:",
        "".join(f"  person-with-a-long-name-{n}: {{name: P, email: p@example.com}}\n" for n in range(5_000)) + "teams:",
    )
    .replace("[ana, ben]", f"[{', '.join(f'person-with-a-lang-name-{n}x' for n in range(5_000))}]")
    .encode(),
    "many nameless people": changed("teams:", "".join(f"  p{n}: {{}}\n" for n in range(10_000)) + "teams:").encode(),
    "not UTF-8": SOUND.encode("utf-16"),
    "binary": bytes(range(256)) * 100,
    "null bytes": b"\0" * 1000,
    "many calendars": full(
        "calendars:\n",
        "calendars:\n"
        + "".join(
            f"  c{n}: {{time_zone: UTC, hours: {{mon: 09:00-17:00}}, holidays: [{', '.join(COUNTRIES[n * 3 :][:3])}],"
            f" exceptions: {{2026-01-01..2026-12-31: closed, 2027-01-01..2027-12-31: closed}}}}\n"
            for n in range(2_000)
        ),
    ).encode(),
    "many dates": full(
        "exceptions:\n",
        "exceptions:\n" + "".join(f"      {1000 + n}-01-01..{1000 + n}-12-31: closed\n" for n in range(8_000)),
    ).encode(),
    "many spans": full("mon-fri: ", f'sun: "{", ".join(["00:00-00:01"] * 80_000)}", mon-fri: ').encode(),
    "many layers": full("    layers:\n", "    layers:\n" + LAYER * 3_000).encode(),
    "many overrides": full(
        "overrides:\n", "overrides:\n" + ("  - {away: ana, from: 2026-06-01, until: 2026-06-02, with: ben}\n" * 4_000)
    ).encode(),
    "many nested conditions": full("      not: {repeat_author: true}\n", "      not:\n" + NESTED * 3_000).encode(),
    "many rules of nested conditions": full(
        "rules:\n",
        "rules:\n"
        + "".join(f"  - {{id: r{n}, when: {{any: [{', '.join(['{links: true}'] * 20)}]}}}}\n" for n in range(700)),
    ).encode(),
    "authors listed again and again": full('["@Lena", BEANBAG]', f"[{', '.join(f'a{n}' for n in range(5_000))}]")
    .replace(
        "otherwise:",
        "".join(f"  - {{id: r{n}, when: {{phrases: [w{n}], authors: {{list: fans}}}}}}\n" for n in range(900))
        + "otherwise:",
    )
    .encode(),
    "circles everywhere": changed(
        "teams:",
        "".join(
            f"  p{n}: {{name: P, email: p@a.io, backup: [{', '.join(f'p{(n + k) % 900}' for k in range(1, 20))}]}}\n"
            for n in range(900)
        )
        + "teams:",
    ).encode(),
    "one long value": changed("Cleo Laurent", "x" * 500_000).encode(),
}
HEAVY = {
    "many rules": changed("otherwise:", f"{MANY_RULES}otherwise:").encode(),
    "many rules without phrases": changed(
        "otherwise:",
        "".join(
            f"  - {{id: r{n}, when: {{authors: [a{n}, b{n}], sentiment: negative, not: {{kinds: post}}}}}}\n"
            for n in range(990)
        )
        + "otherwise:",
    ).encode(),
    "many rules of anybody": changed(
        "otherwise:",
        "".join(f"  - {{id: r{n}, when: {{sentiment: negative, not: {{phrases: [w{n}]}}}}}}\n" for n in range(990))
        + "otherwise:",
    ).encode(),
    "many rules with ever higher limits": changed(
        "otherwise:",
        "".join(
            f"  - {{id: r{n}, when: {{sentiment: negative, languages: [en], followers_at_least: {2_000 - n}}}}}\n"
            for n in range(990)
        )
        + "otherwise:",
    ).encode(),
    "many rules that overlap": changed("otherwise:", f"{OVERLAPPING}otherwise:").encode(),
    "many phrases without spaces": changed(
        "[refund, money back]", "[" + ", ".join("退款" * 20 + str(n) for n in range(2_000)) + "]"
    ).encode(),
    "many rotations": full(
        "rotations:\n",
        "rotations:\n"
        + "".join(
            f"  r{n}: {{time_zone: Asia/Kolkata, layers: ["
            + ", ".join(["{people: [ana, ben], starts: 2026-01-05, during: {daily: 00:00-24:00}}"] * 10)
            + "]}\n"
            for n in range(90)
        ),
    ).encode(),
    "many people": changed(
        "teams:",
        "".join(f"  p{n}: {{name: P, email: p{n}@example.com, backup: p{n + 1}}}\n" for n in range(4_000))
        + "  p4000: {name: P, email: p@example.com}\nteams:",
    ).encode(),
}


@pytest.mark.parametrize("raw", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_file_is_refused_quickly_and_clearly(raw: bytes) -> None:
    reading = within(SECONDS, lambda: desk_file.read(raw, TODAY))
    assert reading.desk is None
    assert 0 < len(reading.errors) <= MOST_ERRORS
    assert all(
        len(problem.line("desk.yaml")) < 500 and problem.line("desk.yaml").isprintable() for problem in reading.errors
    )


@pytest.mark.parametrize("raw", HEAVY.values(), ids=HEAVY)
def test_a_heavy_file_is_read_quickly(raw: bytes) -> None:
    reading = within(SECONDS, lambda: desk_file.read(raw, TODAY))
    assert reading.desk, reading.errors[:3]


@settings(max_examples=300, deadline=None)
@given(raw=st.one_of(st.binary(max_size=300), st.text(max_size=300).map(lambda text: text.encode("utf-8", "replace"))))
def test_no_bytes_crash_the_checker(raw: bytes) -> None:
    reading = desk_file.read(raw, TODAY)
    assert reading.errors
    assert reading.desk is None


@settings(max_examples=300, deadline=None)
@given(
    sound=st.sampled_from([SOUND, FULL]),
    start=st.floats(0, 1),
    length=st.integers(0, 40),
    put=st.one_of(
        st.text(max_size=12),
        st.sampled_from(["[]", "{}", "~", ": ", "- ", "\n", "&a ", "*a", "\t", "0", '"', "{a: b}", "[[]]"]),
    ),
)
def test_no_change_to_a_sound_file_crashes_the_checker(sound: str, start: float, length: int, put: str) -> None:
    at = int(start * len(sound))
    text = sound[:at] + put + sound[at + length :]
    reading = desk_file.read(text.encode("utf-8", "replace"), TODAY)
    assert (reading.desk is None) == bool(reading.errors)
    lines = text.count("\n") + text.count("\r") + text.count("\x85") + text.count("\u2028") + text.count("\u2029") + 1
    assert all(1 <= problem.place.line <= lines + 1 and problem.place.column >= 1 for problem in reading.errors)


def test_a_file_that_is_not_there_is_said_to_be(tmp_path: Path) -> None:
    with pytest.raises(DeskFileError, match="no such file or directory"):
        desk_file.load(tmp_path / "desk.yaml")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(DeskFileError, match="cannot be read"):
        desk_file.load(tmp_path)
