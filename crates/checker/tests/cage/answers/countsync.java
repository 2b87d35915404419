// A right answer in Java: three counts, three seconds.
class Countsync {
    public static void main(String[] arguments) throws InterruptedException {
        long begin = System.nanoTime();
        for (int i = 0; i < 3; i++) {
            System.out.println("One");
            Thread.sleep(1000);
            System.out.println("Two");
        }
        double seconds = (System.nanoTime() - begin) / 1e9;
        System.out.printf("countsync executed in %.2f seconds.%n", seconds);
    }
}
