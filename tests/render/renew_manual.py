"""Write man/portaudit-rules.7 anew: `python -m tests.render.renew_manual`, or `make manual`."""

from pathlib import Path

from portaudit.analysis.explaining import explanations
from portaudit.render.explanations import manual_page

PAGE = Path(__file__).parents[2] / "man" / "portaudit-rules.7"

if __name__ == "__main__":
    PAGE.write_text(manual_page(explanations()), encoding="utf-8")
