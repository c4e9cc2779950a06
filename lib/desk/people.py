"""Members of staff as people name them."""

from collections.abc import Mapping

from lib.desk.desk import Desk
from lib.domain.records.people import Staff
from lib.domain.text.cleaning import folded
from lib.domain.text.meaning import meanings
from lib.store.snapshot.snapshot import Table


def person_for(desk: Desk, text: str) -> str | None:
    """The staff id that an id, an e-mail address or a name means; None where it is nobody's, or that of several."""
    return desk.snapshot[Staff].derive(by_text).get(folded(text))


def by_text(table: Table[Staff]) -> Mapping[str, str]:
    """{folded text: staff id}: an id goes before an address, an address before a name."""
    people = tuple(table.values())
    return meanings(
        ((one.staff_id, one.staff_id) for one in people),
        ((one.email, one.staff_id) for one in people),
        ((one.name, one.staff_id) for one in people),
    )
