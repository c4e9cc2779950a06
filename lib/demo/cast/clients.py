"""The clients of the demo workspace."""

from dataclasses import dataclass
from random import Random

from lib.demo.cast.texts import Places, places


@dataclass(frozen=True, slots=True)
class MadeUpClient:
    """A made-up client with one home. The numbers are of a range that the form allows and nobody has."""

    name: str
    address: str
    phone: str
    branch: str
    community: str
    building: str
    unit: str
    room: str
    deal_no: str


NOBODY = MadeUpClient("", "", "", "", "", "", "", "", "")


class Clients:
    """Gives a client for each case, now and then one who has been here before."""

    def __init__(self, rng: Random, *, repeat: float = 0.17) -> None:
        self._rng, self._repeat = rng, repeat
        self._known: list[MadeUpClient] = []

    def next(self, community: str = "") -> MadeUpClient:
        """A client, of one community when it is named."""
        before = [client for client in self._known if community in ("", client.community)]
        if before and self._rng.random() < self._repeat:
            return self._rng.choice(before)
        client = _client(self._rng, len(self._known) + 1, places(), community)
        self._known.append(client)
        return client


def _client(rng: Random, number: int, known: Places, community: str) -> MadeUpClient:
    branch = rng.choices(list(known.communities), weights=(45, 30, 25))[0]
    if community:
        branch = next(code for code, names in known.communities.items() if community in names)
    surname = rng.choice(known.surname)
    floor, door = rng.randint(2, 28), rng.randint(1, 4)
    return MadeUpClient(
        name=surname + rng.choice(known.given),
        address=surname + rng.choice(("先生", "女士")),
        phone=f"1990000{number % 9000:04d}",
        branch=branch,
        community=community or rng.choice(known.communities[branch]),
        building=f"{rng.randint(1, 22)} 幢",
        unit=f"{rng.randint(1, 3)} 单元",
        room=f"{floor}{door:02d}",
        deal_no=f"{'BCD'[list(known.communities).index(branch)]}J{rng.randint(2023, 2025)}{rng.randint(1, 9999):04d}",
    )
