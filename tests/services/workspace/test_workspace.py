"""Setting up a workspace, and what a later version adds to it."""

from lib.desk.desk import Desk
from lib.domain.records.workspace import ListItem
from lib.domain.rules.permissions import system_actor
from lib.services.workspace import workspace
from lib.store.commit.batch import remove


def _take_out(desk: Desk, *items: ListItem) -> None:
    desk.save(system_actor(), [remove(item) for item in items])


def test_a_list_that_is_new_is_added_and_a_deleted_entry_stays_out(desk: Desk) -> None:
    entries = list(desk.snapshot[ListItem].values())
    whole = [item for item in entries if item.list_name == "channel"]
    deleted = next(item for item in entries if item.list_name == "kind")
    _take_out(desk, deleted, *whole)
    assert workspace.add_new_lists(desk) == len(whole) > 1
    assert {item.item_id for item in whole} <= desk.snapshot[ListItem].keys()
    assert deleted.item_id not in desk.snapshot[ListItem]
    assert workspace.add_new_lists(desk) == 0


def test_a_workspace_that_is_not_set_up_is_left_alone(desk: Desk) -> None:
    _take_out(desk, *desk.snapshot[ListItem].values())
    assert workspace.add_new_lists(desk) == 0
