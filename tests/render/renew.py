"""Write the golden files anew: `python -m tests.render.renew`."""

from tests.render.golden import CASES, GOLDEN, golden, rendered


def renew():
    """Write every file, and take away those that no case wants any more."""
    wanted = {golden(form, scenario): rendered(form, scenario) for form, scenario in CASES}
    for path in GOLDEN.glob("*/*.*"):
        if path not in wanted:
            path.unlink()
    for path, text in wanted.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())


if __name__ == "__main__":
    renew()
