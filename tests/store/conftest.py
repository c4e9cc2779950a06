"""A PostgreSQL server, started at the first test that wants one."""

import os
from collections.abc import Iterator

import pytest

from tests.store import postgres


@pytest.fixture(scope="module")
def server() -> Iterator[postgres.Server]:
    if url := os.environ.get(postgres.VARIABLE):
        yield postgres.Server(url)
        return
    programs = postgres.programs()
    if programs is None:
        why = f"no PostgreSQL here: neither its programs nor {postgres.VARIABLE}"
        if os.environ.get("CI") == "true":
            pytest.fail(why)
        pytest.skip(why)
    with postgres.throw_away(programs) as own:
        yield own
