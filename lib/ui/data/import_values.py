"""What the values of choices and people become: one table for each column of them, beside the table of columns."""

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from lib.domain.records.people import Staff
from lib.i18n import N_, t, tn
from lib.services.data.importing import ColumnRule
from lib.services.data.importing.fields import importable
from lib.services.data.importing.values import Meaning, meanings
from lib.ui.session.page import Here
from lib.ui.words.markdown import plain

SHOWN = 200  # values of one column; what nothing knows comes first
HOW = {"chosen": N_("chosen by hand"), "known": N_("known"), "unknown": N_("unknown")}


def edit(here: Here, header: str, rule: ColumnRule, values: Mapping[str, int], *, key: str) -> dict[str, str]:
    """What the person decided about values of a column: {text: code}, begun with what `rule` says."""
    found = meanings(here.desk, rule, values)
    unknown = sum(not one.code for one in found)
    label = importable()[rule.field].label(here.language)
    title = f"{plain(header)} → {label} · {tn('{n} value', '{n} values', len(found))}"
    if unknown:
        title += f" · :orange[{tn('{n} unknown', '{n} unknown', unknown)}]"
    with st.expander(title, expanded=bool(unknown) and rule.on_unknown == "reject", icon=":material/swap_horiz:"):
        if len(found) > SHOWN:
            st.caption(t("The first {n} are shown.", n=SHOWN))
        return {**rule.values, **_decided(here, rule.field, found[:SHOWN], key)}


def _decided(here: Here, field: str, found: Sequence[Meaning], key: str) -> dict[str, str]:
    labels = _choices(here, field)
    frame = st.data_editor(
        pd.DataFrame(
            [
                {"text": one.text, "count": one.count, "becomes": one.code or None, "how": t(HOW[one.how])}
                for one in found
            ],
            columns=["text", "count", "becomes", "how"],
        ).astype({"becomes": object}),
        column_config={
            "text": st.column_config.TextColumn(t("Value"), disabled=True, width=200),
            "count": st.column_config.NumberColumn(t("Cells"), disabled=True, width=80),
            "becomes": st.column_config.SelectboxColumn(
                t("Means"), options=list(labels), format_func=lambda code: labels.get(str(code), str(code)), width=200
            ),
            "how": st.column_config.TextColumn(t("How it is known"), disabled=True, width=120),
        },
        hide_index=True,
        key=key,
        placeholder="—",
        alt=t("Values"),
    )  # fmt: skip
    codes = {one.text: one.code for one in found}
    rows = frame.to_dict("records")
    return {
        row["text"]: row["becomes"]
        for row in rows
        if isinstance(row["becomes"], str) and row["becomes"] != codes[row["text"]]
    }


def _choices(here: Here, field: str) -> dict[str, str]:
    """What a value can become: {code: label}."""
    column = importable()[field]
    if column.kind == "person":
        return {one.staff_id: one.name or one.email for one in here.desk.snapshot[Staff].values()}
    return {code: here.label(column.choices, code) for code in here.desk.lists.codes(column.choices)}
