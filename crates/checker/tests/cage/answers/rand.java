// A right answer in Java: three threads, each at its own pace.
import java.util.stream.IntStream;

class Rand {
    static final int[][] DRAWS = {{4, 10}, {4, 7, 9}, {0, 8}};
    static final int[] COLORS = {36, 91, 35};
    static final int[] results = new int[3];

    static void makerandom(int index) {
        int color = COLORS[index];
        System.out.println("\033[" + color + "mInitiated makerandom(" + index + ").");
        for (int number : DRAWS[index]) {
            String call = "makerandom(" + index + ") == " + number;
            if (number > 9 - index) {
                System.out.println("\033[" + color + "m---> Finished: " + call + "\033[0m");
                results[index] = number;
                return;
            }
            System.out.println("\033[" + color + "m" + call + " too low; retrying.");
            try {
                Thread.sleep(1000 * (index + 1));
            } catch (InterruptedException error) {
                throw new RuntimeException(error);
            }
        }
    }

    public static void main(String[] arguments) throws InterruptedException {
        var indices = IntStream.range(0, 3);
        var threads = indices.mapToObj(index -> new Thread(() -> makerandom(index))).toList();
        threads.forEach(Thread::start);
        for (var thread : threads) thread.join();
        System.out.println("\nr1: " + results[0] + ", r2: " + results[1] + ", r3: " + results[2]);
    }
}
