// What hostile programs share: they know what to attack, and say how it went.

#define _GNU_SOURCE
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// What to attack: a line, counted from 0, of a file beside the program.
static const char *target(int number) {
    static char path[PATH_MAX], line[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
    path[length < 0 ? 0 : length] = 0;
    char *folder = dirname(path);
    strcat(folder, "/targets");
    FILE *file = fopen(folder, "r");
    if (!file) exit(1);
    for (int i = 0; i <= number; i++)
        if (!fgets(line, sizeof line, file)) exit(1);
    fclose(file);
    line[strcspn(line, "\n")] = 0;
    return line;
}

static int refused(const char *what, int error) {
    printf("refused: %s: %s\n", what, strerror(error));
    return 0;
}

static int done(const char *what) {
    printf("done: %s\n", what);
    return 0;
}
