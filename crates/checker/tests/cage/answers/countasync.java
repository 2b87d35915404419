// A right answer in Java: three threads, one second.
import java.util.stream.IntStream;

class Countasync {
    static void count() {
        System.out.println("One");
        try {
            Thread.sleep(1000);
        } catch (InterruptedException error) {
            throw new RuntimeException(error);
        }
        System.out.println("Two");
    }

    public static void main(String[] arguments) throws InterruptedException {
        long begin = System.nanoTime();
        var threads = IntStream.range(0, 3).mapToObj(i -> new Thread(Countasync::count)).toList();
        threads.forEach(Thread::start);
        for (var thread : threads) thread.join();
        double seconds = (System.nanoTime() - begin) / 1e9;
        System.out.printf("countasync executed in %.2f seconds.%n", seconds);
    }
}
