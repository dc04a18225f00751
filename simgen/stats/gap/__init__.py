"""How far apart two sets of images are, and in what: `simgen gap`.

`sides` opens them, `scale` makes them comparable, `pictures` reads them; `appearance` and `content`
measure; `distances` and `ranking` compare; `embeddings` and `features` let a network look;
`report` puts it together, `page` shows it.
"""
