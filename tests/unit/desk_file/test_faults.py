"""Every fault is told with its line and column (marked § in the file), what is wrong and what to do."""

from __future__ import annotations

import pytest

from tests.unit.desk_file.files import SOUND, at, changed, marked, read

REFUNDS = "[refund, money back]"
STARS = "{networks: [facebook], rating_at_most: 2}"


def rule(when: str, id_: str = "§late") -> str:
    """One more rule, after the sound ones."""
    return changed("otherwise:", f"  - id: {id_}\n    when: {when}\n    team: care\notherwise:")


FAULTS = {
    "unknown section": (SOUND + "§polices: {}\n", 'the desk has no "polices"', 'Did you mean "policies"?'),
    "unknown key": (changed('    sms: "', '    §phone: "'), 'person ana has no "phone"', "Write one of: name, sms"),
    "key given twice": (changed("  cleo:\n", "  §ana:\n"), '"ana" is here twice, first in line 2', "Rename"),
    "rule id given twice": (changed("id: stars", "id: §refunds"), "two rules", "Rename one"),
    "unknown member": (changed("[ana, ben]", "[ana, §bne]"), 'there is no person "bne"', 'Did you mean "ben"?'),
    "unknown lead": (changed("lead: cleo", "lead: §clea"), 'there is no person "clea"', 'Did you mean "cleo"?'),
    "member listed twice": (changed("[ana, ben]", "[ana, ben, §ana]"), '"ana" is here twice', "Remove"),
    "empty team": (changed("[ana, ben]", "§[]"), "the list of members is empty", "Put something into it"),
    "team without members": (
        changed("    members: [ana, ben]\n", "").replace("  care:", "  §care:"),
        "no `members`",
        "Add",
    ),
    "team without lead": (changed("    lead: cleo\n", "").replace("  care:", "  §care:"), "no `lead`", "Add `lead: …`"),
    "no value": (changed("lead: cleo", "lead:§"), "the value is missing", "Write one"),
    "person as a value": (
        changed("  cleo:\n    name: Cleo Laurent\n    sms: +447700900143", "  cleo: §Cleo"),
        "named values",
        "Write",
    ),
    "people as a list": (
        changed("teams:\n  care:\n    members: [ana, ben]\n    lead: cleo", "teams: §[care]"),
        "by their ids",
        "Write",
    ),
    "person without name": (
        changed("    name: Cleo Laurent\n", "").replace("  cleo:", "  §cleo:"),
        "has no `name`",
        "Add",
    ),
    "person nobody can reach": (
        changed("    sms: +447700900143\n", "").replace("  cleo:", "  §cleo:"),
        "nobody can reach cleo",
        "Add `sms",
    ),
    "phone with blanks": (changed('"+12025550141"', '§"+1 202 555 0141"'), "no phone number", "+12025550141"),
    "phone without country": (changed('"+12025550141"', "§2025550141"), "no phone number", "country code"),
    "phone in other digits": (changed('"+12025550141"', '§"+١٢٠٢٥٥٥٠١٤١"'), "no phone number", "digits only"),
    "bad mail": (changed("ben@example.com", "§ben@example"), "no mail address", "ana@example.com"),
    "mail with a header": (
        changed("ben@example.com", '§"ben@example.com\\nBcc: eve@example.com"'),
        "invisible",
        "Remove",
    ),
    "bad zone": (changed("Europe/Madrid", "§Europe/Madird"), "no time zone", 'Did you mean "Europe/Madrid"?'),
    "zone as a path": (changed("Europe/Madrid", "§../../etc/passwd"), "no time zone", ""),
    "own back-up": (changed("backup: ben", "§backup: ana"), "cannot be their own back-up", "somebody else"),
    "back-ups in a circle": (
        changed("  ana:\n", "  §ana:\n").replace("  cleo:", "    backup: ana\n  cleo:"),
        "circle: ana → ben → ana",
        "Leave one",
    ),
    "id of a role": (
        changed("  cleo:\n", "  cleo:\n    name: C\n    email: c@example.com\n  §owner:\n"),
        "a role on every ladder",
        "another id",
    ),
    "id of person and team": (
        changed("  cleo:\n", "  cleo:\n    name: C\n    email: c@example.com\n  §care:\n"),
        "a team too",
        "another id",
    ),
    "id in capitals": (
        changed("  cleo:\n", "  cleo:\n    name: C\n    email: c@example.com\n  §Cleo L:\n"),
        "cannot be an id",
        'Write "cleo-l"',
    ),
    "unknown ladder": (changed("ladder: steps", "ladder: §step"), 'no ladder "step"', 'Did you mean "steps"?'),
    "ladder without rungs": (
        changed("      - {call: [owner], wait: 10m}\n      - {call: [backup, care], wait: 1h30m}\n", "      §[]\n"),
        "needs rungs",
        "call: [owner]",
    ),
    "rung calls nobody known": (
        changed("[backup, care]", "[backup, §caer]"),
        "no role, person or team",
        'Did you mean "care"?',
    ),
    "rung without wait": (
        changed("{call: [owner], wait: 10m}", "§{call: [owner]}"),
        "a rung has no `wait`",
        "Add `wait",
    ),
    "zero wait": (changed("wait: 10m", "wait: §0m"), "no time at all", "at least 1s"),
    "negative wait": (changed("wait: 10m", "wait: §-10m"), "no duration", "10m"),
    "duration without unit": (changed("answer_within: 8h", "answer_within: §90"), "no duration", "Say the unit: 90m"),
    "endless duration": (changed("answer_within: 8h", "answer_within: §999999d"), "longer than a year", "366d"),
    "bad digest_after": (changed("3d", "§soon"), "no duration", "2d"),
    "policy without answer_within": (
        changed("day: {answer_within: 8h, ladder: steps}", "§day: {ladder: steps}"),
        "no `answer_within`",
        "Add",
    ),
    "unknown policy": (changed("policy: hour", "policy: §huor"), 'no policy "huor"', 'Did you mean "hour"?'),
    "unknown priority": (changed("priority: high", "priority: §hihg"), "no priority", 'Did you mean "high"?'),
    "unknown team in a rule": (
        changed("    team: care\n    priority", "    team: §caer\n    priority"),
        "no team",
        'Did you mean "care"?',
    ),
    "rule for somebody without team": (
        changed("  cleo:\n", "  dan: {name: Dan, email: dan@example.com}\n  cleo:\n").replace(
            "person: ana", "person: §dan"
        ),
        "dan is on no team",
        "Add `team: …`",
    ),
    "rule without condition": (changed(STARS, "§{}"), "no condition", "`otherwise`"),
    "rule without when": (
        changed(f"    when: {STARS}\n", "").replace("- id: stars", "- §id: stars"),
        "no `when`",
        "Add",
    ),
    "unknown condition": (changed("rating_at_most", "§rating_below"), '"rating_below"', "Did you mean"),
    "unknown kind": (changed(STARS, "{kinds: [§reviews]}"), "no kind", 'Did you mean "review"?'),
    "unknown source in a rule": (changed(STARS, "{sources: [§pgae]}"), "no source", 'Did you mean "page"?'),
    "misspelt network in a rule": (
        changed("networks: [facebook]", "networks: [§facebok]"),
        "no network",
        'Did you mean "facebook"?',
    ),
    "unknown network of a source": (
        changed("network: facebook", "network: §facebok"),
        "no network",
        'Did you mean "facebook"?',
    ),
    "network no source delivers": (
        changed("  other: {network: standard, brand_account: brand}\n", "").replace("[facebook], r", "[§instagram], r"),
        'no source delivers "instagram"',
        "network: instagram",
    ),
    "sources that deliver other networks": (
        changed(STARS, "{networks: §[x], sources: [page]}"),
        "deliver facebook only",
        "never matches",
    ),
    "contradicting ratings": (
        changed("rating_at_most: 2", "rating_at_most: 2, rating_at_least: §4"),
        "no rating is",
        "never matches",
    ),
    "rating out of range": (changed("rating_at_most: 2", "rating_at_most: §11"), "not a number from 0 to 5", ""),
    "rating that is none": (changed("rating_at_most: 2", "rating_at_most: §.nan"), "not a number from 0 to 5", ""),
    "half a follower": (changed("rating_at_most: 2", "followers_at_least: §1.5"), "not a whole number", "Write"),
    "followers with a dot for thousands": (
        changed("rating_at_most: 2", "followers_at_least: §10.000"),
        "not a whole number",
        "digits only",
    ),
    "followers in words": (changed("rating_at_most: 2", "followers_at_least: §10k"), "from 0 to 1000000000000", ""),
    "zone by its city": (changed("Europe/Madrid", "§madrid"), "no time zone", 'Did you mean "Europe/Madrid"?'),
    "zone by its offset": (changed("Europe/Madrid", "§GMT+2"), "no time zone", "Write one of: Africa/"),
    "number with zeros for a plus": (changed('"+12025550141"', '§"0012025550141"'), "no phone", "+12025550141:"),
    "hashtag without quotes": (changed(REFUNDS, "§[refund, #refund]"), "not closed before the #", '"#…"'),
    "said and not said": (
        changed("      phrases: [refund, money back]", '      text: §{all: [refund], none: ["refund*"]}'),
        'who says "refund" says one of `none` too',
        "never matches",
    ),
    "all that is said is not said": (
        changed("      phrases: [refund, money back]", "      text: §{any: [no refund, refund me], none: [refund]}"),
        'who says "no refund"',
        "never matches",
    ),
    "phrase without a word": (changed(REFUNDS, '[refund, §"!?"]'), "no letter or digit", "Write a word"),
    "phrase of signs": (changed(REFUNDS, "[refund, §→]"), "no letter or digit", "Write a word"),
    "phrase with signs": (
        changed(REFUNDS, "[refund, §c++]"),
        'the "+" of the phrase "c++" is not',
        "Write words alone",
    ),
    "phrase with a price": (changed(REFUNDS, "[refund, §5 €]"), 'the "€" of the phrase "5 €" is', "Write words alone"),
    "phrase with a sharp": (changed(REFUNDS, "[refund, §C#]"), 'the "#" of the phrase "C#" is', "Write words alone"),
    "phrase that asks": (changed(REFUNDS, '[refund, §"really?"]'), 'the "?" of the phrase', "Write words alone"),
    "empty phrase": (changed(REFUNDS, '[refund, §""]'), "missing", ""),
    "no phrases": (changed(REFUNDS, "§[]"), "empty", ""),
    "rules as a mapping": (
        changed(SOUND[SOUND.index("  - id: refunds") : SOUND.index("otherwise")], "  §a: b\n"),
        "is a list",
        "- id",
    ),
    "rule named otherwise": (changed("id: stars", "id: §otherwise"), "the catch-all's id", "another id"),
    "no catch-all": ("§" + changed("otherwise: {team: care, policy: day}\n", ""), "no `otherwise`", "Add `otherwise"),
    "catch-all with a condition": (
        changed("otherwise: {team: care, policy: day}", "otherwise: {team: care, policy: day, §when: {kinds: [post]}}"),
        "takes whatever is left",
        "",
    ),
    "catch-all without team": (
        changed("otherwise: {team: care, ", "§otherwise: {").replace(
            "ladders:", "  press: {members: [ben], lead: ana}\nladders:"
        ),
        "no `team`",
        "Add",
    ),
    "no people": ("§" + SOUND[SOUND.index("teams:") :], "no `people`", "Add"),
    "empty people": ("people: §{}\n", "there are no people", "Add one"),
    "empty teams": (SOUND[: SOUND.index("teams:")] + "teams: §{}\notherwise: {priority: low}\n", "no teams", "Add one"),
    "empty policies": ("people: {a: {name: A, sms: +447700900143}}\npolicies: §{}\n", "no policies", "Add one"),
    "anchor": (changed("lead: cleo", "lead: §&boss cleo"), "anchor &boss", "Remove"),
    "alias": (changed("lead: cleo", "lead: §*boss"), "alias *boss", "Write the values out"),
    "merge key": (changed("lead: cleo", "<<: §*boss"), "alias *boss", ""),
    "tag": (changed("lead: cleo", "lead: §!!python/object/apply:os.system [ls]"), "tag", "Remove"),
    "tab": (changed("    lead: cleo", "§\tlead: cleo"), "a tab", "Indent with spaces"),
    "handle without quotes": (changed(STARS, "{authors: [§@sam]}"), "begins with @", "quotes"),
    "colon in a value": (changed("topic: refunds", "topic: about§: refunds"), "a second `: `", "quotes"),
    "second document": (SOUND + "§---\npeople: {}\n", "second document", "one desk per file"),
    "list as a name": (changed("topic: refunds", "? §[a]\n    : b"), "where a name belongs", "Write"),
    "nested without end": (
        changed("topic: refunds", "topic: " + "[" * 17 + "§" + "[" * 9_000),
        "deeper than 20",
        "brackets",
    ),
    "control character": (changed("Cleo Laurent", "Cleo§\x07"), "control character", "Remove"),
    "no mapping": ("§- people\n", "not a desk", "`people:`"),
}


@pytest.mark.parametrize(("text", "what", "to_do"), FAULTS.values(), ids=FAULTS)
def test_fault(text: str, what: str, to_do: str) -> None:
    reading, line, column = marked(text)
    assert reading.desk is None
    found = at(reading.errors, line, column)
    assert found, [problem.line("desk.yaml") for problem in reading.errors]
    assert any(what in problem.what and to_do in problem.to_do for problem in found), found


UNREACHABLE = {
    "the same again": ("{phrases: [refund]}", '"refunds" (line 28)'),
    "a phrase that holds an earlier one": ('{phrases: ["a full refund please"]}', '"refunds" (line 28)'),
    "in other letters": ("{phrases: [REFUND]}", '"refunds"'),
    "narrower by network": ("{phrases: [refund], networks: [x]}", '"refunds"'),
    "narrower by rating": ("{networks: [facebook], rating_at_most: 1.5}", '"stars"'),
    "narrower by source": ("{sources: [page], rating_at_most: 2}", '"stars"'),
    "narrower by author": ("{networks: [facebook], rating_at_most: 0, authors: [sam], kinds: [review]}", '"stars"'),
}


@pytest.mark.parametrize(("when", "by"), UNREACHABLE.values(), ids=UNREACHABLE)
def test_a_rule_behind_one_that_takes_all_of_it_is_refused(when: str, by: str) -> None:
    reading, line, column = marked(rule(when))
    assert [problem.what for problem in at(reading.errors, line, column)]
    assert by in reading.errors[0].what


REACHABLE = {
    "a word that only begins like an earlier phrase": "{phrases: [refundable]}",
    "half of an earlier phrase": "{phrases: [money]}",
    "a wider list": "{phrases: [refund, broken]}",
    "a wider rating": "{networks: [facebook], rating_at_most: 3}",
    "the same rating on another network": "{rating_at_most: 2}",
    "a rating from below": "{networks: [facebook], rating_at_least: 1}",
    "a source that delivers more": "{sources: [other], rating_at_most: 2}",
}


@pytest.mark.parametrize("when", REACHABLE.values(), ids=REACHABLE)
def test_a_rule_that_takes_something_of_its_own_is_kept(when: str) -> None:
    assert read(rule(when, "late")).desk


def test_several_rules_can_together_take_all_of_a_later_one() -> None:
    parts = "".join(
        f"  - {{id: part{at}, when: {when}, team: care}}\n"
        for at, when in enumerate(
            (
                "{phrases: [late], kinds: [post, comment]}",
                "{phrases: [late, lost], kinds: [reply]}",
                "{phrases: [lost], networks: [facebook]}",
                "{phrases: [lost], sources: [other]}",
            )
        )
    )
    last = "  - {id: §late, when: {phrases: [late, lost], kinds: [post, reply]}, team: care}\n"
    reading, line, column = marked(changed("otherwise:", f"{parts}{last}otherwise:"))
    assert "the rules before it together" in at(reading.errors, line, column)[0].what


def test_all_faults_are_told_at_once_in_the_files_order() -> None:
    text = changed("lead: cleo", "lead: clea").replace("8h", "0s").replace("3d", "never")
    assert [problem.place.line for problem in read(text).errors] == [17, 25, 42]


def test_one_fault_is_told_once() -> None:
    assert len(read(changed("network: facebook", "network: facebok")).errors) == 1


REFUSED = {
    "as a person": (
        changed("  cleo:\n", "  Bean: {name: B, email: b@example.com}\n  cleo:\n").replace(
            "[ana, ben]", "[ana, §bean]"
        ),
        "Bean",
    ),
    "as a role": (
        changed("  cleo:\n", "  owner: {name: O, email: o@example.com}\n  cleo:\n").replace(
            "lead: cleo", "lead: §ownr"
        ),
        "owner",
    ),
    "as a team's": (
        changed("  cleo:\n", "  care: {name: C, email: c@example.com}\n  cleo:\n").replace("lead: cleo", "lead: §caer"),
        "care",
    ),
    "as a team": (
        changed("ladders:", "  Night Shift: {members: [ana], lead: cleo}\nladders:").replace(
            "otherwise: {team: care", "otherwise: {team: §night-shift"
        ),
        "Night",
    ),
    "as one to call": (
        changed("  cleo:\n", "  Bean: {name: B, email: b@example.com}\n  cleo:\n").replace("[backup, care]", "[§bean]"),
        "Bean",
    ),
    "as a person's team": (
        changed("ladders:", "  lead: {members: [ana], lead: cleo}\nladders:").replace("person: ana", "person: §ana"),
        "lead",
    ),
}


@pytest.mark.parametrize(("text", "refused"), REFUSED.values(), ids=REFUSED)
def test_advice_names_no_id_that_is_itself_refused(text: str, refused: str) -> None:
    reading, line, column = marked(text)
    [problem] = at(reading.errors, line, column)
    assert problem.to_do
    assert refused not in problem.to_do.replace("whose lead is called", "")


def test_a_problem_reads_like_a_compilers() -> None:
    reading = read(changed("lead: cleo", "lead: clea"))
    line = 'desk.yaml:17:11: error: there is no person "clea". Did you mean "cleo"?'
    assert [problem.line("desk.yaml") for problem in reading.errors] == [line]


def test_what_a_terminal_would_obey_is_not_repeated() -> None:
    message = read(changed("lead: cleo", 'lead: "\\e[2Jcleo"')).errors[0].line("desk.yaml")
    assert message.isprintable()


WARNINGS = {
    "urgent without a phone": (
        changed("[ana, ben]", "[ben, ana]").replace("- id: refunds", "- id: §refunds").replace("high", "urgent"),
        "ben, who owns it, has no phone number",
    ),
    "ladder longer than the deadline": (
        changed("  day: {answer_within: 8h", "  §day: {answer_within: 10m"),
        "after its deadline",
    ),
    "two sources of one account": (
        changed("  other:", "  §twin: {network: facebook, brand_account: 100}\n  other:"),
        "sources page and twin are the same account of facebook",
    ),
    "two people of one number": (
        changed("  cleo:\n", "  §cleo:\n").replace("+447700900143", "+12025550141"),
        "ana and cleo are both called by +12025550141",
    ),
    "language nobody recognizes": (
        changed(STARS, "{languages: [no]}").replace("id: stars", "id: §stars"),
        "asks for no, which no text is recognized to be",
    ),
    "person nobody calls": (
        changed("  cleo:\n", "  §dan: {name: Dan, email: dan@example.com}\n  cleo:\n"),
        "nothing ever calls dan",
    ),
}


@pytest.mark.parametrize(("text", "what"), WARNINGS.values(), ids=WARNINGS)
def test_what_is_probably_not_meant_is_told_and_works(text: str, what: str) -> None:
    reading, line, column = marked(text)
    assert reading.desk
    assert [what in problem.what for problem in at(reading.warnings, line, column)] == [True]


def test_a_desk_without_sources_is_told_to_hear_nothing() -> None:
    text = SOUND[: SOUND.index("sources:")].replace("networks: [facebook], ", "")
    assert "hears nothing" in read(text).warnings[0].what
