// A right answer in JavaScript: a chain of two promises per argument.
const { setTimeout: sleep } = require("node:timers/promises");

const seconds = (begin) => ((performance.now() - begin) / 1000).toFixed(2);

async function part(call, result, wait) {
    console.log(`${call} sleeping for ${wait} seconds.`);
    await sleep(1000 * wait);
    console.log(`Returning ${call} == ${result}.`);
    return result;
}

async function chain(n) {
    const begin = performance.now();
    const first = await part(`part1(${n})`, `result${n}-1`, n % 3);
    const result = `result${n}-2 derived from ${first}`;
    const second = await part(`part2(${n}, '${first}')`, result, 1 + (n % 2));
    console.log(`-->Chained result${n} => ${second} (took ${seconds(begin)} seconds).`);
}

async function main(words) {
    const numbers = words.length > 0 ? words.map(Number) : [1, 2, 3];
    if (numbers.some(Number.isNaN)) process.exit(1);
    const begin = performance.now();
    await Promise.all(numbers.map(chain));
    console.log(`Program finished in ${seconds(begin)} seconds.`);
}

main(process.argv.slice(2));
