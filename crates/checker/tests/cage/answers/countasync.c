// A right answer in C: three threads, one second.
#include <pthread.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static void *count(void *unused) {
    puts("One");
    sleep(1);
    puts("Two");
    return unused;
}

int main(void) {
    struct timespec begin, end;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    pthread_t threads[3];
    for (int i = 0; i < 3; i++) pthread_create(&threads[i], NULL, count, NULL);
    for (int i = 0; i < 3; i++) pthread_join(threads[i], NULL);
    clock_gettime(CLOCK_MONOTONIC, &end);
    double seconds = (end.tv_sec - begin.tv_sec) + (end.tv_nsec - begin.tv_nsec) / 1e9;
    printf("countasync executed in %.2f seconds.\n", seconds);
}
