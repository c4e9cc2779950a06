"""The script that Streamlit runs for every page: language, sign-in gate, menu, frame; then the page itself.

No page body runs before sign-in, on any path and also on the very first request: the gate stands before `page.run()`,
and the folder of this script has no pages/ beside it that Streamlit could serve by itself.
"""

from pathlib import Path

import streamlit as st

from lib.app import process
from lib.errors import CasesheetError
from lib.ui.frame import failures, frame, languages, sign_in
from lib.ui.frame.app_pages import PUBLIC, navigation
from lib.ui.session.identity import current_actor, current_staff
from lib.ui.widgets import uploads

# Not a :material/ icon: as the icon of a browser tab that would be loaded from another host.
MARK = Path(__file__).with_name("mark.svg")

st.set_page_config(page_title="Casesheet 案件台账", page_icon=MARK, layout="wide")  # i18n: data
languages.choose()
try:
    desk = process.desk()
except CasesheetError as failed:
    _, asked = navigation(None)
    failures.show_closed(failed, public=asked.permission == PUBLIC)
    st.stop()
process.wake(desk)
process.presence.touch()
staff = current_staff(desk)
languages.choose(staff, desk.settings.default_language)
actor = current_actor(desk)
first_password = actor is not None and sign_in.must_change_password(desk, actor)
page, about = navigation(None if first_password else actor)
sign_in.keep_session()
if about.permission == PUBLIC:
    frame.public(desk)
    with uploads.page_run():
        page.run()
elif actor is None:
    sign_in.show(desk)
elif first_password:
    sign_in.show_first_password(desk)
else:
    with st.sidebar:
        frame.side(desk, actor)
    frame.top(desk, actor)
    with uploads.page_run():
        page.run()
