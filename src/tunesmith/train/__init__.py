"""train: the loop. It yields a Step after every optimiser step; whoever iterates saves, shows and stops."""

from tunesmith.train.train import train

__all__ = ["train"]
