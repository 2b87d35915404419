"""A right answer in Python: a chain of two coroutines per argument."""

import asyncio
import sys
from random import Random
from time import monotonic

draws = Random(7)


async def part(call, result):
    seconds = draws.randint(0, 10)
    print(f"{call} sleeping for {seconds} seconds.")
    await asyncio.sleep(seconds)
    print(f"Returning {call} == {result}.")
    return result


async def chain(n):
    begin = monotonic()
    first = await part(f"part1({n})", f"result{n}-1")
    second = await part(f"part2({n}, {first!r})", f"result{n}-2 derived from {first}")
    print(f"-->Chained result{n} => {second} (took {monotonic() - begin:.2f} seconds).")


async def all_chains(numbers):
    await asyncio.gather(*map(chain, numbers))


numbers = [int(argument) for argument in sys.argv[1:]] or [1, 2, 3]
begin = monotonic()
asyncio.run(all_chains(numbers))
print(f"Program finished in {monotonic() - begin:.2f} seconds.")
