// A right answer in C: a chain of two waits per argument, in a thread of its own.
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

static void part(const char *call, const char *result, int seconds) {
    printf("%s sleeping for %d seconds.\n", call, seconds);
    sleep(seconds);
    printf("Returning %s == %s.\n", call, result);
}

static void *chain(void *number) {
    double begin = now();
    int n = *(int *)number;
    char call[80], first[40], second[80];
    snprintf(call, sizeof call, "part1(%d)", n);
    snprintf(first, sizeof first, "result%d-1", n);
    part(call, first, n % 3);
    snprintf(call, sizeof call, "part2(%d, '%s')", n, first);
    snprintf(second, sizeof second, "result%d-2 derived from %s", n, first);
    part(call, second, 1 + n % 2);
    printf("-->Chained result%d => %s (took %.2f seconds).\n", n, second, now() - begin);
    return NULL;
}

int main(int argc, char **argv) {
    int numbers[10] = {1, 2, 3}, count = argc > 1 ? argc - 1 : 3;
    for (int i = 1; i < argc; i++) {
        char *end;
        numbers[i - 1] = strtol(argv[i], &end, 10);
        if (*end) return 1;
    }
    double begin = now();
    pthread_t threads[10];
    for (int i = 0; i < count; i++) pthread_create(&threads[i], NULL, chain, &numbers[i]);
    for (int i = 0; i < count; i++) pthread_join(threads[i], NULL);
    printf("Program finished in %.2f seconds.\n", now() - begin);
}
