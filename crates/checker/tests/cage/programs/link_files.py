"""Makes a hard link to a file of somebody else in its temporary folder, and writes through that."""

import os
from hostile import attempt, targets


def write_through_link(path):
    link = os.path.join(os.environ["TMPDIR"], "link")
    os.link(path, link)
    with open(link, "a") as file:
        return file.write("hostile")


for path in targets():
    attempt(write_through_link, path)
