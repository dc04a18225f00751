"""Words printed on objects, without real brands."""

from __future__ import annotations

WORDS = (
    "the", "of", "and", "in", "a", "river", "garden", "night", "letters", "house", "winter",
    "north", "light", "stone", "history", "atlas", "field", "morning", "silent", "paper",
    "island", "music", "city", "road", "summer", "guide", "modern", "small", "green", "water",
    "journey", "kitchen", "science", "birds", "work", "design", "people", "shadow", "forest",
    "letter", "home", "sea", "mountain", "story",
)  # fmt: skip
NAMES = (
    "Alder", "Brandt", "Castell", "Doran", "Ekman", "Farrow", "Garcia", "Holm", "Ivanova",
    "Jansen", "Keller", "Lindgren", "Moreau", "Novak", "Okafor", "Petit", "Quinn", "Rossi",
    "Sato", "Tanaka", "Usman", "Vogel", "Weber", "Young", "Zeman",
)  # fmt: skip
BRANDS = (
    "Nova", "Vita", "Luma", "Orbis", "Finca", "Alba", "Kora", "Terra", "Sole", "Mira", "Delta",
    "Puro", "Fresca", "Bella", "Rondo", "Tivo", "Aster", "Crema", "Zesta", "Polar", "Maris",
    "Verde",
)  # fmt: skip
GOODS = (
    "classic", "original", "crunchy", "organic", "tea", "cereal", "biscuits", "rice", "pasta",
    "coffee", "soap", "crackers", "cleaner", "muesli", "cocoa", "light", "bulbs", "batteries",
    "vitamins", "noodles", "snack", "bar", "juice", "sparkling", "lemon",
)  # fmt: skip
"""The first four of `GOODS` are adjectives, the others name products."""
