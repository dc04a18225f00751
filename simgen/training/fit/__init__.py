"""`simgen fit`: a config whose datasets resemble real photographs.

`target` measures the photographs; `drafts` renders scenes and stores what they show; `content`
adjusts the number and size of objects, round by round; `sensor` searches the settings of the
sensor; `fitting` combines these steps, and `written` writes the config and what it matches.
"""
