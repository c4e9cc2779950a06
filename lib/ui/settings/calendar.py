"""The working calendar: the next weeks as they are, and days that the manager sets by hand."""

from datetime import date, timedelta

import pandas as pd
import streamlit as st

from lib.config.holidays import BETWEEN
from lib.domain.records.case import Case
from lib.domain.records.fields import columns
from lib.domain.records.workspace import CalendarDay
from lib.i18n import N_, format_date, format_datetime, t, tn
from lib.services.workspace import lists
from lib.services.workspace.calendar_changes import CalendarChange, latest_changes
from lib.ui.session.page import Here
from lib.ui.widgets.forms import open_form
from lib.ui.widgets.messages import flash
from lib.ui.widgets.submit import submit
from lib.ui.words.markdown import plain

DAYS = 21  # of the calendar shown
AHEAD = 120  # days within which the next deadlines fall: a year that begins in them should be announced
WEEKDAYS = (
    N_("Monday"), N_("Tuesday"), N_("Wednesday"), N_("Thursday"), N_("Friday"), N_("Saturday"), N_("Sunday"),
)  # fmt: skip
HOLIDAYS = (
    N_("New Year's Day"), N_("Spring Festival"), N_("Tomb-sweeping Day"), N_("Labour Day"), N_("Dragon Boat Festival"),
    N_("National Day"), N_("Mid-autumn Festival"), N_("Anti-Fascist 70th Day"),
)  # fmt: skip
"""The names that the public holidays come with; those of the configuration are shown as written."""
_FORM = "calendar.day"


def show(here: Here) -> None:
    """Both halves side by side; on a phone the days set by hand come first."""
    by_hand, coming = st.columns(2, gap="large")
    with by_hand:
        st.subheader(t("Days set by hand"), anchor=False)
        _overrides(here)
        if here.actor.may("lists.edit"):
            _set_day(here)
    with coming:
        st.subheader(t("The next three weeks"), anchor=False)
        _unconfirmed(here)
        _coming(here)
        st.caption(t("Deadlines that run follow a change of the calendar. Days promised to clients stay; call them."))
    _changes(here)


def _changes(here: Here) -> None:
    """What the latest changes moved, and which promises to clients they touched; of the cases that this person may
    see."""
    for found in latest_changes(here.desk):
        moved = tn("{n} case moved", "{n} cases moved", found.cases)
        title = t("Calendar changed on {time}", time=format_datetime(found.at, here.desk.settings.zone))
        with st.expander(f"{title} · {moved}", icon=":material/event_repeat:"):
            _promises(here, found)
            _moved(here, found)


def _promises(here: Here, found: CalendarChange) -> None:
    rows = [
        {t("Case"): one.case_no, t("Promised to the client"): _field(here, one.field), t("Day"): format_date(one.day)}
        for one in found.promises
        if _may_see(here, one.case_no)
    ]
    if rows:
        st.warning(t("These days were told to clients and did not move. Call them, or keep the promise."))
        st.dataframe(pd.DataFrame(rows), hide_index=True, alt=t("Promised to the client"))


def _moved(here: Here, found: CalendarChange) -> None:
    zone = here.desk.settings.zone
    rows = [
        {
            t("Case"): one.case_no,
            t("Deadline"): _field(here, one.field),
            t("Was due"): format_datetime(one.before, zone),
            t("Is due"): format_datetime(one.after, zone),
        }
        for one in found.moved
        if _may_see(here, one.case_no)
    ]
    if rows:
        st.dataframe(pd.DataFrame(rows), hide_index=True, alt=t("Deadlines that moved"))


def _may_see(here: Here, case_no: str) -> bool:
    case = here.desk.snapshot[Case].get(case_no)
    return case is not None and here.actor.may("case.view", case)


def _field(here: Here, name: str) -> str:
    return columns(Case)[name].label(here.language)


def _unconfirmed(here: Here) -> None:
    """Says which year to come is counted without its holidays, because nobody has announced them."""
    year = (here.now.date() + timedelta(days=AHEAD)).year
    if not here.desk.calendar.confirmed(year):
        st.warning(
            t("Deadlines in {year} use the normal week until the holidays are published, and are marked.", year=year),
            title=t("{year} holidays not announced yet", year=year),
            icon=":material/event_upcoming:",
        )


def _coming(here: Here) -> None:
    days = [here.now.date() + timedelta(days=n) for n in range(DAYS)]
    rows = [
        {
            t("Day"): format_date(day),
            t("Weekday"): t(WEEKDAYS[day.weekday()]),
            t("Working hours"): _hours(here, day),
            t("Why"): _why(here, day),
        }
        for day in days
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True, height="content", alt=t("The next three weeks"))


def _hours(here: Here, day: date) -> str:
    return "  ".join(map(str, here.desk.calendar.spans(day))) or t("closed")


def _why(here: Here, day: date) -> str:
    """What makes the day other than the week says."""
    override = here.desk.snapshot[CalendarDay].get(day.isoformat())
    if override is not None:
        return override.name or t("set by hand")
    config = here.desk.config.calendar
    if holiday := config.holidays.get(day):
        return BETWEEN.join(t(name) if name in HOLIDAYS else name for name in holiday.split(BETWEEN))
    if not here.desk.calendar.confirmed(day.year):
        return t("{year} holidays not announced yet", year=day.year)
    return t("make-up workday") if day in config.make_up_days else ""


def _overrides(here: Here) -> None:
    table = here.desk.snapshot[CalendarDay]
    if not table:
        st.caption(t("None. Holidays come with the configuration; set here what differs in your brokerage."))
    for key in sorted(table, reverse=True):
        day = table[key]
        with st.container(horizontal=True, vertical_alignment="center"):
            hours = day.spans or t("closed")
            st.markdown(
                f"**{format_date(date.fromisoformat(key))}** {hours}  \n:small[{plain(day.name)}]", width="stretch"
            )
            if here.actor.may("lists.edit") and st.button(t("Take back"), key=f"calendar.clear.{key}"):
                _clear(here, date.fromisoformat(key))


def _clear(here: Here, day: date) -> None:
    with submit():
        lists.clear_day(here.desk, actor=here.actor, day=day)
        flash(t("Saved"))


def _set_day(here: Here) -> None:
    form = open_form(_FORM)
    key = form.key
    with st.form(key):
        first, last = st.columns(2)
        day = first.date_input(t("Day"), None, key=f"{key}.day", format="YYYY-MM-DD")
        until = last.date_input(t("Until (for several days)"), None, key=f"{key}.until", format="YYYY-MM-DD")
        name = st.text_input(t("Name"), key=f"{key}.name", placeholder=t("such as annual meeting"))
        spans = st.text_input(
            t("Working hours"),
            key=f"{key}.spans",
            placeholder="09:00-12:00 13:30-18:30",
            help=t("Leave it empty for a day on which you are closed."),
        )
        if not st.form_submit_button(t("Set the day"), icon=":material/event:"):
            return
    if day is None:
        st.error(t("Choose a day."))
        return
    with submit(form):
        lists.set_day(
            here.desk, actor=here.actor, day=day, until=until, name=name or "", spans=spans or "",
            commit_id=form.commit_id,
        )  # fmt: skip
        flash(t("Saved"))
