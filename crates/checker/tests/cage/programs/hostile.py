"""What hostile programs share: they know what to attack, and say how it went."""

import os


def targets():
    """What to attack: the lines of a file beside this one."""
    folder = os.path.dirname(os.path.abspath(__file__))
    with open(os.path.join(folder, "targets")) as file:
        return file.read().splitlines()


def attempt(attack, *arguments):
    """Does it. What is refused ends nothing: there is more to attack."""
    try:
        print("done:", attack(*arguments), flush=True)
    except (OSError, ValueError) as error:
        print("refused:", error, flush=True)
