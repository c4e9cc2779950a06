"""Files of other people for tests of importing, and the dry run of one."""

from typing import Any

from lib.desk.desk import Desk
from lib.domain.rules.permissions import Actor
from lib.services.data.importing import Checked, check_rows, plan_import
from lib.services.data.importing.mapping import mapping_of


def dry_run(desk: Desk, actor: Actor, text: str, mapping: dict[str, Any] | None = None) -> Checked:
    """The dry run of a CSV file; `mapping` in plain values, else as suggested."""
    given = None if mapping is None else mapping_of(mapping)
    plan = plan_import(desk, actor=actor, content=text.encode(), filename="cases.csv", mapping=given)
    return check_rows(desk, plan)
