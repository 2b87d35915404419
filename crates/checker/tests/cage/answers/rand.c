// A right answer in C: three threads, each at its own pace.
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

static const int DRAWS[3][3] = {{4, 10}, {4, 7, 9}, {0, 8}}, COLORS[3] = {36, 91, 35};
static int results[3];

static void *makerandom(void *result) {
    int index = (int *)result - results, color = COLORS[index];
    printf("\033[%dmInitiated makerandom(%d).\n", color, index);
    const int *number = DRAWS[index];
    for (; *number <= 9 - index; number++) {
        printf("\033[%dmmakerandom(%d) == %d too low; retrying.\n", color, index, *number);
        sleep(index + 1);
    }
    printf("\033[%dm---> Finished: makerandom(%d) == %d\033[0m\n", color, index, *number);
    results[index] = *number;
    return NULL;
}

int main(void) {
    pthread_t threads[3];
    for (int i = 0; i < 3; i++) pthread_create(&threads[i], NULL, makerandom, &results[i]);
    for (int i = 0; i < 3; i++) pthread_join(threads[i], NULL);
    printf("\nr1: %d, r2: %d, r3: %d\n", results[0], results[1], results[2]);
}
