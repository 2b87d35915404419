"""A right answer in Python: three counts, three seconds."""

from time import monotonic, sleep

begin = monotonic()
for _ in range(3):
    print("One")
    sleep(1)
    print("Two")
print("countsync executed in %.2f seconds." % (monotonic() - begin))
