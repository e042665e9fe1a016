"""What is a check, and how is it counted?"""

import sys
import traceback


class Report:
    """Counts checks. A check is a function that raises where something is wrong, and may tell what it saw."""

    def __init__(self):
        self.passed = self.failed = 0

    def check(self, name, function):
        try:
            seen = function()
        except Exception as error:
            self.failed += 1
            print(f"FAIL {name}: {error}")
            if not isinstance(error, AssertionError):
                traceback.print_exc(file=sys.stdout)
        else:
            self.passed += 1
            print(f"ok   {name}" + (f": {seen}" if seen else ""))
        sys.stdout.flush()


def expect(what, seen, wanted):
    assert seen == wanted, f"{what}: {seen!r} instead of {wanted!r}"
