"""What every column of a file is probably meant for: names, words and values weighed together."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from lib.desk.desk import Desk
from lib.desk.people import person_for
from lib.domain.text.cleaning import folded
from lib.services.data.importing.fields import aliases, importable, targets, value_aliases
from lib.services.data.importing.suggesting.looks import Look
from lib.services.data.importing.suggesting.weights import weights
from lib.services.data.importing.suggesting.words import Said, said_by
from lib.tabular.header_rows import BETWEEN
from lib.tabular.headers import Judged, Reason, Suggestion, suggest
from lib.tabular.table import FileTable

_BY_WORDS, _BY_WORDS_AND_STEP = 0.8, 0.92
_BY_VALUES = 0.7  # a list that knows nearly all values
_LONGEST_TEXT = 0.65
_BEGINNING = 0.65
_DOUBTFUL = 0.4  # the name says so, the values do not
_CHOICES = ("kind", "channel", "stage", "priority", "relation", "category", "department")
_NOTHING = Suggestion(None, 0.0, "nothing_fits")
_MAY_BE_THE_STORY = frozenset({None, "title", "wanted_outcome", "stated_cause"})
_TOLD_IN = frozenset({"text", "matter", "title", "demand", "cause"})
_REMARK = Said("", frozenset({"remark"}), steps=False)
_RATHER_LONG, _LONG = 16, 40
_BECOME_DATES = frozenset({"building", "unit", "room"})  # 3-12 in a spreadsheet
_ENDS = ("closed_at", "answered_at", "resolve_due")

Known = Mapping[str, Callable[[str], bool]]


def suggestions(desk: Desk, table: FileTable) -> dict[str, Suggestion]:
    """What every column is probably meant for.

    A column that has the very name of a day, a time, a number or a room is suggested for it even if its values do not
    fit: they are then refused one by one, which is seen, and not left out, which is not.
    """
    rows = [row.cells for row in table.rows]
    looks = {header: Look.of(rows, at) for at, header in enumerate(table.headers)}
    words = {header: said_by(header) for header in table.headers}
    known = _known(desk)
    judged = {header: _judge(header, words[header], looks[header], known) for header in table.headers}
    found = {header: _usable(guess) for header, guess in suggest(table.headers, rows, targets(), judged).items()}
    found |= _by_name_alone(table.headers, found, looks)
    found |= _beginning(found, looks, words, rows, table.headers)
    return found | _story(found, looks, words)


def _known(desk: Desk) -> Known:
    """For choices and people, which texts stand for one: codes, labels and known values of other systems."""
    found: dict[str, Callable[[str], bool]] = {
        name: partial(_in_list, desk, importable()[name].choices) for name in _CHOICES
    }
    return found | {"assignee": lambda text: person_for(desk, text) is not None}


def _in_list(desk: Desk, name: str, text: str) -> bool:
    return desk.lists.code_for(name, text) is not None or folded(text) in value_aliases().get(name, {})


def _judge(header: str, said: Said, look: Look, known: Known) -> Judged:
    """What the words of the header and the values of the column say."""
    word = said.field
    offers: dict[str, tuple[float, Reason]] = {}
    if word:
        offers[word] = (_BY_WORDS_AND_STEP if said.steps else _BY_WORDS, "words")
    if word != "" and not look.figures:  # 1, 2, 3 stand in many lists
        for name in _fitting(look, known):
            if word in (None, name) or {word, name} <= {"category", "kind", "relation", "title", "stated_cause"}:
                offers[name] = max(offers.get(name, (0.0, "values")), (_BY_VALUES + 0.15 * bool(word), "values"))
    # A word that nobody knows makes `School Phone Number` something else.
    similar = word is None and not (said.kinds and header.isascii())
    if word == "" and BETWEEN in header:  # 维修人员-电话: the name below is known, but not whose it is
        return Judged(similar=False, weights=dict.fromkeys(importable(), 0.0))
    return Judged(offers, similar=similar, weights=weights(look, known))


def _fitting(look: Look, known: Known) -> Iterable[str]:
    """The choices of which the values are."""
    if len(look.texts) >= 3:
        yield from (name for name, is_known in known.items() if look.share(is_known) >= 0.8)


def _by_name_alone(
    headers: Sequence[str], found: Mapping[str, Suggestion], looks: Mapping[str, Look]
) -> dict[str, Suggestion]:
    taken = {guess.target for guess in found.values()}
    late = {}
    for header, named in suggest(headers, [], targets()).items():
        column = importable().get(named.target or "")
        told = column is not None and (column.kind != "text" or named.target in _BECOME_DATES)
        known = told and named.reason in ("same_name", "alias")
        if known and found[header].target is None and named.target not in taken and looks[header].values:
            late[header] = replace(named, confidence=_DOUBTFUL)
    return late


def _usable(guess: Suggestion) -> Suggestion:
    """Nothing for what no field of a case is; a mere likeness counts only for the fields whose names are known well."""
    fits = guess.target in importable() and (guess.reason != "similar_name" or guess.target in aliases())
    return guess if fits else _NOTHING


def _beginning(
    found: Mapping[str, Suggestion],
    looks: Mapping[str, Look],
    words: Mapping[str, Said],
    rows: Sequence[Sequence[object]],
    headers: Sequence[str],
) -> dict[str, Suggestion]:
    """Where no name says when a case began: the column of dates that lie before those of every other."""
    fields = {guess.target for guess in found.values()}
    if "taken_at" in fields:
        return {}
    free = [
        header
        for header in headers
        if found[header].target is None and looks[header].dates and words[header].field != ""
    ]
    ends = [header for header in headers if found[header].target in _ENDS and looks[header].dates]
    for header in free:
        others = [other for other in (*free, *ends) if other != header]
        if all(_lies_before(rows, headers.index(header), headers.index(other)) for other in others):
            return {header: Suggestion("taken_at", _BEGINNING, "values")}
    return {}


def _lies_before(rows: Sequence[Sequence[object]], one: int, other: int) -> bool:
    pairs = [(str(row[one]), str(row[other])) for row in rows[:200] if row[one] and row[other]]
    return sum(first <= second for first, second in pairs) >= 0.9 * len(pairs)


def _story(
    found: Mapping[str, Suggestion], looks: Mapping[str, Look], words: Mapping[str, Said]
) -> dict[str, Suggestion]:
    """Where no name says what the case is about: the longest text of those that are not for something else."""
    if any(guess.target == "description" for guess in found.values()):
        return {}
    free = [header for header, guess in found.items() if guess.target in _MAY_BE_THE_STORY]
    long = [header for header in free if looks[header].prose and looks[header].length >= _enough(words[header])]
    free = [header for header in free if words[header].field != "" and words[header].kinds <= _TOLD_IN]
    remarks = [header for header in long if words[header] == _REMARK]  # where nothing else tells it
    texts = [header for header in long if header in free] or remarks
    if texts:
        header = max(texts, key=lambda text: looks[text].length)
        return {header: Suggestion("description", _LONGEST_TEXT, "values")}
    matters = (header for header in free if "matter" in words[header].kinds and not looks[header].values)
    return {header: replace(found[header], target="description") for header in matters if found[header].target}


def _enough(said: Said) -> float:
    """How long a text must be: more where the header does not say that it is one."""
    return _LONG if said.field is None and not said.kinds else _RATHER_LONG
