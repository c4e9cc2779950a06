"""Setting up a spreadsheet, or upgrading one that people have worked in: first a plan of what it lacks, then one batch.

A plan is made from what stands in the spreadsheet now, so that a second one is empty. Nothing of people's is deleted or
moved: missing columns come after the last one, and what is a matter of taste is done once (see `formats`, `views`);
what was done is remembered in a cell of the app's own tab.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC
from itertools import count
from typing import Any

from lib.domain.records.people import Staff
from lib.domain.records.record import Record
from lib.domain.records.workspace import ListItem
from lib.domain.rules.workflow import Workflow
from lib.errors import WriteTooLarge
from lib.i18n import Language, in_language, t
from lib.store.codec import decode
from lib.store.schema import SCHEMA, Schema, Tab
from lib.store.sheets.api.client import SheetsClient
from lib.store.sheets.model.cells import Cells
from lib.store.sheets.model.layout import (
    FIELDS,
    META,
    ROWS,
    Layout,
    add_sheet,
    headed_twice,
    headers,
    places,
    read_layout,
    sheet_id,
    technical,
)
from lib.store.sheets.model.meta import MetaCell, only_cell, put_json, range_of, read_object
from lib.store.sheets.model.tabs import sheet_tabs
from lib.store.sheets.model.updates import Request
from lib.store.sheets.model.vocabulary import Vocabulary
from lib.store.sheets.setup import choices, formats, provisioning, readme_tab, rules, views
from lib.store.sheets.setup.choices import Words
from lib.store.sheets.setup.inspect import (
    CHOICES,
    README,
    Present,
    PresentTab,
    new_tab,
    own_titles,
    read_present,
    title_of,
)
from lib.store.sheets.setup.steps import SheetStep

LIMIT = 2_000_000  # bytes of one request
_FIRST_TAB = SheetStep("first_tab", "", (), [{"deleteSheet": {"sheetId": 0}}])  # of a spreadsheet that was just made


@dataclass(frozen=True)
class Workspace:
    """What the set-up must know of the workspace. `seeds` are the list entries of a sheet that has none yet, `fixed`
    those that are never in a sheet (stages, roles), `low` the scores of a survey that are low, by column."""

    language: Language
    time_zone: str
    editor: str
    workflow: Workflow
    seeds: Sequence[ListItem] = ()
    fixed: Sequence[ListItem] = ()
    low: Mapping[str, int] = field(default_factory=dict)
    schema: Schema = field(default_factory=lambda: sheet_tabs(SCHEMA))


@dataclass(frozen=True)
class SetUp:
    """What a spreadsheet lacks, in the order in which it is done."""

    steps: Sequence[SheetStep]

    @property
    def requests(self) -> list[Request]:
        return [request for step in self.steps for request in step.requests]

    @property
    def done(self) -> list[SheetStep]:
        """The steps that the set-up does; the others need somebody who knows the sheet."""
        return [step for step in self.steps if not step.by_hand]


def plan(client: SheetsClient, workspace: Workspace, *, new: bool = False, lost_too: bool = False) -> SetUp:
    """Compare a spreadsheet with the schema; reads only. With `lost_too` columns without header are made anew, empty.

    No call for a `new` one that was just made, one where nothing is ours yet, else four.
    """
    just_made: Mapping[str, Any] = {"properties": {"timeZone": workspace.time_zone}}
    metadata = just_made if new else client.metadata(f"properties.timeZone,{FIELDS}")
    layout, own = read_layout(metadata), own_titles(metadata)
    missing = provisioning.missing(client, layout, workspace.schema, workspace.language, lost_too=lost_too)
    if layout.sheets or own:
        present, answer = read_present(client, layout, own)
        words, memory = _read_words(client, layout, workspace)
    else:
        present, answer = Present({}, metadata.get("properties", {}).get("timeZone", "")), {}
        words, memory = Words(workspace.language, [*workspace.seeds, *workspace.fixed], ()), {}
    with in_language(workspace.language):
        titles = [sheet["properties"]["title"] for sheet in metadata.get("sheets", ())]
        planner = _Planner(workspace, present, answer, words, memory, missing, titles)
        return SetUp([*planner.steps(), *([_FIRST_TAB] if new else [])])


def carry_out(client: SheetsClient, wanted: SetUp) -> None:
    """One batch: all of it or nothing; no call where nothing is to be done.

    Raises WriteTooLarge; Rejected where somebody else changed the sheet since the plan was made.
    """
    requests = wanted.requests
    if not requests:
        return
    body = json.dumps({"requests": requests}, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    if len(body) > LIMIT:
        raise WriteTooLarge(len(body), LIMIT)
    client.update(body)


def _read_words(client: SheetsClient, layout: Layout, workspace: Workspace) -> tuple[Words, Mapping[str, Any]]:
    """Lists and people as the sheet has them, and what was done before."""
    names = [name for name in ("lists", "staff") if name in layout.sheets]
    own = [layout.range(META, range_of(MetaCell.MEMORY))] if META in layout.sheets else []
    ranges = [*own, *(layout.range(name) for name in names)]
    found = [part.get("values", []) for part in client.values(ranges)] if ranges else []
    memory = read_object(only_cell(found[0])) if own else {}
    read = dict(zip(names, found[len(own) :], strict=True))
    items = [one for one in _records("lists", read.get("lists", [])) if isinstance(one, ListItem)]
    staff = [one for one in _records("staff", read.get("staff", [])) if isinstance(one, Staff)]
    return Words(workspace.language, [*(items or workspace.seeds), *workspace.fixed], staff), memory


def _records(name: str, rows: Sequence[Sequence[Any]]) -> Sequence[Record]:
    tab = SCHEMA[name]
    there = places(tab, rows[0]) if rows else {}
    if tab.key not in there:
        return ()
    found = Cells(UTC, Vocabulary("en")).rows(tab, there, rows[1:])
    return list(decode(tab, [row for row in found if tab.key in row])[0])


class _Planner:
    """Finds out what is missing, tab by tab."""

    def __init__(
        self,
        workspace: Workspace,
        present: Present,
        answer: Mapping[str, Any],
        words: Words,
        memory: Mapping[str, Any],
        missing: Sequence[provisioning.MissingPart],
        taken: Sequence[str],
    ) -> None:
        self._workspace, self._memory, self._missing = workspace, memory, missing
        self._schema, self._taken = workspace.schema, taken
        self._wanted = choices.wanted_columns(words, workspace.workflow, self._schema)
        old = present.tabs.get(CHOICES)
        self._choice_rows = choices.texts_of(answer, sheet_id(CHOICES))
        self._readme_rows = choices.texts_of(answer, sheet_id(README))
        self._at = choices.placed(old, self._wanted)
        self._present = replace(present, tabs=self._tabs_after(present))
        self._new_memory: dict[str, Any] = {**memory}

    @property
    def _tabs(self) -> Mapping[str, PresentTab]:
        return self._present.tabs

    def _tabs_after(self, present: Present) -> dict[str, PresentTab]:
        """The tabs as they will be with what is missing."""
        tabs = dict(present.tabs)
        language = self._workspace.language
        for step in self._missing:
            if step.tab == META:
                continue
            tab = self._schema[step.tab]
            if step.columns:
                tabs[step.tab] = tabs[step.tab].with_columns(step.texts)
            else:
                tabs[step.tab] = new_tab(step.tab, title_of(tab, language), headers(tab, language), ROWS)
        height = 1 + max(len(texts) for texts in self._wanted.values())
        tabs.setdefault(CHOICES, new_tab(CHOICES, CHOICES, list(self._at), height))
        tabs.setdefault(README, new_tab(README, t("Read me"), [""], 30, frozen=0))
        return tabs

    def steps(self) -> Iterator[SheetStep]:
        """In the order in which Google is to do them."""
        yield from self._time_zone()
        yield from self._provision()
        yield from self._lost()
        yield from self._choices()
        yield from self._readme()
        for name, tab in self._schema.items():
            if name in self._tabs:
                yield from self._columns(self._tabs[name], tab)
        for name in (CHOICES, META):
            yield from self._own_guard(name)
        yield from self._views()
        if self._new_memory != self._memory:
            yield SheetStep("memory", META, (), [self._remember()])

    def _time_zone(self) -> Iterator[SheetStep]:
        """Times are numbers on the wall clock of the workspace, and NOW() must be on the same."""
        wanted = self._workspace.time_zone
        if self._present.time_zone != wanted:
            update = {"properties": {"timeZone": wanted}, "fields": "timeZone"}
            yield SheetStep("time_zone", "", (wanted,), [{"updateSpreadsheetProperties": update}])

    def _provision(self) -> Iterator[SheetStep]:
        if not self._missing:
            return
        first, *rest = self._missing
        together = _with_free_titles(provisioning.requests_of(self._missing, self._schema), self._taken)
        yield SheetStep("columns" if first.columns else "tab", first.tab, first.columns, together)
        for step in rest:
            yield SheetStep("columns" if step.columns else "tab", step.tab, step.columns, [])

    def _lost(self) -> Iterator[SheetStep]:
        for name, tab in self._schema.items():
            there = self._tabs[name].places
            lost = tuple(key for key in (*tab.columns, *technical(name)) if key not in there)
            if lost:
                yield SheetStep("lost", name, lost)
            if twice := headed_twice(tab, self._tabs[name].texts):
                yield SheetStep("twice", name, tuple(twice))

    def _choices(self) -> Iterator[SheetStep]:
        tab = self._tabs[CHOICES]
        names = choices.stale(self._choice_rows, self._at, self._wanted)
        if not names:
            return
        made = [self._add(tab, hidden=True)] if tab.fresh else []
        shown = tuple(name for name in names if not name.endswith(choices.KNOWN)) or tuple(names)
        requests = [*made, *choices.column_requests(tab, names, self._at, self._wanted)]
        yield SheetStep("choices", CHOICES, shown, requests)

    def _add(self, tab: PresentTab, *, hidden: bool = False) -> Request:
        frozen, index = tab.frozen[0], 0 if tab.name == README else len(self._schema) + 1
        size = {"rows": tab.rows, "columns": max(tab.columns, 1), "index": index, "frozen": frozen}
        made = add_sheet(tab.name, tab.title, hidden=hidden, **size)
        return _with_free_titles([made], self._taken)[0]

    def _readme(self) -> Iterator[SheetStep]:
        """Written anew where the text is another now and nobody wrote into it."""
        tab, rows = self._tabs[README], readme_tab.readme_rows()
        wanted = readme_tab.shown(rows)
        there = [row[0] if row else "" for row in self._readme_rows]
        if there == wanted:
            self._new_memory["readme"] = readme_tab.fingerprint(wanted)
        elif tab.fresh or self._memory.get("readme") == readme_tab.fingerprint(there):
            made = [self._add(tab)] if tab.fresh else []
            self._new_memory["readme"] = readme_tab.fingerprint(wanted)
            yield SheetStep("readme", README, (), [*made, *readme_tab.readme_requests(tab, rows, len(there))])

    def _columns(self, tab: PresentTab, schema_tab: Tab) -> Iterator[SheetStep]:
        yield from self._look(tab, schema_tab)
        if names := formats.unformatted(tab, schema_tab):
            yield _step("formats", tab, names, formats.format_requests(tab, schema_tab, names))
        if not schema_tab.technical:
            if names := rules.without_dropdown(self._present, schema_tab, self._at):
                requests = rules.dropdown_requests(self._present, schema_tab, names, self._at)
                yield _step("dropdowns", tab, names, requests)
            wanted = rules.wanted_rules(self._present, schema_tab, self._at)
            if names := rules.wrong_rules(tab, schema_tab, wanted):
                yield _step("colours", tab, names, rules.rule_requests(tab, wanted, names))
        yield from self._guards(tab, rules.missing_guards(tab, schema_tab))

    def _look(self, tab: PresentTab, schema_tab: Tab) -> Iterator[SheetStep]:
        met = () if tab.fresh else self._memory.get("met", {}).get(tab.name, ())
        names = [key for key in (*schema_tab.columns, *technical(tab.name)) if key in tab.places and key not in met]
        if names:
            self._new_memory["met"] = {**self._new_memory.get("met", {}), tab.name: [*met, *names]}
            yield _step("look", tab, names, formats.look_requests(tab, schema_tab, names))

    def _guards(self, tab: PresentTab, guards: Sequence[rules.Protection]) -> Iterator[SheetStep]:
        if guards:
            names = [name for guard in guards for name in (guard.names or (f"({guard.what})",))]
            yield _step("protection", tab, names, rules.guard_requests(tab, guards, self._workspace.editor))

    def _own_guard(self, name: str) -> Iterator[SheetStep]:
        """The journal takes whole rows away and puts them back: only the app may write there."""
        tab = self._tabs.get(name, PresentTab(name, name, 0, 0))
        yield from self._guards(tab, rules.missing_guards(tab, None))

    def _views(self) -> Iterator[SheetStep]:
        made = self._memory.get("views", [])
        for view in views.missing_views(self._present, made):
            request = views.view_request(view, self._present, self._at, self._workspace.low)
            self._new_memory["views"] = [*self._new_memory.get("views", []), view.name]
            yield SheetStep("views", view.tab, (view.title,), [request])
        for view in views.short_views(self._present):
            yield SheetStep("longer_views", view.tab, (view.title,), [views.longer_request(view)])

    def _remember(self) -> Request:
        return put_json(MetaCell.MEMORY, self._new_memory)


def _with_free_titles(requests: Sequence[Request], taken: Sequence[str]) -> list[Request]:
    """People may have a tab of their own with the name of one of ours; ours then gets a number."""
    used = {title.casefold() for title in taken}
    found = []
    for request in requests:
        properties = request.get("addSheet", {}).get("properties", {})
        if properties.get("title", "").casefold() in used:
            free = next(
                f"{properties['title']} {n}" for n in count(2) if f"{properties['title']} {n}".casefold() not in used
            )
            found.append({"addSheet": {"properties": {**properties, "title": free}}})
        else:
            found.append(request)
    return found


def _step(kind: Any, tab: PresentTab, names: Sequence[str], requests: Iterator[Request]) -> SheetStep:
    return SheetStep(kind, tab.name, tuple(names), list(requests))
