"""Plain data that the other packages exchange.

Input: nothing.
Output: `SceneSpec` (every decision of a scene), `RawFrame` (the arrays of a render), random
    streams keyed by seed, scene and factor.
May import: nothing of simgen but `errors`.
"""
