"""Which of several processes this is, by what their launcher wrote into the environment."""

import os
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where this process stands: ``rank`` of ``world``, with ``local_world`` of them on this machine."""

    rank: int = 0
    world: int = 1
    local_rank: int = 0
    local_world: int = 1

    @property
    def is_main(self) -> bool:
        """Whether this is the process that plans, prints, writes and saves."""
        return self.rank == 0


def place() -> Place:
    """This process's place as the launcher states it; alone where there is none."""

    def stated(name: str, otherwise: int) -> int:
        return int(os.environ.get(name, otherwise))

    world = stated("WORLD_SIZE", 1)
    rank = stated("RANK", 0)
    return Place(
        rank=rank,
        world=world,
        local_rank=stated("LOCAL_RANK", rank),
        local_world=stated("LOCAL_WORLD_SIZE", world),
    )
