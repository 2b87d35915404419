// A right answer in JavaScript: three promises, each at its own pace.
const { setTimeout: sleep } = require("node:timers/promises");

const DRAWS = [[4, 10], [4, 7, 9], [0, 8]];
const COLORS = [36, 91, 35];

async function makerandom(index) {
    const say = (text) => console.log(`\x1b[${COLORS[index]}m${text}`);
    say(`Initiated makerandom(${index}).`);
    for (const number of DRAWS[index]) {
        if (number > 9 - index) {
            say(`---> Finished: makerandom(${index}) == ${number}\x1b[0m`);
            return number;
        }
        say(`makerandom(${index}) == ${number} too low; retrying.`);
        await sleep(1000 * (index + 1));
    }
}

async function main() {
    const [first, second, third] = await Promise.all([0, 1, 2].map(makerandom));
    console.log(`\nr1: ${first}, r2: ${second}, r3: ${third}`);
}

main();
