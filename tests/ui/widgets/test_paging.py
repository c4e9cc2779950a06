"""A long list is shown a part at a time, and its button says how many the next one adds."""

from streamlit.testing.v1 import AppTest


def test_each_press_shows_the_next_part_until_all_are_shown() -> None:
    def page() -> None:
        import streamlit as st

        from lib.ui.widgets.paging import show_more

        shown = st.session_state.get("rows", 20)
        st.write(str(min(shown, 47)))
        show_more("rows", shown=shown, of=47, step=20)

    at = AppTest.from_function(page, default_timeout=20).run()
    seen = []
    while at.button:
        seen.append((at.markdown[0].value, "".join(filter(str.isdigit, at.button[0].label))))
        at.button[0].click().run()
    assert seen == [("20", "20"), ("40", "7")]
    assert at.markdown[0].value == "47"
