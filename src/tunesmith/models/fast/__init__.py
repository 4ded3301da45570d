"""The same mathematics for less work: encoders without padding, dropout with cheap random numbers, memory that stays.

Nothing is opened here, so that what plans a run may look at ``kinds`` without loading torch.
"""
