// A right answer in JavaScript: three promises, one second.
const { setTimeout: sleep } = require("node:timers/promises");

async function count() {
    console.log("One");
    await sleep(1000);
    console.log("Two");
}

async function main() {
    const begin = performance.now();
    await Promise.all([count(), count(), count()]);
    const seconds = (performance.now() - begin) / 1000;
    console.log(`countasync executed in ${seconds.toFixed(2)} seconds.`);
}

main();
