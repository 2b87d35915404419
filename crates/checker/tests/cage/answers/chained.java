// A right answer in Java: a chain of two waits per argument, in a thread of its own.
import java.util.stream.Stream;

class Chained {
    static String part(String call, String result, int seconds) {
        System.out.println(call + " sleeping for " + seconds + " seconds.");
        try {
            Thread.sleep(1000 * seconds);
        } catch (InterruptedException error) {
            throw new RuntimeException(error);
        }
        System.out.println("Returning " + call + " == " + result + ".");
        return result;
    }

    static void chain(int n) {
        long begin = System.nanoTime();
        String first = part("part1(" + n + ")", "result" + n + "-1", n % 3);
        String result = "result" + n + "-2 derived from " + first;
        String second = part("part2(" + n + ", '" + first + "')", result, 1 + n % 2);
        double took = (System.nanoTime() - begin) / 1e9;
        System.out.printf("-->Chained result%d => %s (took %.2f seconds).%n", n, second, took);
    }

    public static void main(String[] arguments) throws InterruptedException {
        var words = arguments.length > 0 ? Stream.of(arguments) : Stream.of("1", "2", "3");
        var numbers = words.map(Integer::parseInt).toList();
        long begin = System.nanoTime();
        var threads = numbers.stream().map(n -> new Thread(() -> chain(n))).toList();
        threads.forEach(Thread::start);
        for (var thread : threads) thread.join();
        System.out.printf("Program finished in %.2f seconds.%n", (System.nanoTime() - begin) / 1e9);
    }
}
