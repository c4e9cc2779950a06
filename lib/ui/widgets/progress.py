"""The bar of a long act."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import streamlit as st


@contextmanager
def progress(text: str) -> Iterator[Callable[[int, int], None]]:
    """A bar for as long as the act takes; what it gives is called with (done, total)."""
    bar = st.progress(0.0, text=text)

    def show(done: int, total: int) -> None:
        bar.progress(min(1.0, done / max(1, total)), text=f"{text} · {done} / {total}")

    try:
        yield show
    finally:
        bar.empty()
