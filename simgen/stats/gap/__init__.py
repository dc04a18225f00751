"""Compares two sets of images: how much they differ, and in which quantities (`simgen gap`).

`sides` opens the sets, `scale` makes them comparable, and `pictures` reads the images;
`appearance` and `content` measure them, `distances` and `ranking` compare the measurements,
`embeddings` and `features` compare the vectors of a network; `report` assembles the result, and
`page` writes it.
"""
