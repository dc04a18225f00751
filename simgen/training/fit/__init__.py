"""A config whose datasets resemble real photographs: `simgen fit`.

`target` measures the photographs; `drafts` makes scenes and keeps what they show; `content` moves
the ranges of numbers and sizes of objects, round by round; `appearance` searches the sensor's;
`fitting` puts it together, and `written` writes the config and what it matches.
"""
