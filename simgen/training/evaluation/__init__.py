"""How well a detector does: matching, average precision, kinds of errors, intervals."""
