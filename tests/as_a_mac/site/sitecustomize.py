"""Makes every Python that starts on the stage believe that it runs on a Mac; see played_mac."""

import os
from importlib import import_module

if "PLAYED_MAC" in os.environ:
    import_module("played_mac").take_the_stage()
