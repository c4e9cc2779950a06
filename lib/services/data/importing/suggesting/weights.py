"""Which fields the values of a column speak against, whatever its name says."""

from collections.abc import Callable, Mapping

from lib.services.data.importing.suggesting.looks import Look

_NO = 0.0
_HARDLY = 0.3
_LESS = 0.65
_LONG = 40  # no name of anything
Known = Mapping[str, Callable[[str], bool]]


def weights(look: Look, known: Known) -> dict[str, float]:
    """Factors of fields, 0 to 1; those not named are as likely as their names say."""
    if not look.values:
        return {}
    found: dict[str, float] = {}
    if look.dates or look.figures:
        found |= dict.fromkeys(
            ("title", "description", "answer_text", "location", "stated_cause", "wanted_outcome"), _NO
        )
    if look.figures:
        found |= {"client_name": _LESS, "department": _LESS, "assignee": _LESS, "community": _LESS}
    if look.offices:
        found |= {"title": _NO, "description": _NO, "client_name": _LESS, "assignee": _HARDLY}
    if look.prose and look.length >= _LONG:
        short = (
            "client_name",
            "assignee",
            "department",
            "category",
            "kind",
            "channel",
            "relation",
            "source_ref",
            "room",
        )
        found |= dict.fromkeys((*short, "unit", "building", "deal_no", "community", "priority", "stage"), _HARDLY)
    if look.choice:
        found |= {"description": _LESS, "source_ref": _LESS}
    if look.people and not look.offices:
        found["department"] = _LESS
    if look.texts and look.share(known["kind"]) >= 0.8:
        found["category"] = _HARDLY
    elif len(look.texts) >= 3 and not look.share(known["kind"]):
        found["kind"] = _HARDLY
    return found
