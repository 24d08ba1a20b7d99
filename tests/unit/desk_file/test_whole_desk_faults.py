"""Faults in calendars, rotations, topics, conditions and manners, each told with its line and column (marked §)."""

from __future__ import annotations

import pytest

from tests.unit.desk_file.files import FULL, SOUND, at, changed, marked, read


def full(old: str, new: str) -> str:
    assert FULL.count(old) == 1, old
    return FULL.replace(old, new)


def calendar(rest: str) -> str:
    return SOUND + f"calendars:\n  office: {{time_zone: UTC, {rest}}}\n"


def people(text: str) -> str:
    return changed("teams:\n", f"{text}teams:\n")


def condition(when: str) -> str:
    return changed("{networks: [facebook], rating_at_most: 2}", when)


FAULTS = {
    "phone of no country": (changed('"+12025550141"', '§"+9991234567"'), "cannot exist", "Check its digits"),
    "phone too short for its country": (changed('"+12025550141"', '§"+1202555014"'), "of +1 are longer", ""),
    "phone too long for its country": (changed("+447700900143", "§+4477009001434"), "of +44 are longer or", ""),
    "language by name": (full("languages: [es, en]", "languages: [es, §english]"), "no language", "Write en "),
    "language by a rarer name": (full("[es, en]", "[es, §Norwegian]"), "no language", "Write no "),
    "language with a region": (full("languages: [es, en]", "languages: [§es-MX]"), "no language", "Write es "),
    "unknown second back-up": (full("backup: [ben, cleo]", "backup: [ben, §clea]"), "no person", '"cleo"'),
    "circle of second back-ups": (
        people("  dan: {name: D, sms: '+12025550142', backup: [cleo, eve]}\n")
        .replace("  dan", "  §dan")
        .replace("teams:\n", "  eve: {name: E, sms: '+12025550142', backup: [cleo, dan]}\nteams:\n"),
        "circle: dan → eve → dan",
        "Leave one",
    ),
    "person with the id of a rotation": (
        full("  cleo: {name: Cleo", "  §shifts: {name: S, sms: +447700900143}\n  cleo: {name: Cleo"),
        '"shifts" is a rotation too',
        "another id",
    ),
    "team with the id of a rotation": (full("  press: {members", "  §helpers: {members"), "a rotation too", "team"),
    "rotation named like a role": (full("  shifts: {time", "  §lead: {time"), "a role on every ladder", "rotation"),
    "person named like the team of all": (
        "people:\n  §everyone: {name: E, sms: +447700900143}\n",
        '"everyone" is a team too',
        "another id",
    ),
    "hours without days": (calendar("hours: §09:00-17:00"), "written by days", "mon-fri"),
    "unknown day": (calendar("hours: {§mon-frid: 09:00-17:00}"), 'no day', 'Did you mean "fri"?'),
    "days without quotes in braces": (calendar("hours: {§sat, sun: 09:00-17:00}"), "has no hours", '"sat, sun": …'),
    "day given twice": (calendar('hours: {mon-fri: "9:00-17:00", §wed: closed}'), "wed is here twice", "once"),
    "opening of one time": (calendar("hours: {mon: §09:00}"), "no opening", "09:00-17:00"),
    "opening after midnight of the next day": (calendar("hours: {mon: §09:00-25:00}"), "no opening", ""),
    "opening of no length": (calendar("hours: {mon: §09:00-09:00}"), "ends as it starts", "00:00-24:00"),
    "openings that overlap": (calendar('hours: {mon: §"09:00-13:00, 12:00-17:00"}'), "overlap", "once"),
    "night that reaches into the morning": (
        calendar('hours: §{mon: "22:00-06:00", tue: "05:00-09:00"}'),
        "reaches into the next day",
        "",
    ),
    "sunday night that reaches into monday": (
        calendar('hours: §{sun: "22:00-06:00", mon: "05:00-09:00"}'),
        "reaches into the next day",
        "",
    ),
    "hours never open": (calendar("hours: §{mon-sun: closed}"), "never open", ""),
    "working hours never open": (
        changed("  ben:\n", "  ben:\n    working_hours: §{mon: closed}\n"),
        "never open",
        "",
    ),
    "calendar closed for a year": (
        calendar("hours: {mon: 09:00-17:00}, exceptions: {2026-03-01..2026-12-31: closed, 2027-01-01..2027-06-30: §}")
        .replace("§", "closed").replace("  office", "  §office"),
        "closed for a whole year",
        "exceptions",
    ),
    "calendar without zone": (SOUND + "calendars:\n  §office: {hours: {mon: 09:00-17:00}}\n", "no `time_zone`", "Add"),
    "calendar in no zone": (full("Europe/Berlin", "§Europe/Berln"), "no time zone", '"Europe/Berlin"'),
    "calendar named always": (
        SOUND + "calendars:\n  §always: {time_zone: UTC, hours: {mon: 09:00-17:00}}\n",
        "always open",
        "another id",
    ),
    "unknown calendar": (full("calendar: office", "calendar: §ofice"), "no calendar", 'Did you mean "office"?'),
    "unknown country": (full("holidays: [GB,", "holidays: [§Germany,"), "no holidays are known for", "Write DE"),
    "unknown subdivision": (full("subdivision: BY", "subdivision: §BX"), "DE has no subdivision", "BW, BY"),
    "holidays without country": (full("{country: DE, subdivision: BY}", "§{subdivision: BY}"), "no `country`", "Add"),
    "date that is none": (full("2026-12-24: ", "§2026-02-30: "), "there is no day", "2026-12-24"),
    "date in words": (full("2026-12-24: ", "§christmas: "), "no date", "2026-12-24"),
    "date out of reach": (full("until: 2026-08-02", "until: §9999-12-31"), "out of reach", "at most 2199"),
    "date before all time": (full("from: 2026-08-01", "from: §0001-01-01"), "out of reach", ""),
    "date given twice": (full("2027-01-01: ", "§2026-12-28: "), "2026-12-28 is here twice", "once"),
    "dates in disorder": (full("2026-12-27..2026-12-31", "§2026-12-31..2026-12-27"), "ends before", "2026-12-27.."),
    "dates without end": (full("2026-12-27..2026-12-31", "§2026-12-27..2036-12-31"), "longer than a year", ""),
    "rotation without people": (full("people: [ana, ben], starts", "people: §[], starts"), "empty", "Put something"),
    "rotation of nobody known": (full("people: [ana, ben], starts", "people: [ana, §bne], starts"), "no person", "ben"),
    "rotation without start": (
        full("  shifts: {time_zone: Europe/Madrid, people: [ana, ben], starts: 2026-01-05,",
             "  §shifts: {time_zone: Europe/Madrid, people: [ana, ben],"),
        "no `starts`",
        "Add",
    ),
    "rotation with layers and people": (
        full("    layers:\n", "    §people: [ana]\n    layers:\n"),
        "has layers too",
        "in a layer",
    ),
    "rotation without layers": (
        SOUND + "rotations:\n  r: {time_zone: UTC, layers: §[]}\n",
        "needs layers",
        "people",
    ),
    "turn of no length": (full("every: 3 days", "every: §0 days"), "no length of a turn", "1 week"),
    "turn in months": (full("every: 3 days", "every: §1 month"), "no length of a turn", "1 week"),
    "hand-over that is no time": (full('hand_over: "08:00"', "hand_over: §24:00"), "no time of day", "09:00"),
    "override of an unknown rotation": (
        full("rotation: helpers, remove", "rotation: §helper, remove"), "no rotation", '"helpers"'
    ),
    "override of an unknown person": (full("replace: ana", "replace: §anna"), "no person", '"ana"'),
    "override without rotation": (full("{rotation: helpers, remove: ben", "§{remove: ben"), "no `rotation`", "Add"),
    "override without action": (full("{rotation: helpers, remove: ben,", "§{rotation: helpers,"), "not none", "away"),
    "override with two actions": (full("remove: ben,", "remove: ben, add: ana,").replace(
        "{rotation: helpers, remove", "§{rotation: helpers, remove"), "not add and remove", ""),
    "replacement by nobody": (full("{rotation: shifts, replace: ana, with: cleo,", "§{rotation: shifts, replace: ana,"),
                              "no `with`", "Add"),
    "replacement by themselves": (full("replace: ana, with: cleo", "replace: ana, with: §ana"), "stand in for", ""),
    "addition in place of somebody": (full("add: cleo,", "add: cleo, §with: ana,"), "takes nobody else", "replace"),
    "absence from one rotation": (full("{away: ana,", "{away: ana, §rotation: shifts,"), "wherever", "remove"),
    "override that ends before it starts": (
        full("from: 2026-06-01, until: 2026-06-02", "from: 2026-06-03, until: §2026-06-02"),
        "ends before it starts",
        "Exchange",
    ),
    "override at no time": (full("from: 2026-12-20 09:00", "from: §2026-12-20 nine"), "no time of day", ""),
    "overrides by ids": (full("overrides:\n", "overrides: §{a: b}\nlosts:\n"), "is a list", "- {away"),
    "rounds without end": (full("rounds: 3", "rounds: §1000"), "from 0 to 20", ""),
    "no rounds": (full("rounds: 3", "rounds: §0"), "too little", "at least 1"),
    "unknown channel": (full("channels: [email]", "channels: [§mail]"), "no channel", 'Did you mean "email"?'),
    "unknown channel of manners": (full("urgent: sms", "urgent: §fax"), "no channel", "sms"),
    "manners of an unknown priority": (full("{low: email", "{§lo: email"), '`channels` has no "lo"', '"low"'),
    "reminder longer than the target": (full("remind: [50%, 15m]", "remind: §[50%, 5h]"), "before the post", "less"),
    "reminder at the end": (full("remind: [50%, 15m]", "remind: [§100%]"), "not between 1% and 99%", "50%"),
    "reminder of nothing": (full("remind: [50%, 15m]", "remind: [§soon]"), "no duration", ""),
    "end before the answer": (full("resolve_within: 3d", "resolve_within: §3h"), "before it is answered", "more"),
    "unknown topic": (full("    topic: health", "    topic: §healt"), "no topic", 'Did you mean "health"?'),
    "topic of an unknown team": (full("team: press, backup", "team: §pres, backup"), "no team", '"press"'),
    "crisis that is neither": (full("crisis: yes", "crisis: §maybe"), "neither yes nor no", "true or false"),
    "guidance without end": (full("Say sorry.", "§" + "x" * 1001).replace('"§x', '§"x'), "too long", "1000"),
    "unknown list": (full("{list: fans}", "{list: §fan}"), "no list", 'Did you mean "fans"?'),
    "author of a list that is none": (full('["@Lena", BEANBAG]', '[§"@"]'), "no author", "handle"),
    "phrases beside text": (condition("{§phrases: [a b], text: {none: [c]}}"), "both here", "text: {any"),
    "text that asks for nothing": (condition("{text: §{}}"), "asks for nothing", "any"),
    "star inside a phrase": (condition('{phrases: [§"can*el"]}'), "has a * inside", "end"),
    "star alone": (condition('{phrases: [§"*"]}'), "no word begins", "cancel*"),
    "star after a blank": (condition('{phrases: [§"cancel *"]}'), "no word begins", "cancel*"),
    "star after one letter": (condition('{phrases: [§"c*"]}'), "almost every post", "letters"),
    "unknown sentiment": (condition("{sentiment: §angry}"), "no sentiment", "Write one of"),
    "unknown language in a rule": (condition("{languages: [§klingon]}"), "no language", "ISO 639-1"),
    "domain with a scheme": (condition("{links: [§https://example.com]}"), "no domain", "example.com"),
    "few followers and many": (condition("{followers_at_least: §9, followers_at_most: 5}"), "no number of", "never"),
    "calendar that is always open": (condition("{during: §always}"), "open at any time", "calendars"),
    "during and outside one calendar": (full("      during: office", "      during: office\n      outside: §office"),
                                        "open and closed at once", "never"),
    "author who is no repeat author": (condition("{repeat_author: §no}"), "asks for nothing", "not:"),
    "more earlier posts than are kept": (condition("{repeat_author: {posts: §21}}"), "from 0 to 20", ""),
    "no earlier posts": (condition("{repeat_author: {posts: §0}}"), "too little", "at least 1"),
    "condition inside that says nothing": (condition("{any: [{kinds: post}, §{}]}"), "says nothing", ""),
    "no conditions inside": (condition("{any: §[]}"), "empty", "Put something"),
    "unknown field inside": (condition("{not: {§phrase: [x y]}}"), 'has no "phrase"', '"phrases"'),
    "conditions nested without end": (
        condition("{not: {not: {not: {not: §{kinds: post}}}}}"),
        "deeper than 4",
        "several rules",
    ),
    "tags in words": (full("tags: [quality, call-back]", "tags: [§Call Back]"), "cannot be an id", '"call-back"'),
    "no team for the rest": (
        "§" + FULL.replace("otherwise: {topic: refunds, priority: normal}\n", ""), "no `otherwise`", "Add"
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "what", "to_do"), FAULTS.values(), ids=FAULTS)
def test_fault(text: str, what: str, to_do: str) -> None:
    reading, line, column = marked(text)
    assert reading.desk is None
    found = at(reading.errors, line, column)
    assert found, [problem.line("desk.yaml") for problem in reading.errors]
    assert any(what in problem.what and to_do in problem.to_do for problem in found), found


@pytest.mark.parametrize("number", ["+12025550141", "+447700900143", "+15550101001", "+4915123456789"])
def test_numbers_set_aside_for_examples_pass(number: str) -> None:
    assert read(changed('"+12025550141"', number)).desk


WARNINGS = {
    "calendar nobody uses": (calendar("hours: {mon: 09:00-17:00}").replace("  office", "  §office"), "nothing uses"),
    "rotation nobody calls": (
        SOUND + "rotations:\n  §r: {time_zone: UTC, people: [ana], starts: 2026-01-05}\n",
        "nothing calls rotation r",
    ),
    "rotation that has not begun": (
        full("  shifts: {", "  §shifts: {").replace("[ana, ben], starts: 2026-01-05", "[ana, ben], starts: 2027-01-05"),
        "nobody on call before 2027-01-05",
    ),
    "topic no rule gives": (full("topics:\n", "topics:\n  §idle: {priority: low}\n"), "no rule gives"),
    "override of somebody not in the rotation": (
        full("- {rotation: shifts, replace: ana, with: cleo", "- §{rotation: shifts, replace: cleo, with: ana"),
        "not in rotation shifts",
    ),
    "urgent by mail alone": (full("urgent: sms", "urgent: email").replace("manners:", "§manners:"), "by mail alone"),
    "urgent without a phone in a rotation": (full("id: illness", "id: §illness"), "ben, who owns it, has no phone"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "what"), WARNINGS.values(), ids=WARNINGS)
def test_what_is_probably_not_meant_is_told_and_works(text: str, what: str) -> None:
    reading, line, column = marked(text)
    assert reading.desk, reading.errors
    assert [what in problem.what for problem in at(reading.warnings, line, column)] == [True]
