"""A right answer in Python: three coroutines, each at its own pace."""

import asyncio
from random import Random

draws = Random(2024)
COLORS = {0: 32, 1: 33, 2: 34}


async def makerandom(index):
    def say(text, end=""):
        print(f"\x1b[{COLORS[index]}m{text}{end}")

    say(f"Initiated makerandom({index}).")
    while (number := draws.randint(0, 10)) <= 9 - index:
        say(f"makerandom({index}) == {number} too low; retrying.")
        await asyncio.sleep(index + 1)
    say(f"---> Finished: makerandom({index}) == {number}", end="\x1b[0m")
    return number


async def all_three():
    return await asyncio.gather(*map(makerandom, range(3)))


results = asyncio.run(all_three())
print()
print(", ".join(f"r{place}: {number}" for place, number in enumerate(results, 1)))
