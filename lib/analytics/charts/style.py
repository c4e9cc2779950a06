"""What all charts share. Colour means state only (red late, amber soon, blue waiting, green done, grey closed);
everything else is one neutral hue in steps of lightness, which print and every kind of colour vision keep apart."""

from typing import Any

import altair as alt

LATE, SOON, WAITING, DONE, CLOSED = "#b3382c", "#c98a1b", "#3b78a8", "#4c8055", "#9aa4ad"
NEUTRAL = "#4f6d87"
STEPS = ("#48698b", "#7492ae", "#9fb6c9", "#ccd8e2")
"""The neutral hue from dark to light, for ordered things such as priorities; all are seen on a dark page too."""
HEAT = ("#f1f4f7", "#2c4258")
"""From nothing to the most, with figures written upon it."""
HEIGHT = 260
PERCENT = "%"


def x(field: str, title: str = "", **options: Any) -> alt.X:
    """A row of named columns in the order of the data."""
    axis = alt.Axis(labelAngle=0, labelOverlap=True, grid=False)
    return alt.X(f"{field}:O", title=title or None, sort=None, axis=axis, **options)


def y(field: str, title: str = "", *, format: str = ",d", right: bool = False, **options: Any) -> alt.Y:
    """A measured height from zero; its title is horizontal above the axis, where Chinese is easy to read too."""
    place: dict[str, Any] = {"titleAngle": 0, "titleAlign": "right" if right else "left", "titleY": -10, "titleX": 0}
    axis = alt.Axis(format=format, tickCount=5, tickMinStep=0 if format == PERCENT else 1, grid=not right, **place)
    return alt.Y(f"{field}:Q", title=title or None, axis=axis, **options)


def line(colour: str = "") -> dict[str, Any]:
    """A line with a mark at every value; without a colour in the first of the page's theme, which stands out from bars
    on a light and on a dark page."""
    if not colour:
        return {"strokeWidth": 2, "point": True}
    return {"color": colour, "strokeWidth": 2, "point": alt.OverlayMarkDef(color=colour)}


def rows(field: str) -> alt.Y:
    """Named rows in the order of the data, with long names in full."""
    return alt.Y(f"{field}:N", title=None, sort=None, axis=alt.Axis(labelLimit=180, domain=False, ticks=False))


def tip(field: str, title: str, format: str = "") -> alt.Tooltip:
    """One line of what the pointer shows: a number in its format, or a text without one."""
    if not format:
        return alt.Tooltip(f"{field}:N", title=title)
    return alt.Tooltip(f"{field}:Q", title=title, format=format)


def framed(chart: Any, *, height: int = HEIGHT) -> Any:
    return chart.properties(height=height, width="container")
