"""What a page does in the browser that nothing native does, in the one place where scripts stand.

Their texts never change, and what they work with stands beside them as data: the content security policy lets exactly
these through (`lib.api.headers`), whatever else may get into a page.
"""

import re
from html import escape
from pathlib import Path
from typing import Final

import streamlit as st

from lib.i18n import t

_KEEP: Final = """(() => {
  const place = document.currentScript.previousElementSibling;
  fetch(new URL("auth/keep", document.baseURI), {method: "POST", body: place.dataset.code})
    .then((answer) => { if (!answer.ok) throw new Error(answer.status); })
    .catch(() => { place.hidden = false; });
})();"""
_END: Final = """(() => {
  const home = () => window.location.replace(new URL(".", document.baseURI));
  fetch(new URL("auth/end", document.baseURI), {method: "POST"}).then(home, home);
})();"""
_PLACE: Final = """(() => {
  const wanted = document.currentScript.previousElementSibling.dataset.key;
  const place = document.querySelector(".st-key-" + wanted);
  if (!place) return;
  %s
})();"""
_ENTER: Final = (
    _PLACE
    % """place.scrollIntoView({behavior: "smooth", block: "center"});
  place.querySelector("input, textarea, button, [tabindex]")?.focus({preventScroll: true});"""
)
_BEGIN: Final = (
    _PLACE
    % """place.style.scrollMarginTop = "4rem";
  place.scrollIntoView({behavior: "smooth", block: "start"});"""
)
SCRIPTS: Final = (_KEEP, _END, _ENTER, _BEGIN)
"""Every script that our pages bring along."""


def keep_session(code: str) -> None:
    """Take the cookie of a new session from the route that sets it; where that fails, say what follows."""
    failed = t("This browser did not keep your sign-in: after a reload you will have to sign in again.")
    _run(_KEEP, f'data-code="{escape(code)}"', escape(failed))


def end_session() -> None:
    """Have the cookie forgotten, and go to the front door."""
    _run(_END)


def enter(key: str) -> None:
    """Bring a widget into view and put the cursor into it; `key` as in the class that Streamlit gives it."""
    _run(_ENTER, f'data-key="{escape(key)}"')


def begin(key: str) -> None:
    """Bring the beginning of something into view; the focus stays where it is."""
    _run(_BEGIN, f'data-key="{escape(key)}"')


def _run(script: str, data: str = "", words: str = "") -> None:
    """The script, after the element with its data; the words in it are shown when the script says so."""
    st.html(f'<p role="alert" hidden {data}>{words}</p><script>{script}</script>', unsafe_allow_javascript=True)


def scripts_of_streamlit() -> tuple[str, ...]:
    """The inline scripts of the page that Streamlit itself sends."""
    page = Path(st.__file__).with_name("static") / "index.html"
    return tuple(re.findall(r"<script>(.*?)</script>", page.read_text(encoding="utf-8"), re.DOTALL))
