"""Studies: plan what is trained on what, and run it so that it can be interrupted and resumed."""
