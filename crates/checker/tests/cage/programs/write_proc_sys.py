"""Changes a setting of the whole machine."""

from hostile import attempt, targets


def change(setting, value):
    with open(setting, "w") as file:
        return file.write(value)


attempt(change, *targets())
