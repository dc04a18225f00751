"""`simgen assets`: imports, lists and checks models in an asset folder."""
