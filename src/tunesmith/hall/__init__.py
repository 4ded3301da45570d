"""What stands between the verbs and the rooms: a plan is made ready, a run begun, kept, folded and closed."""
