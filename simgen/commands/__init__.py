"""The command lines. Words come in; text and an exit code go out. May import everything else."""
