"""The columns of a file as an editable table: what each becomes, and what is done with unknown values."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import pandas as pd
import streamlit as st

from lib.i18n import N_, format_percent, t
from lib.services.data.importing import ColumnRule, ImportMapping, ImportPlan
from lib.services.data.importing.fields import TELLING, importable
from lib.services.data.importing.mapping import Undated, mapping_of
from lib.services.data.importing.values import has_values
from lib.tabular.headers import Suggestion
from lib.tabular.table import is_blank
from lib.ui.data import import_values
from lib.ui.session.page import Here

REASONS = {
    "same_name": N_("same name"),
    "alias": N_("known name"),
    "words": N_("by the words of its name"),
    "similar_name": N_("similar name"),
    "values": N_("by its values"),
    "nothing_fits": N_("nothing fits"),
}
UNKNOWN = {"reject": N_("reject the row"), "empty": N_("leave empty"), "add": N_("add to the list")}
ORDERS = {
    None: N_("as the file shows"),
    "ymd": N_("year first"),
    "dmy": N_("day first"),
    "mdy": N_("month first"),
}
UNDATED = {
    "": N_("do not import them"),
    "new": N_("they are new today, their clocks begin now"),
    "day": N_("they were all logged on one day"),
}
DEFAULTS = ("kind", "channel", "stage", "priority", "branch", "department")
SAMPLES, SAMPLE_LENGTH = 3, 40


Counted = Callable[[str, str], Mapping[str, int]]
"""The distinct values of a column that fills a field, in how many cells each."""


def edit(here: Here, plan: ImportPlan, begin: ImportMapping, counted: Counted, *, key: str) -> ImportMapping | None:
    """The mapping as the person has it now, begun with `begin`; None (and why) while it cannot be used.

    Raises InvalidFields.
    """
    frame = st.data_editor(
        _frame(plan, begin),
        column_config=_columns(here),
        hide_index=True,
        height="content" if len(plan.headers) <= 25 else 600,
        key=f"{key}.columns",
        placeholder="—",
        alt=t("Columns of the file"),
    )
    chosen = {row["header"]: row for row in frame.to_dict("records") if isinstance(row["field"], str)}
    values = _values(here, begin, chosen, counted, key)
    undated = _undated(begin, dated=any(row["field"] == "taken_at" for row in chosen.values()), key=key)
    clocks = st.toggle(
        t("Run the clocks of open cases since their intake"), begin.clocks, key=f"{key}.clocks",
        help=t("Otherwise old cases have no deadlines and raise no alerts before somebody takes them up."),
    )  # fmt: skip
    options = _options(here, begin, key)
    trouble = _trouble(here, chosen) or ("" if undated is not None else t("Say what cases without a date are."))
    if trouble:
        st.warning(trouble, icon=":material/rule:")
        return None
    rules = {
        header: _rule(begin.columns.get(header), row, options) | values.get(header, {})
        for header, row in chosen.items()
    }
    kept = {name: options[name] for name in ("source", "defaults")}
    return mapping_of({**kept, "undated": undated, "clocks": clocks, "columns": rules})


def _frame(plan: ImportPlan, begin: ImportMapping) -> pd.DataFrame:
    rows = []
    for at, header in enumerate(plan.headers):
        rule = begin.columns.get(header)
        rows.append(
            {
                "header": header,
                "field": rule.field if rule else None,
                "sample": _sample(plan, at),
                "why": _why(plan.suggestions.get(header), rule),
                "on_unknown": rule.on_unknown if rule and has_values(rule.field) else None,
            }
        )
    return pd.DataFrame(rows, columns=["header", "field", "sample", "why", "on_unknown"], dtype=object)


def _columns(here: Here) -> dict[str, Any]:
    labels = {name: column.label(here.language) for name, column in importable().items()}
    select = st.column_config.SelectboxColumn
    text = st.column_config.TextColumn
    return {
        "header": text(t("Column of the file"), disabled=True, pinned=True, width=150),
        "field": select(t("Becomes"), options=list(labels), format_func=lambda name: labels[str(name)], width=150),
        "sample": text(t("Values"), disabled=True, width=230),
        "why": text(t("Suggested because"), disabled=True, width=150),
        "on_unknown": select(
            t("Unknown values"), options=list(UNKNOWN), format_func=lambda key: t(UNKNOWN[str(key)]), width=130,
            help=t("For choices and people: what to do with a value that is in no list."),
        ),
    }  # fmt: skip


def _sample(plan: ImportPlan, at: int) -> str:
    values = [str(row.cells[at]) for row in plan.sample(50) if not is_blank(row.cells[at])]
    distinct = list(dict.fromkeys(values))[:SAMPLES]
    return " | ".join(text if len(text) <= SAMPLE_LENGTH else f"{text[:SAMPLE_LENGTH]}…" for text in distinct)


def _why(guess: Suggestion | None, rule: ColumnRule | None) -> str:
    if guess is None or guess.target is None:
        return t(REASONS["nothing_fits"]) if rule is None else t("chosen by hand")
    if rule is None or rule.field != guess.target:
        return t("chosen by hand")
    return f"{t(REASONS[guess.reason])} · {format_percent(guess.confidence)}"


def _values(
    here: Here, begin: ImportMapping, chosen: Mapping[str, Mapping[str, Any]], counted: Counted, key: str
) -> dict[str, dict[str, Any]]:
    """What the values of the columns with choices and people mean, as part of their rules."""
    fields = {header: str(row["field"]) for header, row in chosen.items() if has_values(row["field"])}
    if fields:
        st.markdown(f"**{t('What their values mean')}**")
    return {
        header: {"values": import_values.edit(
            here, header, _begun(begin, header, name), counted(header, name), key=f"{key}.{header}.{name}"
        )}
        for header, name in fields.items()
    }  # fmt: skip


def _begun(begin: ImportMapping, header: str, name: str) -> ColumnRule:
    rule = begin.columns.get(header)
    return rule if rule is not None and rule.field == name else ColumnRule(field=name)


def _undated(begin: ImportMapping, *, dated: bool, key: str) -> Undated | None:
    """What cases without a date are; None until it is said. Nobody says it for the person where no column has dates."""
    offered = [name for name in UNDATED if dated or name]
    begun = "day" if isinstance(begin.undated, date) else begin.undated
    with st.container(horizontal=True, vertical_alignment="bottom"):
        picked = st.radio(
            t("Rows without a date") if dated else t("No column says when the cases were logged"),
            offered, index=offered.index(begun) if begun in offered else None,
            format_func=lambda name: t(UNDATED[name]), key=f"{key}.undated.{dated}", horizontal=True,
        )  # fmt: skip
        if picked != "day":
            return "new" if picked == "new" else ("" if picked is not None else None)
        day = begin.undated if isinstance(begin.undated, date) else None
        return st.date_input(t("Logged on"), day, max_value="today", key=f"{key}.undated_day", width=180)


def _options(here: Here, begin: ImportMapping, key: str) -> dict[str, Any]:
    with st.expander(t("Where the file says nothing, and other options"), icon=":material/tune:"):
        left, right = st.columns(2)
        with left:
            defaults = {name: _default(here, begin, name, key) for name in DEFAULTS}
        with right:
            source = st.text_input(
                t("Name of the source"), begin.source, max_chars=60, key=f"{key}.source",
                help=t("Keeps the numbers of several systems apart."),
            )  # fmt: skip
            order = st.selectbox(
                t("Dates such as 03/04/26"), list(ORDERS), format_func=lambda k: t(ORDERS[k]), key=f"{key}.order"
            )
            keep = st.toggle(
                t("Move invalid phone numbers to the description"),
                any(rule.keep_as_text for rule in begin.columns.values()), key=f"{key}.keep",
                help=t("Otherwise such rows are rejected."),
            )  # fmt: skip
    return {
        "defaults": {k: v for k, v in defaults.items() if v},
        "source": source or "",
        "order": order,
        "keep": keep,
    }


def _default(here: Here, begin: ImportMapping, name: str, key: str) -> str:
    column = importable()[name]
    codes = list(here.desk.lists.codes(column.choices))
    value = getattr(begin.defaults, name)
    picked = st.selectbox(
        column.label(here.language), codes, index=codes.index(value) if value in codes else None,
        format_func=lambda code: here.label(column.choices, code), placeholder=t("Choose"), key=f"{key}.default.{name}",
    )  # fmt: skip
    return str(picked or "")


def _trouble(here: Here, chosen: Mapping[str, Mapping[str, Any]]) -> str:
    """Why the mapping cannot be used, in words; empty when it can."""
    owners: dict[str, str] = {}
    for header, row in chosen.items():
        first = owners.setdefault(row["field"], header)
        if first != header:
            label = importable()[row["field"]].label(here.language)
            return t("“{first}” and “{second}” both become “{field}”.", first=first, second=header, field=label)
    if not owners.keys() & {*TELLING}:
        return t("Choose the column that tells what a case is about: it becomes the description or the title.")
    return ""


def _rule(begun: ColumnRule | None, row: Mapping[str, Any], options: Mapping[str, Any]) -> dict[str, Any]:
    """The rule of one column; what the table does not show is kept from where it began."""
    column = importable()[row["field"]]
    kept = begun.model_dump(exclude_unset=True) if begun and begun.field == row["field"] else {}
    rule = {**kept, "field": row["field"]}
    if has_values(row["field"]) and isinstance(row["on_unknown"], str):  # an empty cell comes back as NaN
        rule["on_unknown"] = row["on_unknown"]
    if column.kind in ("time", "date") and options["order"] is not None:
        rule["order"] = options["order"]
    if column.kind == "phone":
        rule["keep_as_text"] = options["keep"]
    return rule
