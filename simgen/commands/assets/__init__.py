"""`simgen assets`: a library of models made, listed, installed."""
