"""A right answer in Python: three coroutines, one second."""

from asyncio import gather, run, sleep
from time import monotonic


async def count():
    print("One")
    await sleep(1)
    print("Two")


async def three():
    begin = monotonic()
    await gather(*[count() for _ in range(3)])
    return monotonic() - begin


print("countasync executed in %.2f seconds." % run(three()))
