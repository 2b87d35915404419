// A right answer in C: three counts, three seconds.
#include <stdio.h>
#include <time.h>
#include <unistd.h>

int main(void) {
    struct timespec begin, end;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    for (int i = 0; i < 3; i++) {
        puts("One");
        sleep(1);
        puts("Two");
    }
    clock_gettime(CLOCK_MONOTONIC, &end);
    double seconds = (end.tv_sec - begin.tv_sec) + (end.tv_nsec - begin.tv_nsec) / 1e9;
    printf("countsync executed in %.2f seconds.\n", seconds);
}
