"""Studies: what is trained on what, run so that it can be stopped and continued."""
