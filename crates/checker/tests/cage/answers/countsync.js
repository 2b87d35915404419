// A right answer in JavaScript: three counts, three seconds.
const nobody = new Int32Array(new SharedArrayBuffer(4));
const sleep = (milliseconds) => Atomics.wait(nobody, 0, 0, milliseconds);

const begin = performance.now();
for (let i = 0; i < 3; i++) {
    console.log("One");
    sleep(1000);
    console.log("Two");
}
const seconds = (performance.now() - begin) / 1000;
console.log(`countsync executed in ${seconds.toFixed(2)} seconds.`);
