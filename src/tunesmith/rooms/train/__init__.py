"""train: the loop. It yields a Step after every optimiser step; whoever iterates saves, shows and stops."""

from tunesmith.rooms.train.budget import Budget
from tunesmith.rooms.train.checkpoints import restore, save
from tunesmith.rooms.train.finite import LOWER, NotFiniteError
from tunesmith.rooms.train.loop import Training
from tunesmith.rooms.train.ranks import Ranks
from tunesmith.rooms.train.train import probe, train

__all__ = ["LOWER", "Budget", "NotFiniteError", "Ranks", "Training", "probe", "restore", "save", "train"]
